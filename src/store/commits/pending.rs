//! Writing and reading the note of a commit in progress, and finishing the commit's work from the note.
//!
//! Before the push, and before the branch moves, the run writes a note into the git directory: the branch, the new commit
//! with its time, the tip on which the commit was made, the remote, and the checked-out files to update. The run removes
//! the note after it has reported the commit to the user. A later run that finds a note finishes the work, and recognizes
//! a repeated command whose commit exists already.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind as Io, Write as _};
use std::path::PathBuf;

use git2::{ErrorCode, Oid, Repository};

use super::follow::{Behind, blob_at};
use super::note::{Closes, Note};
use super::write_lock::WriteLock;
use crate::model::Timestamp;
use crate::store::error::StoreError;
use crate::store::refs::branch::{Advance, Branch};
use crate::store::refs::request_branches::RequestBranch;
use crate::store::repository::store::Store;
use crate::store::trace::{RETRY, STEP};

/// The maximum of commits after the noted tip among which the noted commit is searched.
const BOUND: usize = 10_000;

/// A commit that is yet to be reported to the user. Until then the writers' lock is held, so a note that another run
/// finds was left by a killed run, not by a run that is about to report.
#[derive(Debug)]
pub struct Receipt {
    note: PathBuf,
    again: bool,
    /// The repository, and the full name and the tip of the branch to delete.
    deletes: Option<(PathBuf, String, Oid)>,
    _lock: WriteLock,
}

impl Receipt {
    /// A receipt that needs no acknowledgement.
    pub fn settled() -> Self {
        Self { note: PathBuf::new(), again: false, deletes: None, _lock: WriteLock::none() }
    }

    /// Records that the commit was reported to the user: deletes the branch that the commit made superfluous, then the
    /// note. If the next run must try again, the note stays and is marked as reported.
    pub fn acknowledge(self) -> Result<(), StoreError> {
        let deleted = self.deletes.as_ref().map_or(Ok(()), |(folder, name, at)| {
            let git = Repository::open(folder).map_err(|e| StoreError::git("opening the repository", e))?;
            delete_branch(&git, name, *at)
        });
        if deleted.is_ok() && !self.again && fs::remove_file(&self.note).is_ok() {
            tracing::debug!(target: STEP, "removed the note: the commit was reported to the user");
            return Ok(());
        }
        let marked =
            OpenOptions::new().append(true).open(&self.note).and_then(|mut note| note.write_all(b"reported\n"));
        match marked {
            Err(e) if e.kind() != Io::NotFound => Err(StoreError::io("writing", &self.note, e)),
            _ => deleted,
        }
    }
}

/// A written commit that its branch does not have yet.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// The branch.
    pub branch: &'a Branch,
    /// The branch's tip before the commit.
    pub tip: Option<Oid>,
    /// The commit's first parent.
    pub from: Option<Oid>,
    /// The commit and its time.
    pub commit: (Oid, Timestamp),
    /// The remote that the commit is pushed to.
    pub remote: Option<&'a str>,
    /// Whether files outside of the registry may have changed too.
    pub whole: bool,
    /// The branch of the request that the commit closes.
    pub closes: Option<&'a Closes>,
}

impl Store {
    fn note(&self) -> Result<PathBuf, StoreError> {
        Ok(self.git()?.path().join("modelreg.pending"))
    }

    /// Writes the note of a commit that changes `paths`.
    pub fn note_pending<'p>(
        &self,
        written: Written<'_>,
        paths: impl Iterator<Item = &'p String>,
    ) -> Result<Note, StoreError> {
        let note = Note {
            branch: written.branch.full_name.clone(),
            tip: written.tip,
            from: written.from,
            commit: Some(written.commit),
            remote: written.remote.map(str::to_owned),
            follow: written.branch.checked_out,
            paths: paths.map(|path| self.path_from_top(path)).collect(),
            whole: written.whole,
            closes: written.closes.cloned(),
            reported: false,
        };
        let file = self.note()?;
        let saved = File::create(&file).and_then(|mut to| {
            to.write_all(note.text().as_bytes())?;
            // Only the note knows of a commit that the remote has and this clone has not.
            if note.remote.is_some() { to.sync_all() } else { Ok(()) }
        });
        saved.map_err(|e| {
            // A partly written note would be read as a complete, shorter note.
            let _ = fs::remove_file(&file);
            StoreError::io("writing", &file, e)
        })?;
        tracing::debug!(target: STEP, "noted commit {}, which {} is about to get", written.commit.0, note.branch);
        Ok(note)
    }

    /// The note of an earlier run.
    pub fn pending(&self) -> Result<Option<Note>, StoreError> {
        let file = self.note()?;
        match fs::read(&file) {
            Ok(bytes) => Ok(Some(Note::parse(&String::from_utf8_lossy(&bytes)))),
            Err(e) if e.kind() == Io::NotFound => Ok(None),
            Err(e) => Err(StoreError::io("reading", &file, e)),
        }
    }

    /// Removes the note, because the branch did not move or no work is left.
    pub fn forget_pending(&self) -> Result<(), StoreError> {
        let file = self.note()?;
        match fs::remove_file(&file) {
            Err(e) if e.kind() != Io::NotFound => Err(StoreError::io("removing", &file, e)),
            _ => Ok(()),
        }
    }

    /// The receipt for a noted commit that is in the branch.
    pub fn receipt(&self, lock: WriteLock, behind: &Behind, note: &Note) -> Result<Receipt, StoreError> {
        let folder = self.git()?.path().to_owned();
        let deletes = note.closes.as_ref().and_then(|closes| Some((closes.branch.full_name.clone(), closes.here?)));
        let deletes = deletes.map(|(name, at)| (folder, name, at));
        Ok(Receipt { note: self.note()?, again: behind.again(), deletes, _lock: lock })
    }

    /// Moves the branch of this clone to the noted commit, if only the remote has the commit: a run was stopped between
    /// its push and the move of the branch.
    ///
    /// This clone did not show the commit until now, so its command may be repeated even if the commit was reported.
    pub fn finish_push(&self, note: Note) -> Result<Note, StoreError> {
        let (Some(remote), Some((commit, _))) = (&note.remote, note.commit) else { return Ok(note) };
        let branch = match self.branch(Some(note.branch().name())) {
            // The branch has moved since, or another working tree has the branch checked out. A fetch gets the commit.
            Ok(branch) if self.tip(&branch)? == note.tip && self.noted(&note, &branch)?.is_none() => branch,
            Ok(_) | Err(StoreError::NoBranch(_) | StoreError::Stopped(_) | StoreError::CheckedOut { .. }) => {
                return Ok(note);
            }
            Err(e) => return Err(e),
        };
        match self.is_on_remote(remote, branch.name(), commit) {
            Ok(true) => {
                let moved = self.advance(&branch, note.tip, commit, "modelreg: pushed by an earlier command")?;
                Ok(Note { reported: note.reported && moved == Advance::Lost, ..note })
            }
            Ok(false) => Ok(note),
            // A run that pushes reports this itself; one that does not push does not need the remote.
            Err(e) => {
                tracing::debug!(target: RETRY, "{remote} cannot say whether it has the earlier commit {commit}: {e}");
                Ok(note)
            }
        }
    }

    /// Deletes a branch of this clone, if its tip is still `at`.
    pub fn delete_branch(&self, name: &str, at: Oid) -> Result<(), StoreError> {
        delete_branch(self.git()?, &format!("refs/heads/{name}"), at)
    }

    /// Deletes the branch that a killed run could not delete, if the noted commit is in its branch.
    pub fn delete_noted(&self, note: &Note) -> Result<(), StoreError> {
        let Some(Closes { branch, here: Some(at), .. }) = &note.closes else { return Ok(()) };
        match self.noted(note, &note.branch())? {
            Some(_) => delete_branch(self.git()?, &branch.full_name, *at),
            None => Ok(()),
        }
    }

    /// The request's branch that the noted run closed, and may have deleted.
    pub fn noted_request(&self, name: &str) -> Result<Option<RequestBranch>, StoreError> {
        let closes = self.pending()?.and_then(|note| note.closes).filter(|closes| closes.branch.name() == name);
        Ok(closes.map(|closes| RequestBranch { name: name.to_owned(), remote: None, commit: closes.commit }))
    }

    /// The noted commit and its time, if the commit is in the branch and was never reported. The branch may have newer
    /// commits.
    pub fn landed(&self, note: &Note, branch: &Branch) -> Result<Option<(Oid, Timestamp)>, StoreError> {
        if note.reported || note.branch != branch.full_name { Ok(None) } else { self.noted(note, branch) }
    }

    fn noted(&self, note: &Note, branch: &Branch) -> Result<Option<(Oid, Timestamp)>, StoreError> {
        let Some((commit, at)) = note.commit else { return Ok(None) };
        let Some(tip) = self.tip(branch)? else { return Ok(None) };
        let mut walk = self.git()?.revwalk().map_err(|e| StoreError::git("reading the history", e))?;
        let begun = walk.push(tip).and_then(|()| note.from.map_or(Ok(()), |from| walk.hide(from)));
        // A missing commit, for example after the history was replaced, is in no branch.
        let landed = begun.is_ok() && walk.take(BOUND).any(|id| id == Ok(commit));
        Ok(landed.then_some((commit, at)))
    }

    /// Whether the noted commit wrote exactly these edits, by path in the registry's folder.
    pub fn wrote(
        &self,
        note: &Note,
        commit: Oid,
        edits: &BTreeMap<String, Option<Vec<u8>>>,
    ) -> Result<bool, StoreError> {
        if !edits.keys().map(|path| self.path_from_top(path)).eq(note.paths.iter().cloned()) {
            return Ok(false);
        }
        let tree = self.whole_tree(commit)?;
        for (path, content) in note.paths.iter().zip(edits.values()) {
            let planned = content.as_ref().map(|bytes| Oid::hash_object(git2::ObjectType::Blob, bytes));
            let planned = planned.transpose().map_err(|e| StoreError::git("hashing a file", e))?;
            if blob_at(&tree, path)?.and_then(|id| Oid::from_bytes(&id).ok()) != planned {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Deletes a branch if its tip is still `at`. A branch with newer commits stays.
fn delete_branch(git: &Repository, full_name: &str, at: Oid) -> Result<(), StoreError> {
    let removed = match git.find_reference(full_name) {
        Ok(mut found) if found.target() == Some(at) => found.delete(),
        Err(e) if e.code() != ErrorCode::NotFound => Err(e),
        _ => Ok(()),
    };
    removed.map_err(|e| match e.code() {
        ErrorCode::Locked => StoreError::locked(git.commondir().join(format!("{full_name}.lock"))),
        _ => StoreError::git("removing a request's branch", e),
    })
}
