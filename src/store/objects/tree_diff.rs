//! The paths that differ between two trees. The cost follows the differences: trees with the same id are never read, and
//! what a push can repeat without end is bounded.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository, Tree};

use crate::store::error::StoreError;

/// The deepest folder of a registry, from the registry's folder: `models/SHARD/NAME/stages/STAGE`.
const DEPTH: usize = 5;

/// The maximum of paths. A push that repeats a tree a million times costs as much as this many files.
const MOST: usize = 200_000;

/// An entry of a tree: its mode and its object.
type RawEntry = (i32, Oid);

/// The entries of one name in two trees.
type Sides = (Option<RawEntry>, Option<RawEntry>);

/// The differing paths of two trees, sorted. A folder below [`DEPTH`], or one that only one side has as a folder, is one
/// path if it is too deep for a registry.
pub(in crate::store) fn differing(
    git: &Repository,
    was: Option<Oid>,
    is: Option<Oid>,
) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    below(git, (was, is), "", 0, &mut found)?;
    found.sort();
    Ok(found)
}

/// The differing entries of two trees by name, without their contents.
pub(in crate::store) fn differing_entries(
    git: &Repository,
    was: Option<Oid>,
    is: Option<Oid>,
) -> Result<BTreeMap<String, Sides>, StoreError> {
    let (mut sides, tree) = (BTreeMap::<String, Sides>::new(), |id| read(git, id));
    let (was, is) = (was.map(tree).transpose()?, is.map(tree).transpose()?);
    let name = |entry: &git2::TreeEntry<'_>| String::from_utf8_lossy(entry.name_bytes()).into_owned();
    for entry in was.iter().flat_map(Tree::iter) {
        sides.entry(name(&entry)).or_default().0 = Some((entry.filemode(), entry.id()));
    }
    for entry in is.iter().flat_map(Tree::iter) {
        sides.entry(name(&entry)).or_default().1 = Some((entry.filemode(), entry.id()));
    }
    sides.retain(|_, (was, is)| was != is);
    Ok(sides)
}

fn below(
    git: &Repository,
    (was, is): (Option<Oid>, Option<Oid>),
    at: &str,
    depth: usize,
    found: &mut Vec<String>,
) -> Result<(), StoreError> {
    for (name, (was, is)) in differing_entries(git, was, is)? {
        let path = format!("{at}{name}");
        // A name that is not UTF-8 would be written as another name.
        if name.contains(char::REPLACEMENT_CHARACTER) {
            return Err(StoreError::NotPlain(path));
        }
        let folder = |side: Option<RawEntry>| side.filter(|(mode, _)| *mode == FOLDER_MODE).map(|(_, id)| id);
        let (old, new) = (folder(was), folder(is));
        if depth >= DEPTH || old.is_none() && new.is_none() {
            found.push(path);
        } else {
            // A file in the place of a folder is a path of its own.
            let is_file = |side: Option<RawEntry>, folder: Option<Oid>| side.is_some() && folder.is_none();
            if is_file(was, old) || is_file(is, new) {
                found.push(path.clone());
            }
            below(git, (old, new), &format!("{path}/"), depth + 1, found)?;
        }
        if found.len() > MOST {
            return Err(StoreError::TooManyPaths(MOST));
        }
    }
    Ok(())
}

/// Git's mode of a folder.
pub(in crate::store) const FOLDER_MODE: i32 = 0o040_000;

fn read(git: &Repository, id: Oid) -> Result<Tree<'_>, StoreError> {
    let object = git.find_object(id, Some(ObjectType::Tree)).map_err(|e| StoreError::object(id, &e))?;
    object.into_tree().map_err(|_| StoreError::Corrupt(format!("object {id} is not a tree")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
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
        let git = Repository::open(clone.dir()).unwrap();
        let found = differing(&git, tree(&clone, "before"), tree(&clone, "HEAD")).unwrap();
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
        let refused = differing(&git, tree(&clone, "HEAD"), Some(bomb)).unwrap_err();
        assert!(matches!(refused, StoreError::TooManyPaths(_)), "{refused}");
    }
}
