//! Parsing git's tree objects.

use std::collections::{BTreeMap, VecDeque};
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
    /// All bytes of the entry.
    bytes: &'a [u8],
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
    let (bytes, rest) = tree.split_at(end + 21);
    Some((Row { mode: &tree[..space], name: &tree[space + 1..end], id, bytes }, rest))
}

/// The entry of this name; the first one if a damaged tree has several.
pub(in crate::store) fn find<'t>(tree: &'t [u8], name: &[u8]) -> Result<Option<Row<'t>>, StoreError> {
    rows(tree).find(|row| row.as_ref().map_or(true, |row| row.name == name)).transpose()
}

/// Changes of a tree by name: the bytes of the new [`entry`], or none for a removed one.
pub(in crate::store) type Changes<'a> = BTreeMap<&'a [u8], Option<Vec<u8>>>;

/// A tree with changed entries. All other entries are copied as they are, because a tree of thousands of entries takes
/// milliseconds to sort again.
pub(in crate::store) fn changed(tree: &[u8], changes: &Changes<'_>) -> Result<Vec<u8>, StoreError> {
    let mut new: Vec<Row<'_>> = changes.values().flatten().filter_map(|entry| row(entry)).map(|(row, _)| row).collect();
    new.sort_by(|a, b| a.key().cmp(b.key()));
    let mut new = new.into_iter().peekable();
    let added: usize = changes.values().flatten().map(Vec::len).sum();
    let mut written = Vec::with_capacity(tree.len() + added);
    for row in rows(tree) {
        let row = row?;
        while let Some(before) = new.next_if(|new| new.key().lt(row.key())) {
            written.extend_from_slice(before.bytes);
        }
        if !changes.contains_key(row.name) {
            written.extend_from_slice(row.bytes);
        }
    }
    new.for_each(|row| written.extend_from_slice(row.bytes));
    Ok(written)
}

/// The bytes of an entry.
pub(in crate::store) fn entry(mode: &[u8], name: &[u8], id: Oid) -> Vec<u8> {
    [mode, b" ", name, b"\0", id.as_bytes()].concat()
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
    fn a_changed_tree_is_sorted_as_git_sorts_it() {
        let of =
            |name: &str, mode: &[u8], byte: u8| entry(mode, name.as_bytes(), Oid::from_bytes(&[byte; 20]).unwrap());
        let tree = [of("a", FILE, 1), of("a.b", FILE, 2), of("c", FOLDER, 3), of("e", FILE, 4)].concat();
        let change = |name: &str, new: Option<(&[u8], u8)>| {
            let new = new.map(|(mode, byte)| of(name, mode, byte));
            let changed = changed(&tree, &Changes::from([(name.as_bytes(), new)])).unwrap();
            let shown = |row: Row<'_>| (String::from_utf8_lossy(row.name).into_owned(), row.id[0]);
            rows(&changed).map(|row| shown(row.unwrap())).collect::<Vec<_>>()
        };
        let expect = |rows: &[(&str, u8)]| rows.iter().map(|(name, id)| ((*name).to_owned(), *id)).collect::<Vec<_>>();
        assert_eq!(change("b", Some((FILE, 9))), expect(&[("a", 1), ("a.b", 2), ("b", 9), ("c", 3), ("e", 4)]));
        assert_eq!(change("c", Some((FOLDER, 9))), expect(&[("a", 1), ("a.b", 2), ("c", 9), ("e", 4)]));
        assert_eq!(change("f", Some((FILE, 9))), expect(&[("a", 1), ("a.b", 2), ("c", 3), ("e", 4), ("f", 9)]));
        assert_eq!(change("e", None), expect(&[("a", 1), ("a.b", 2), ("c", 3)]));
        assert_eq!(change("x", None), expect(&[("a", 1), ("a.b", 2), ("c", 3), ("e", 4)]));
        // A folder sorts as if its name ended with a slash, so `a` moves when it becomes one.
        assert_eq!(change("a", Some((FOLDER, 9))), expect(&[("a.b", 2), ("a", 9), ("c", 3), ("e", 4)]));
    }

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
