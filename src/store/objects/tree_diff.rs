//! The paths that differ between two trees. The cost follows the differences: trees with the same id are never read, and
//! what a push can repeat without end is bounded.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use git2::Oid;

use super::git_tree::Handles;
use super::trees::{Row, rows};
use crate::store::error::StoreError;

/// The deepest folder of a registry, from the registry's folder: `models/SHARD/NAME/stages/STAGE`.
const DEPTH: usize = 5;

/// The maximum of paths. A push that repeats a tree a million times costs as much as this many files.
const MOST: usize = 200_000;

/// An entry of one of the trees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Side {
    is_folder: bool,
    id: Oid,
}

impl Side {
    /// The object, if the entry is a folder.
    pub(in crate::store) fn folder(self) -> Option<Oid> {
        self.is_folder.then_some(self.id)
    }
}

/// The entries of one name in two trees.
pub(in crate::store) type Sides = (Option<Side>, Option<Side>);

/// The differing paths of two trees, sorted. A folder below [`DEPTH`] is one path.
pub(in crate::store) fn differing(
    handles: &Handles,
    was: Option<Oid>,
    is: Option<Oid>,
) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    below(handles, (was, is), "", 0, &mut found)?;
    found.sort();
    Ok(found)
}

/// The differing entries of two trees by name, without their contents. Entries that are the same cost a comparison.
pub(in crate::store) fn differing_entries(
    handles: &Handles,
    was: Option<Oid>,
    is: Option<Oid>,
) -> Result<BTreeMap<String, Sides>, StoreError> {
    let read = |id: Option<Oid>| id.map(|id| handles.tree(id)).transpose();
    let (was, is) = (read(was)?, read(is)?);
    let (was, is) = (rows(was.as_deref().unwrap_or_default()), rows(is.as_deref().unwrap_or_default()));
    let (was, is) = (was.collect::<Result<Vec<_>, _>>()?, is.collect::<Result<Vec<_>, _>>()?);
    let (mut was, mut is) = (was.iter().peekable(), is.iter().peekable());
    let mut sides = BTreeMap::<String, Sides>::new();
    let side = |row: &Row<'_>| -> Result<(String, Side), StoreError> {
        let name = String::from_utf8_lossy(row.name).into_owned();
        Ok((name, Side { is_folder: row.is_folder(), id: row.oid()? }))
    };
    loop {
        let order = match (was.peek(), is.peek()) {
            (None, None) => return Ok(sides),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.key().cmp(new.key()),
        };
        let (old, new) = (was.next_if(|_| order.is_le()), is.next_if(|_| order.is_ge()));
        if let (Some(old), Some(new)) = (old, new)
            && (old.mode, old.id) == (new.mode, new.id)
        {
            continue;
        }
        // A file and a folder of one name are apart in git's order.
        for (row, of_base) in [(old, true), (new, false)] {
            let Some(row) = row else { continue };
            let (name, found) = side(row)?;
            let entry = sides.entry(name).or_default();
            if of_base { entry.0 = Some(found) } else { entry.1 = Some(found) }
        }
    }
}

fn below(
    handles: &Handles,
    (was, is): (Option<Oid>, Option<Oid>),
    at: &str,
    depth: usize,
    found: &mut Vec<String>,
) -> Result<(), StoreError> {
    for (name, (was, is)) in differing_entries(handles, was, is)? {
        let path = format!("{at}{name}");
        // A name that is not UTF-8 would be written as another name.
        if name.contains(char::REPLACEMENT_CHARACTER) {
            return Err(StoreError::NotPlain(path));
        }
        let (old, new) = (was.and_then(Side::folder), is.and_then(Side::folder));
        if depth >= DEPTH || old.is_none() && new.is_none() {
            found.push(path);
        } else {
            // A file in the place of a folder is a path of its own.
            if was.is_some_and(|side| !side.is_folder) || is.is_some_and(|side| !side.is_folder) {
                found.push(path.clone());
            }
            below(handles, (old, new), &format!("{path}/"), depth + 1, found)?;
        }
        if found.len() > MOST {
            return Err(StoreError::TooManyPaths(MOST));
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use git2::Repository;

    use super::*;
    use crate::store::repository::store::Store;
    use crate::store::test_clone::Clone;

    fn tree(clone: &Clone, revision: &str) -> Option<Oid> {
        Some(Oid::from_str(clone.git(&["rev-parse", &format!("{revision}^{{tree}}")]).trim()).unwrap())
    }

    #[test]
    fn the_paths_are_those_that_git_lists() {
        let clone = Clone::with(&[("a/b/c", "1"), ("a/d", "1"), ("e", "1"), ("same/x", "1")]);
        clone.git(&["branch", "before"]);
        clone.git(&["rm", "-q", "-r", "a/b"]);
        std::fs::write(clone.path("a/b"), "a file now").unwrap();
        std::fs::create_dir(clone.path("new")).unwrap();
        std::fs::write(clone.path("new/y"), "1").unwrap();
        clone.git(&["add", "-A"]);
        clone.git(&["commit", "-qm", "after"]);
        let store = Store::in_folder(&clone.dir(), "").unwrap();
        let found = differing(&store.handles, tree(&clone, "before"), tree(&clone, "HEAD")).unwrap();
        assert_eq!(found, ["a/b", "a/b/c", "new/y"]);
        let listed = clone.git(&["diff", "--name-only", "--no-renames", "before", "HEAD"]);
        assert_eq!(listed.split_whitespace().collect::<Vec<_>>(), found);
    }

    #[test]
    fn safety_22_trees_that_repeat_trees_are_bounded() {
        let clone = Clone::with(&[("e", "1")]);
        let git = Repository::open(clone.dir()).unwrap();
        let blob = git.blob(b"x").unwrap();
        let tree_of = |id: Oid, mode: i32| {
            let mut builder = git.treebuilder(None).unwrap();
            (0..10).for_each(|n| drop(builder.insert(format!("n{n}"), id, mode).unwrap()));
            builder.write().unwrap()
        };
        let mut bomb = tree_of(blob, 0o100_644);
        for _ in 0..9 {
            bomb = tree_of(bomb, 0o040_000);
        }
        let store = Store::in_folder(&clone.dir(), "").unwrap();
        let refused = differing(&store.handles, tree(&clone, "HEAD"), Some(bomb)).unwrap_err();
        assert!(matches!(refused, StoreError::TooManyPaths(_)), "{refused}");
    }
}
