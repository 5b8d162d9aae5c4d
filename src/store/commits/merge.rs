//! Planning the merge of one commit into another.

use std::collections::BTreeMap;

use git2::{ErrorCode, Oid};

use crate::model::{Content, Tree as _};
use crate::store::error::StoreError;
use crate::store::objects::git_tree::GitTree;
use crate::store::repository::store::Store;

/// The planned merge of one commit into another.
#[derive(Debug, Default)]
pub struct Merge {
    /// New content by path in the registry's folder; none for a removed file.
    pub edits: BTreeMap<String, Option<Vec<u8>>>,
    /// Paths that both sides changed differently.
    pub conflicts: Vec<String>,
    /// Changed paths outside of the registry's folder.
    pub elsewhere: Vec<String>,
}

impl Store {
    /// The merge base of two commits; none for unrelated histories.
    pub fn merge_base(&self, one: Oid, other: Oid) -> Result<Option<Oid>, StoreError> {
        match self.git()?.merge_base(one, other) {
            Ok(base) => Ok(Some(base)),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(StoreError::git("looking for a common commit", e)),
        }
    }

    /// Plans the merge of `theirs` into `ours`, file by file: files that only `theirs` changed since `base` are taken
    /// whole. Two versions of one file are never merged line by line.
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
                    _ => {
                        return Err(StoreError::Corrupt(format!(
                            "`{inside}` is not a plain file, or is too large for a registry"
                        )));
                    }
                },
            };
            merge.edits.insert(inside.to_owned(), content);
        }
        Ok(merge)
    }
}
