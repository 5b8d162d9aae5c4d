//! What it would be to merge one commit into another.

use std::collections::BTreeMap;

use git2::{ErrorCode, Oid};

use crate::model::{Content, Tree as _};
use crate::store::error::StoreError;
use crate::store::objects::git_tree::GitTree;
use crate::store::repository::store::Store;

/// What merging a commit into another would write.
#[derive(Debug, Default)]
pub struct Merge {
    /// New content by path in the registry's folder, or none where the file goes.
    pub edits: BTreeMap<String, Option<Vec<u8>>>,
    /// Paths that both sides have changed, each in its own way.
    pub conflicts: Vec<String>,
    /// Changed paths outside of the registry's folder.
    pub elsewhere: Vec<String>,
}

impl Store {
    /// The newest commit that both have; none where they have none in common.
    pub fn merge_base(&self, one: Oid, other: Oid) -> Result<Option<Oid>, StoreError> {
        match self.git()?.merge_base(one, other) {
            Ok(base) => Ok(Some(base)),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(StoreError::git("looking for a common commit", e)),
        }
    }

    /// What merging `theirs` into `ours` would write, path by path: what only they have changed since `base` is taken over
    /// whole. Two texts of one file are never mixed.
    pub fn merge(&self, base: Oid, ours: Oid, theirs: Oid) -> Result<Merge, StoreError> {
        let git = self.git()?;
        let failed = |e| StoreError::git("comparing two commits", e);
        let tree = |id: Oid| git.find_commit(id).and_then(|c| c.tree()).map_err(|e| StoreError::object(id, &e));
        let mut options = git2::DiffOptions::new();
        options.skip_binary_check(true).ignore_submodules(false);
        let diff =
            git.diff_tree_to_tree(Some(&tree(base)?), Some(&tree(theirs)?), Some(&mut options)).map_err(failed)?;
        let prefix = self.prefix();
        let (was, is, wanted) = (self.whole_tree(base)?, self.whole_tree(ours)?, self.whole_tree(theirs)?);
        let corrupt = |e: anyhow::Error| StoreError::Corrupt(e.to_string());
        let mut merge = Merge::default();
        for delta in diff.deltas() {
            let path = delta.new_file().path().or(delta.old_file().path());
            let path = path.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
            let Some(inside) = path.strip_prefix(&prefix) else {
                merge.elsewhere.push(path);
                continue;
            };
            let at = |tree: &GitTree<'_>| {
                tree.find(&path).map(|entry| entry.map(|entry| (entry.kind, entry.id))).map_err(corrupt)
            };
            let (before, ours, theirs) = (at(&was)?, at(&is)?, at(&wanted)?);
            if ours == theirs {
                continue;
            }
            if ours != before {
                merge.conflicts.push(inside.to_owned());
                continue;
            }
            let content = match wanted.find(&path).map_err(corrupt)? {
                None => None,
                Some(entry) => match wanted.read(&entry).map_err(corrupt)? {
                    Content::Bytes(bytes) if entry.kind == crate::model::EntryKind::File => Some(bytes),
                    _ => return Err(StoreError::Corrupt(format!("`{inside}` is no plain file of a registry's size"))),
                },
            };
            merge.edits.insert(inside.to_owned(), content);
        }
        Ok(merge)
    }
}
