//! The checked-out files after a commit.
//!
//! The branch has moved, but index and working tree still show the previous commit. This module updates the changed
//! paths one by one and keeps what the user has staged or edited:
//!
//! - An index entry with the old blob gets the new blob. Otherwise git would show the change as staged in reverse, and
//!   the user's next commit would silently undo the change.
//! - A file with the old blob's content gets the new content. A file with other content is the user's edit and stays.
//!   Beside the new index entry, git shows the file as edited and not staged, as after `git reset`, so no commit
//!   includes the edit by mistake.
//! - An index entry with neither the old nor the new blob was staged by the user: entry and file both stay.
//!
//! Files get the blobs' bytes: no filter runs and no line end changes.

mod folder;
mod single;
#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind};

pub use self::folder::TEMPORARY;
use self::folder::{InPlace, Place, Seen};
pub use self::single::{read_file, write_file};
use super::index::{IndexEdit, IndexError, IndexFile, LockedIndex, MODE_FILE, NewEntry, Slot, Stat, check_path};
use super::platform::folder::Folder;
use crate::model::ObjectId;

/// A path that the commit has changed.
#[derive(Debug, Clone, Copy)]
pub struct Touched<'a> {
    /// The path from the top of the working tree, with `/` between the parts.
    pub path: &'a str,
    /// The blob that was there, a plain file; none where there was no file.
    pub old: Option<ObjectId>,
    /// The blob that is there now with its bytes; none where the file is gone.
    pub new: Option<(ObjectId, &'a [u8])>,
}

/// Why a path was not updated.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The user has staged another change. Neither entry nor file was updated.
    #[error("another change of the file is staged")]
    Staged,
    /// A merge is not resolved. Neither entry nor file was updated.
    #[error("the file has a merge conflict")]
    Conflict,
    /// The file was edited.
    #[error("the file was edited")]
    EditedInWorkTree,
    /// The file was deleted.
    #[error("the file was deleted")]
    DeletedInWorkTree,
    /// The commit adds a file at the path of an untracked file.
    #[error("an untracked file has the same path")]
    Untracked,
    /// The path leads through a symbolic link, which is not followed.
    #[error("the path leads through a symbolic link")]
    Symlink,
    /// A folder has the file's path, or a file has the path of one of its folders.
    #[error("the path does not lead to a plain file")]
    Obstructed,
    /// The path is outside of the sparse checkout (`git sparse-checkout`), so the file must not be written.
    #[error("the path is outside of the sparse checkout")]
    SkipWorktree,
    /// Reading or writing failed. The file has the old content, or the new content without stat data in the index.
    #[error("{0}")]
    Failed(#[source] io::Error),
}

/// A path that was not updated.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` was not updated: {why}")]
pub struct Left {
    /// The path.
    pub path: String,
    /// Whether the commit removed the file.
    pub removed: bool,
    /// The reason.
    #[source]
    pub why: Reason,
}

impl Left {
    /// The way to update the path; none where nothing is wrong.
    pub fn hint(&self) -> Option<String> {
        let Self { path, removed, why } = self;
        Some(match why {
            Reason::SkipWorktree => return None,
            Reason::Staged => {
                format!("see `git diff --cached -- {path}`; `git restore --staged -- {path}` unstages the change")
            }
            Reason::Conflict if *removed => format!("finish the merge with `git rm -- {path}`"),
            Reason::Conflict => format!("finish the merge with HEAD's `{path}`: `git show HEAD:{path}`"),
            _ if *removed => {
                "the commit removed the file: copy the file elsewhere if you need it, then remove it".into()
            }
            Reason::EditedInWorkTree | Reason::Untracked => {
                format!("see `git diff -- {path}`; `git restore -p -- {path}` applies the commit's version")
            }
            Reason::DeletedInWorkTree | Reason::Failed(_) => format!("run `git restore -- {path}`"),
            Reason::Symlink | Reason::Obstructed => {
                format!("move that link, file or folder away, then run `git restore -- {path}`")
            }
        })
    }
}

/// The outcome of [`sync`]. Every touched path that is not listed agrees with the commit in index and working tree.
#[derive(Debug, Default)]
pub struct Synced {
    /// The paths that were not updated.
    pub left: Vec<Left>,
}

/// Updates the touched paths in index and working tree.
///
/// # Errors
/// If the index cannot be locked or read, nothing was changed. If the index cannot be written, or has a wrong checksum,
/// the files are new and the index is old. A second call finishes the work.
pub fn sync(index: &IndexFile<'_>, touched: &[Touched]) -> Result<Synced, IndexError> {
    for path in touched {
        check_path(path.path.as_bytes())?;
    }
    let workdir = index.workdir;
    let paths: Vec<&[u8]> = touched.iter().map(|touched| touched.path.as_bytes()).collect();
    let index = LockedIndex::open(index, &paths)?;
    let root =
        Folder::named(workdir).map_err(|source| IndexError::Io { doing: "open", path: workdir.to_owned(), source })?;
    let mut synced = Synced::default();
    let mut edits = Vec::new();
    for path in removed_first(touched) {
        let outcome = sync_path(&index, &root, path);
        edits.extend(outcome.edit);
        synced.left.extend(outcome.left.map(|why| Left {
            path: path.path.to_owned(),
            removed: path.new.is_none(),
            why,
        }));
    }
    index.commit(&edits)?;
    Ok(synced)
}

/// The paths that the commit removes, then the others. Where case does not count (macOS), the two names of a model that
/// was renamed from `iris` to `Iris` lead to the same files: in the other order its new files would be in the way of
/// themselves, and then be removed as the old ones.
fn removed_first<'a, 't>(touched: &'t [Touched<'a>]) -> impl Iterator<Item = &'t Touched<'a>> {
    let (removed, others): (Vec<_>, Vec<_>) = touched.iter().partition(|path| path.new.is_none());
    removed.into_iter().chain(others)
}

#[derive(Default)]
struct Outcome {
    edit: Option<IndexEdit>,
    left: Option<Reason>,
}

impl From<Reason> for Outcome {
    fn from(why: Reason) -> Self {
        Self { edit: None, left: Some(why) }
    }
}

fn sync_path(index: &LockedIndex, root: &Folder, touched: &Touched) -> Outcome {
    let new_id = touched.new.map(|(id, _)| id);
    let entry = match index.slot(touched.path.as_bytes()) {
        Slot::Conflict => return Reason::Conflict.into(),
        // A folder where we have a file, or the reverse: only the user can have put it there.
        Slot::Obstructed => return Reason::Staged.into(),
        Slot::Entry(entry) if entry.intent_to_add || entry.mode != MODE_FILE => return Reason::Staged.into(),
        Slot::Entry(entry) => Some(entry),
        Slot::Absent => None,
    };
    let indexed = entry.map(|entry| entry.id);
    if indexed != touched.old && indexed != new_id {
        return Reason::Staged.into();
    }
    let (stat, left) = if entry.is_some_and(|entry| entry.skip_worktree) {
        (None, Some(Reason::SkipWorktree))
    } else {
        match sync_file(root, touched, indexed) {
            Ok(stat) => (stat, None),
            Err(why) => (None, Some(why)),
        }
    };
    // An entry that is new already keeps its stat data: they are the user's or of an earlier run.
    let edit = (indexed != new_id).then(|| IndexEdit {
        path: touched.path.as_bytes().to_vec(),
        new: new_id.map(|id| NewEntry { id, mode: MODE_FILE, stat }),
    });
    Outcome { edit, left }
}

/// Makes the file what the commit has, if it is what the index had. Gives its stat data, if there is a file then.
fn sync_file(root: &Folder, touched: &Touched, indexed: Option<ObjectId>) -> Result<Option<Stat>, Reason> {
    let mut place = Place::open(root, touched.path.as_bytes()).map_err(Reason::Failed)?;
    place.clear();
    let found = place.look().map_err(Reason::Failed)?;
    let seen = match &found {
        InPlace::Absent => None,
        InPlace::File(seen) => Some(seen),
        InPlace::Link => return Err(Reason::Symlink),
        InPlace::Other => return Err(Reason::Obstructed),
    };
    let content = seen.map(|seen| seen.id);
    if content == touched.new.map(|(id, _)| id) {
        return Ok(seen.map(|seen| seen.stat));
    }
    // The index can have the new entry although the file is old: a run could not write the index, and the user has made it
    // again since, for example with `git reset`.
    let follows = indexed == touched.old || indexed == touched.new.map(|(id, _)| id);
    if content != touched.old || !follows {
        return Err(edited(seen, indexed));
    }
    let done = match (touched.new, seen) {
        (Some((_, bytes)), _) => place.write(bytes, seen).map(Some),
        (None, Some(seen)) => place.remove(seen).map(|()| None),
        (None, None) => Ok(None),
    };
    done.map_err(|error| match error.kind() {
        ErrorKind::ResourceBusy => edited(seen, indexed),
        _ => Reason::Failed(error),
    })
}

fn edited(seen: Option<&Seen>, indexed: Option<ObjectId>) -> Reason {
    match (seen, indexed) {
        (None, Some(_)) => Reason::DeletedInWorkTree,
        (_, None) => Reason::Untracked,
        (Some(_), Some(_)) => Reason::EditedInWorkTree,
    }
}
