//! Writing a commit without index or working tree, and moving the branch to it by compare-and-swap.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid};

use super::own::RawEntry;
use crate::store::error::StoreError;
use crate::store::objects::git_tree::Handles;
use crate::store::objects::loose::Objects;
use crate::store::objects::trees::{self, Changes, FILE, FOLDER, Row};
use crate::store::platform::disk::complete_flush;
use crate::store::repository::store::Store;
use crate::store::signatures::commit as sign;
use crate::store::trace::STEP;

/// The author and committer of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The display name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// The author of a commit that is made again, and the time of the authorship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The author.
    pub person: Person,
    /// The time, in seconds since 1970.
    pub seconds: i64,
}

/// A commit to be written.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// New content by path in the registry's folder; none for a removed file. A path that begins with `/` starts at the
    /// repository's top.
    pub edits: &'a BTreeMap<String, Option<Vec<u8>>>,
    /// The whole message.
    pub message: &'a str,
    /// The author and committer.
    pub person: &'a Person,
    /// The commit time, in seconds since 1970.
    pub seconds: i64,
    /// The second parent of a merge.
    pub merged: Option<Oid>,
    /// The author, if that is not the committer.
    pub author: Option<&'a Author>,
    /// New entries outside of the registry's folder, by path from the repository's top.
    pub elsewhere: &'a BTreeMap<String, RawEntry>,
}

/// No entries outside of the registry's folder.
pub const NOTHING_ELSEWHERE: &BTreeMap<String, RawEntry> = &BTreeMap::new();

impl Draft<'_> {
    /// The author, with the time of the authorship.
    pub(in crate::store) fn author(&self) -> (&Person, i64) {
        self.author.map_or((self.person, self.seconds), |author| (&author.person, author.seconds))
    }
}

/// An edit of one entry of a folder: a new file, an entry that exists already elsewhere, a removed file, or edits of a
/// subfolder.
enum Edit<'a> {
    Write(&'a [u8]),
    Entry(i32, Oid),
    Remove,
    Below(BTreeMap<&'a str, Edit<'a>>),
}

fn insert<'a>(edits: &mut BTreeMap<&'a str, Edit<'a>>, path: &'a str, edit: Edit<'a>) {
    match path.split_once('/') {
        None => drop(edits.insert(path, edit)),
        Some((folder, rest)) => {
            let below = edits.entry(folder).or_insert_with(|| Edit::Below(BTreeMap::new()));
            if let Edit::Below(below) = below {
                insert(below, rest, edit);
            }
        }
    }
}

/// Writes the tree with the edits applied; none for an empty tree, because git keeps no empty folders.
fn write_tree(
    handles: &Handles,
    objects: &mut Objects,
    base: Option<Oid>,
    edits: &BTreeMap<&str, Edit<'_>>,
) -> Result<Option<Oid>, StoreError> {
    let old = base.map(|id| handles.tree(id)).transpose()?.unwrap_or_default();
    let mut changes = Changes::new();
    for (&name, edit) in edits {
        let entry = |mode: &[u8], id: Oid| trees::entry(mode, name.as_bytes(), id);
        let new = match edit {
            Edit::Write(bytes) => Some(entry(FILE, objects.write(ObjectType::Blob, bytes)?)),
            Edit::Entry(mode, id) => Some(entry(format!("{mode:o}").as_bytes(), *id)),
            Edit::Remove => None,
            Edit::Below(below) => {
                let there = trees::find(&old, name.as_bytes())?.filter(Row::is_folder);
                let there = there.map(|row| row.oid()).transpose()?;
                write_tree(handles, objects, there, below)?.map(|id| entry(FOLDER, id))
            }
        };
        changes.insert(name.as_bytes(), new);
    }
    let tree = trees::changed(&old, &changes)?;
    if tree.is_empty() {
        return Ok(None);
    }
    let id = objects.write(ObjectType::Tree, &tree)?;
    handles.lately.keep(id, &tree.into());
    Ok(Some(id))
}

impl Store {
    /// Writes blobs, trees and the commit, which is signed if git is configured to sign. No ref points to the commit
    /// yet.
    pub fn write_commit(&self, parent: Option<Oid>, draft: &Draft<'_>) -> Result<Oid, StoreError> {
        let git = self.git()?;
        let base = match parent {
            Some(id) => Some(git.find_commit(id).map_err(|e| StoreError::object(id, &e))?.tree_id()),
            None => None,
        };
        let paths: Vec<(String, Option<&[u8]>)> =
            draft.edits.iter().map(|(path, new)| (self.path_from_top(path), new.as_deref())).collect();
        let mut edits = BTreeMap::new();
        for (path, content) in &paths {
            insert(&mut edits, path, content.map_or(Edit::Remove, Edit::Write));
        }
        for (path, entry) in draft.elsewhere {
            insert(&mut edits, path, entry.map_or(Edit::Remove, |(mode, id)| Edit::Entry(mode, id)));
        }
        let mut objects = Objects::new(git);
        let tree = match write_tree(&self.handles, &mut objects, base, &edits)? {
            Some(tree) => tree,
            None => objects.write(ObjectType::Tree, &[])?,
        };
        let commit = if sign::wanted(git)? {
            objects.flush()?;
            let commit = sign::commit(git, tree, &parents(parent, draft), draft)?;
            complete_flush(git.commondir()).map_err(|e| StoreError::io("flushing", git.commondir(), e))?;
            commit
        } else {
            let commit = objects.write(ObjectType::Commit, &commit_text(tree, &parents(parent, draft), draft)?)?;
            objects.flush()?;
            commit
        };
        tracing::debug!(target: STEP, "wrote commit {commit}, which changes {} files", draft.edits.len());
        Ok(commit)
    }
}

fn parents(first: Option<Oid>, draft: &Draft<'_>) -> Vec<Oid> {
    first.into_iter().chain(draft.merged).collect()
}

/// The content of the commit object.
fn commit_text(tree: Oid, parents: &[Oid], draft: &Draft<'_>) -> Result<Vec<u8>, StoreError> {
    let failed = |e| StoreError::git("writing the commit", e);
    // libgit2 removes characters that are not allowed in a name or address, as git does.
    let line = |person: &Person, seconds: i64| {
        let who = git2::Signature::new(&person.name, &person.email, &git2::Time::new(seconds, 0)).map_err(failed)?;
        let end = format!("> {seconds} +0000\n");
        Ok::<_, StoreError>([who.name_bytes(), b" <", who.email_bytes(), end.as_bytes()].concat())
    };
    let (author, authored) = draft.author();
    let parents: String = parents.iter().map(|id| format!("parent {id}\n")).collect();
    let head = format!("tree {tree}\n{parents}");
    let (author, committer) = (line(author, authored)?, line(draft.person, draft.seconds)?);
    Ok([head.as_bytes(), b"author ", &author, b"committer ", &committer, b"\n", draft.message.as_bytes()].concat())
}
