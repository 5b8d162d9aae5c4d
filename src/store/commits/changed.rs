//! The paths that a change touches, inside and outside of the registry's folder.

use git2::{Oid, Repository};

use crate::model::Tree as _;
use crate::store::error::StoreError;
use crate::store::objects::tree_diff::{Side, differing, differing_entries};
use crate::store::repository::store::Store;

impl Store {
    /// The entries outside of the registry's folder that differ between two commits: a folder that differs is one entry,
    /// and its content is never read.
    pub fn changed_elsewhere(&self, base: Oid, head: Oid) -> Result<Vec<String>, StoreError> {
        let mut changed = Vec::new();
        if self.folder.is_empty() {
            return Ok(changed);
        }
        let git = self.git()?;
        let (mut was, mut is) = (Some(root(git, base)?), Some(root(git, head)?));
        let mut at = String::new();
        for part in self.folder.split('/') {
            let entries = differing_entries(&self.handles, was, is)?;
            let own = entries.get(part).copied();
            changed.extend(entries.into_keys().filter(|name| name != part).map(|name| format!("{at}{name}")));
            let Some((old, new)) = own else { break };
            (was, is) = (old.and_then(Side::folder), new.and_then(Side::folder));
            at.push_str(&format!("{part}/"));
        }
        Ok(changed)
    }

    /// The paths of the registry's folder that differ between two commits.
    pub(in crate::store) fn changed_inside(&self, base: Oid, head: Oid) -> Result<Vec<String>, StoreError> {
        let tree = |commit| -> Result<Option<Oid>, StoreError> {
            let top = self.tree(Some(commit))?.find("").map_err(|e| StoreError::Corrupt(e.to_string()))?;
            Ok(top.and_then(|top| Oid::from_bytes(&top.id?).ok()))
        };
        differing(&self.handles, tree(base)?, tree(head)?)
    }
}

/// The id of a commit's tree.
fn root(git: &Repository, commit: Oid) -> Result<Oid, StoreError> {
    Ok(git.find_commit(commit).map_err(|e| StoreError::object(commit, &e))?.tree_id())
}
