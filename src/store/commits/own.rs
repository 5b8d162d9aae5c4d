//! The commits that only this clone has, and what each changed.

use std::collections::BTreeMap;

use git2::{Oid, Repository, Sort};

use super::write::{Author, Person};
use crate::store::error::StoreError;
use crate::store::repository::store::Store;

/// The maximum of commits that are made again.
const BOUND: usize = 10_000;

/// A commit that only this clone has.
#[derive(Debug, Clone)]
pub struct OwnCommit {
    /// The commit.
    pub id: Oid,
    /// The first parent.
    pub parent: Oid,
    /// The second parent of a merge.
    pub merged: Option<Oid>,
    /// The whole message.
    pub message: String,
    /// The author, with the time of the authorship.
    pub author: Author,
}

/// A file, link or submodule in a tree: git's mode and the object. None for a path that does not exist.
pub type RawEntry = Option<(i32, Oid)>;

/// The changes of a commit outside of the registry's folder, made again on another commit.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// The new entries, by path from the repository's top.
    pub entries: BTreeMap<String, RawEntry>,
    /// The paths that both sides changed.
    pub conflicts: Vec<String>,
}

impl Store {
    /// The commits that are in `tip` and not in `published`, oldest first, along first parents.
    pub fn own_commits(&self, tip: Oid, published: Oid) -> Result<Vec<OwnCommit>, StoreError> {
        let walked = |e| StoreError::git("walking the history", e);
        let git = self.git()?;
        let mut walk = git.revwalk().map_err(walked)?;
        walk.simplify_first_parent().and_then(|()| walk.set_sorting(Sort::TOPOLOGICAL)).map_err(walked)?;
        walk.push(tip).and_then(|()| walk.hide(published)).map_err(walked)?;
        let mut ids = walk.take(BOUND + 1).collect::<Result<Vec<Oid>, _>>().map_err(walked)?;
        if ids.len() > BOUND {
            return Err(StoreError::Corrupt(format!("more than {BOUND} commits are only in this clone")));
        }
        ids.reverse();
        ids.into_iter().map(|id| own_commit(git, id)).collect()
    }

    /// Whether a merge has no change of its own: its files are what git makes of both parents.
    pub fn is_plain_merge(&self, own: &OwnCommit) -> Result<bool, StoreError> {
        let Some(merged) = own.merged else { return Ok(false) };
        let git = self.git()?;
        let failed = |e| StoreError::git("merging two commits", e);
        let commit = |id: Oid| git.find_commit(id).map_err(|e| StoreError::object(id, &e));
        let mut index = git.merge_commits(&commit(own.parent)?, &commit(merged)?, None).map_err(failed)?;
        if index.has_conflicts() {
            return Ok(false);
        }
        Ok(index.write_tree_to(git).map_err(failed)? == commit(own.id)?.tree_id())
    }

    /// The paths that differ between two commits, from the repository's top, each after a `/`.
    pub fn changed_paths(&self, from: Oid, to: Oid) -> Result<Vec<String>, StoreError> {
        let changes = raw_changes(self.git()?, from, to)?;
        Ok(changes.into_keys().map(|path| format!("/{path}")).collect())
    }

    /// What the change from `base` to `theirs` did outside of the registry's folder, on top of `ours`.
    pub fn elsewhere(&self, base: Oid, ours: Oid, theirs: Oid) -> Result<Elsewhere, StoreError> {
        let git = self.git()?;
        let prefix = self.prefix();
        let ours = root(git, ours)?;
        let mut elsewhere = Elsewhere::default();
        if prefix.is_empty() {
            return Ok(elsewhere);
        }
        let changes = raw_changes(git, base, theirs)?.into_iter();
        for (path, (before, after)) in changes.filter(|(path, _)| !path.starts_with(&prefix)) {
            // A name that is not UTF-8 would be written as another name.
            if path.contains(char::REPLACEMENT_CHARACTER) {
                return Err(StoreError::NotPlain(path));
            }
            let here = ours.get_path(path.as_ref()).ok().map(|entry| (entry.filemode(), entry.id()));
            match here {
                here if here == after => {}
                here if here == before => drop(elsewhere.entries.insert(path, after)),
                _ => elsewhere.conflicts.push(path),
            }
        }
        Ok(elsewhere)
    }
}

fn own_commit(git: &Repository, id: Oid) -> Result<OwnCommit, StoreError> {
    let commit = git.find_commit(id).map_err(|e| StoreError::object(id, &e))?;
    let first = || StoreError::Corrupt("this clone and the remote have no commit in common".into());
    let author = commit.author();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let person = Person { name: text(author.name_bytes()), email: text(author.email_bytes()) };
    Ok(OwnCommit {
        id,
        parent: commit.parent_id(0).map_err(|_| first())?,
        merged: commit.parent_id(1).ok(),
        message: text(commit.message_raw_bytes()),
        author: Author { person, seconds: author.when().seconds() },
    })
}

fn root(git: &Repository, commit: Oid) -> Result<git2::Tree<'_>, StoreError> {
    git.find_commit(commit).and_then(|commit| commit.tree()).map_err(|e| StoreError::object(commit, &e))
}

/// The entries that differ between two commits, before and after, by path.
fn raw_changes(git: &Repository, from: Oid, to: Oid) -> Result<BTreeMap<String, (RawEntry, RawEntry)>, StoreError> {
    let failed = |e| StoreError::git("comparing two commits", e);
    let mut options = git2::DiffOptions::new();
    options.skip_binary_check(true).ignore_submodules(false).include_typechange(true);
    let diff = git.diff_tree_to_tree(Some(&root(git, from)?), Some(&root(git, to)?), Some(&mut options));
    let entry = |file: git2::DiffFile<'_>| file.exists().then(|| (i32::from(file.mode()), file.id()));
    let mut changes = BTreeMap::new();
    for delta in diff.map_err(failed)?.deltas() {
        let path = delta.new_file().path().or(delta.old_file().path());
        let path = path.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        changes.insert(path, (entry(delta.old_file()), entry(delta.new_file())));
    }
    Ok(changes)
}
