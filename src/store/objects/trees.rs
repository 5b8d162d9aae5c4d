//! Parsing git's tree objects.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use git2::Oid;

use crate::store::error::StoreError;

/// The modes of a plain file and of a folder in a tree.
pub(in crate::store) const FILE: &[u8] = b"100644";
pub(in crate::store) const FOLDER: &[u8] = b"40000";

/// An entry of a tree.
#[derive(Clone, Copy)]
pub(in crate::store) struct Row<'a> {
    pub(in crate::store) mode: &'a [u8],
    pub(in crate::store) name: &'a [u8],
    pub(in crate::store) id: &'a [u8],
}

impl Row<'_> {
    pub(in crate::store) fn is_folder(&self) -> bool {
        self.mode == FOLDER
    }

    /// Git's sort key: a folder sorts as if its name ended with a slash.
    pub(in crate::store) fn key(&self) -> impl Iterator<Item = u8> {
        self.name.iter().copied().chain(self.is_folder().then_some(b'/'))
    }

    pub(in crate::store) fn oid(&self) -> Result<Oid, StoreError> {
        Oid::from_bytes(self.id).map_err(|e| StoreError::git("reading a tree", e))
    }
}

/// The entries of a tree: mode, space, name, NUL and twenty bytes of id, one after the other. The last is an error
/// where the tree is cut off.
pub(in crate::store) fn rows(tree: &[u8]) -> impl Iterator<Item = Result<Row<'_>, StoreError>> {
    let mut rest = tree;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let row = row(rest);
        rest = row.map_or(&[], |(_, rest)| rest);
        Some(row.map(|(row, _)| row).ok_or_else(|| StoreError::Corrupt("a tree object is truncated".into())))
    })
}

fn row(tree: &[u8]) -> Option<(Row<'_>, &[u8])> {
    let space = tree.iter().position(|&b| b == b' ')?;
    let end = space + tree[space..].iter().position(|&b| b == 0)?;
    let id = tree.get(end + 1..end + 21)?;
    Some((Row { mode: &tree[..space], name: &tree[space + 1..end], id }, &tree[end + 21..]))
}

/// The entry of this name; the first one if a damaged tree has several.
pub(in crate::store) fn find<'t>(tree: &'t [u8], name: &[u8]) -> Result<Option<Row<'t>>, StoreError> {
    rows(tree).find(|row| row.as_ref().map_or(true, |row| row.name == name)).transpose()
}

/// A cache of the last large trees. One command reads the folder of all models a dozen times, and libgit2 caches no
/// trees larger than [`SMALL`].
#[derive(Default)]
pub(in crate::store) struct Lately(Mutex<VecDeque<(Oid, Arc<[u8]>)>>);

/// The maximum size that libgit2 caches itself, in bytes.
const SMALL: usize = 4_096;
const KEPT: usize = 4;

impl Lately {
    pub(in crate::store) fn get(&self, id: Oid) -> Option<Arc<[u8]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(other, _)| *other == id).map(|(_, tree)| Arc::clone(tree))
    }

    pub(in crate::store) fn keep(&self, id: Oid, tree: &Arc<[u8]>) {
        if tree.len() > SMALL {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.truncate(KEPT - 1);
            kept.push_front((id, Arc::clone(tree)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_one_by_one_and_a_cut_is_told() {
        let tree = [&b"100644 a.toml\0"[..], &[7; 20], b"40000 b\0", &[8; 20]].concat();
        let names: Vec<Vec<u8>> = rows(&tree).map(|row| row.unwrap().name.to_vec()).collect();
        assert_eq!(names, [b"a.toml".to_vec(), b"b".to_vec()]);
        assert!(find(&tree, b"b").unwrap().is_some_and(|row| row.is_folder() && row.id == [8; 20]));
        assert!(find(&tree, b"c").unwrap().is_none());
        for length in 1..tree.len() {
            let cut = rows(&tree[..length]).any(|row| row.is_err());
            assert_eq!(cut, length != 34, "{length}");
        }
    }
}
