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
    /// Changed entries outside of the registry's folder.
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
        let (was, is, wanted) = (self.whole_tree(base)?, self.whole_tree(ours)?, self.whole_tree(theirs)?);
        let corrupt = |e: anyhow::Error| StoreError::Corrupt(e.to_string());
        let mut merge = Merge { elsewhere: self.changed_elsewhere(base, theirs)?, ..Merge::default() };
        let prefix = self.prefix();
        for inside in self.changed_inside(base, theirs)? {
            let path = format!("{prefix}{inside}");
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
                        return Err(StoreError::NotPlain(inside));
                    }
                },
            };
            merge.edits.insert(inside.to_owned(), content);
        }
        Ok(merge)
    }
}
