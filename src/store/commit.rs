//! Writing a commit without index or working tree, and moving the branch to it by compare-and-swap.

use std::collections::BTreeMap;

use git2::{ErrorCode, Oid, Repository, Tree};

use super::error::StoreError;
use super::repository::{Branch, Store};
use super::sign;

/// Whom a commit names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name for people.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// A commit to be written.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// New content by path in the registry's folder, or none where the file goes.
    pub edits: &'a BTreeMap<String, Option<Vec<u8>>>,
    /// The whole message.
    pub message: &'a str,
    /// Who.
    pub person: &'a Person,
    /// When, in seconds since 1970.
    pub seconds: i64,
}

/// What became of moving a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// The branch is at the new commit.
    Done,
    /// Somebody else moved the branch, or holds its lock just now; plan again on the new tip.
    Lost,
}

/// The edits of one folder: by name, a new file, a removed one, or edits further down.
enum Edit<'a> {
    Write(&'a [u8]),
    Remove,
    Below(BTreeMap<&'a str, Edit<'a>>),
}

fn insert<'a>(edits: &mut BTreeMap<&'a str, Edit<'a>>, path: &'a str, content: Option<&'a [u8]>) {
    match path.split_once('/') {
        None => drop(edits.insert(path, content.map_or(Edit::Remove, Edit::Write))),
        Some((folder, rest)) => {
            let below = edits.entry(folder).or_insert_with(|| Edit::Below(BTreeMap::new()));
            if let Edit::Below(below) = below {
                insert(below, rest, content);
            }
        }
    }
}

/// Writes the tree with the edits applied; none where nothing is left in it, for git keeps no empty folders.
fn write_tree(
    git: &Repository,
    base: Option<&Tree<'_>>,
    edits: &BTreeMap<&str, Edit<'_>>,
) -> Result<Option<Oid>, StoreError> {
    let failed = |e| StoreError::git("writing an object", e);
    let mut builder = git.treebuilder(base).map_err(failed)?;
    for (name, edit) in edits {
        let there = builder.get(name).map_err(failed)?.map(|entry| (entry.id(), entry.kind()));
        let new = match edit {
            Edit::Write(bytes) => Some((git.blob(bytes).map_err(failed)?, 0o100644)),
            Edit::Remove => None,
            Edit::Below(below) => {
                let subtree = match there {
                    Some((id, Some(git2::ObjectType::Tree))) => {
                        Some(git.find_tree(id).map_err(|e| StoreError::object(id, &e))?)
                    }
                    _ => None,
                };
                write_tree(git, subtree.as_ref(), below)?.map(|id| (id, 0o040000))
            }
        };
        match new {
            Some((id, mode)) => drop(builder.insert(name, id, mode).map_err(failed)?),
            None if there.is_some() => builder.remove(name).map_err(failed)?,
            None => {}
        }
    }
    if builder.is_empty() { Ok(None) } else { builder.write().map(Some).map_err(failed) }
}

impl Store {
    /// Writes blobs, trees and the commit, signed where the user's git is set to sign. Nothing points to it yet.
    pub fn write_commit(&self, parent: Option<Oid>, draft: &Draft<'_>) -> Result<Oid, StoreError> {
        let git = self.git()?;
        let failed = |e| StoreError::git("writing the commit", e);
        let parent = parent.map(|id| git.find_commit(id).map_err(|e| StoreError::object(id, &e))).transpose()?;
        let base = parent.as_ref().map(|c| c.tree().map_err(|e| StoreError::object(c.id(), &e))).transpose()?;
        let prefix = self.prefix();
        let paths: Vec<(String, Option<&[u8]>)> =
            draft.edits.iter().map(|(path, new)| (format!("{prefix}{path}"), new.as_deref())).collect();
        let mut edits = BTreeMap::new();
        for (path, content) in &paths {
            insert(&mut edits, path, *content);
        }
        let tree = match write_tree(git, base.as_ref(), &edits)? {
            Some(tree) => tree,
            None => git.treebuilder(None).and_then(|b| b.write()).map_err(failed)?,
        };
        if sign::wanted(git)? {
            return sign::commit(git, tree, parent.map(|c| c.id()), draft);
        }
        let tree = git.find_tree(tree).map_err(|e| StoreError::object(tree, &e))?;
        let time = git2::Time::new(draft.seconds, 0);
        let who = git2::Signature::new(&draft.person.name, &draft.person.email, &time).map_err(failed)?;
        git.commit(None, &who, &who, draft.message, &tree, &parent.iter().collect::<Vec<_>>()).map_err(failed)
    }

    /// Moves a branch from the commit it was at when the change was planned to the new one, or not at all.
    pub fn advance(&self, branch: &Branch, from: Option<Oid>, to: Oid, why: &str) -> Result<Advance, StoreError> {
        let git = self.git()?;
        let moved = match from {
            Some(from) => git.reference_matching(&branch.full_name, to, true, from, why),
            None => git.reference(&branch.full_name, to, false, why),
        };
        let Err(error) = moved else { return Ok(Advance::Done) };
        // The ref may have moved all the same, where only flushing its folder failed: what it says now decides.
        if self.tip(branch).ok().flatten() == Some(to) {
            return Ok(Advance::Done);
        }
        match error.code() {
            ErrorCode::Modified | ErrorCode::Exists | ErrorCode::Locked => Ok(Advance::Lost),
            ErrorCode::NotFound if from.is_some() => Ok(Advance::Lost),
            // `git gc --prune=now` took it, for nothing pointed to it yet: it is written anew.
            _ if git.odb().is_ok_and(|odb| !odb.exists(to)) => Ok(Advance::Lost),
            _ => Err(StoreError::git("moving the branch", error)),
        }
    }

    /// The lock that git holds while it writes a branch, where there is one.
    pub fn branch_lock(&self, branch: &Branch) -> Result<Option<StoreError>, StoreError> {
        let common = self.git()?.commondir().to_owned();
        let locks = [
            common.join(format!("{}.lock", branch.full_name)),
            common.join("packed-refs.lock"),
            common.join("HEAD.lock"),
        ];
        Ok(locks.into_iter().find(|lock| lock.exists()).map(StoreError::locked))
    }
}
