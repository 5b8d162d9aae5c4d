//! The note of a commit in progress, from which the next run finishes what a killed run could not.
//!
//! Before the branch moves, the run writes a note into the git directory: the branch, the new commit with its time, the
//! tip on which the commit was made, and the checked-out files to update. The run removes the note after it has
//! reported the commit to the user. A later run that finds a note updates the files, and recognizes a repeated command
//! whose commit exists already.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind as Io, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use git2::{ErrorCode, Oid, Repository};

use super::write_lock::WriteLock;
use crate::model::{EntryKind, ObjectId, Timestamp, Tree as _};
use crate::store::error::StoreError;
use crate::store::index::{IndexError, IndexFile};
use crate::store::objects::git_tree::GitTree;
use crate::store::refs::branch::Branch;
use crate::store::refs::request_branches::RequestBranch;
use crate::store::repository::store::Store;
use crate::store::trace::{RETRY, STEP};
use crate::store::worktree::{Left, Reason, Touched, sync};

/// How long to wait until another program releases `index.lock`.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same for a stale lock. Not zero, because on a network file system the age depends on another machine's clock.
const PATIENCE_WITH_STALE: Duration = Duration::from_millis(100);

/// The maximum of commits after the noted tip among which the noted commit is searched.
const BOUND: usize = 10_000;

/// The first line of a note. Notes of the first format begin with the branch and do not name the new commit.
const HEADER: &str = "modelreg.pending 2";

/// The checked-out files that are not up to date with the commit, for a warning.
#[derive(Debug, Default)]
pub struct Behind {
    /// Paths that were not updated, usually because of the user's own changes.
    pub left: Vec<Left>,
    /// Why no file was updated, and the hint.
    pub failed: Option<(String, String)>,
}

impl Behind {
    /// Whether the next run must try again. If writing failed, the stale file otherwise looks like the user's own edit.
    pub fn again(&self) -> bool {
        self.failed.is_some() || self.left.iter().any(|path| matches!(path.why, Reason::Failed(_)))
    }
}

/// A commit that a branch is about to get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    branch: String,
    from: Option<Oid>,
    commit: Option<(Oid, Timestamp)>,
    /// Whether the branch is checked out, so its files need an update.
    follow: bool,
    /// The changed paths, from the repository's root, sorted.
    paths: Vec<String>,
    /// The full name and the tip of a branch to delete once the commit has been reported.
    removes: Option<(String, Oid)>,
    /// Whether the commit has been reported, so only files remain to be updated.
    told: bool,
}

impl Note {
    /// The tip that the commit was made on; none on an unborn branch.
    pub fn from(&self) -> Option<Oid> {
        self.from
    }

    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let id = |text: &str| Oid::from_str(text).ok().filter(|id| !id.is_zero());
        if first != HEADER {
            let from = lines.next().and_then(id);
            let paths = lines.map(str::to_owned).collect();
            return Self { branch: first.into(), from, follow: true, paths, ..Self::default() };
        }
        let mut note = Self::default();
        for line in lines {
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            match key {
                "branch" => note.branch = value.into(),
                "from" => note.from = id(value),
                "commit" => {
                    let (commit, at) = value.split_once(' ').unwrap_or_default();
                    note.commit = id(commit).zip(Timestamp::parse(at).ok());
                }
                "follow" => note.follow = true,
                "path" => note.paths.push(value.into()),
                "removes" => {
                    let (at, name) = value.split_once(' ').unwrap_or_default();
                    note.removes = id(at).map(|at| (name.to_owned(), at));
                }
                "told" => note.told = true,
                _ => {}
            }
        }
        note
    }

    fn text(&self) -> String {
        let mut text = format!("{HEADER}\nbranch {}\n", self.branch);
        if let Some(from) = self.from {
            text.push_str(&format!("from {from}\n"));
        }
        if let Some((commit, at)) = self.commit {
            text.push_str(&format!("commit {commit} {}\n", at.rfc3339()));
        }
        if self.follow {
            text.push_str("follow\n");
        }
        for path in &self.paths {
            text.push_str(&format!("path {path}\n"));
        }
        if let Some((name, at)) = &self.removes {
            text.push_str(&format!("removes {at} {name}\n"));
        }
        text
    }
}

/// A commit that is yet to be reported to the user. Until then the writers' lock is held, so a note that another run
/// finds was left by a killed run, not by a run that is about to report.
#[derive(Debug)]
pub struct Receipt {
    note: PathBuf,
    again: bool,
    /// The repository, and the full name and the tip of the branch to delete.
    removes: Option<(PathBuf, String, Oid)>,
    _lock: WriteLock,
}

impl Receipt {
    /// A receipt that needs no acknowledgement.
    pub fn settled() -> Self {
        Self { note: PathBuf::new(), again: false, removes: None, _lock: WriteLock::none() }
    }

    /// Records that the commit was reported to the user: deletes the branch that the commit made superfluous, then the
    /// note. If the next run must try again, the note stays and is marked as reported.
    pub fn acknowledge(self) -> Result<(), StoreError> {
        let removed = self.removes.as_ref().map_or(Ok(()), |(folder, name, at)| {
            let git = Repository::open(folder).map_err(|e| StoreError::git("opening the repository", e))?;
            remove_branch(&git, name, *at)
        });
        if removed.is_ok() && !self.again && fs::remove_file(&self.note).is_ok() {
            tracing::debug!(target: STEP, "removed the note: the commit was reported to the user");
            return Ok(());
        }
        let marked = OpenOptions::new().append(true).open(&self.note).and_then(|mut note| note.write_all(b"told\n"));
        match marked {
            Err(e) if e.kind() != Io::NotFound => Err(StoreError::io("writing", &self.note, e)),
            _ => removed,
        }
    }
}

impl Store {
    fn note(&self) -> Result<PathBuf, StoreError> {
        Ok(self.git()?.path().join("modelreg.pending"))
    }

    /// Writes the note of a commit that the branch is about to get. `from` is the commit's parent, `commit` its id and
    /// time.
    pub fn note_pending<'p>(
        &self,
        branch: &Branch,
        from: Option<Oid>,
        commit: (Oid, Timestamp),
        paths: impl Iterator<Item = &'p String>,
        removes: Option<&(Branch, Oid)>,
    ) -> Result<Note, StoreError> {
        let note = Note {
            branch: branch.full_name.clone(),
            from,
            commit: Some(commit),
            follow: branch.checked_out,
            paths: paths.map(|path| self.path_from_top(path)).collect(),
            removes: removes.map(|(branch, at)| (branch.full_name.clone(), *at)),
            told: false,
        };
        let file = self.note()?;
        let written = fs::write(&file, note.text());
        written.map_err(|e| {
            // A partly written note would be read as a complete, shorter note.
            let _ = fs::remove_file(&file);
            StoreError::io("writing", &file, e)
        })?;
        tracing::debug!(target: STEP, "noted commit {}, which {} is about to get", commit.0, note.branch);
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
        let removes = note.removes.clone().map(|(name, at)| (folder, name, at));
        Ok(Receipt { note: self.note()?, again: behind.again(), removes, _lock: lock })
    }

    /// Deletes the branch that a killed run could not delete, if the noted commit is in its branch.
    pub fn remove_noted(&self, note: &Note) -> Result<(), StoreError> {
        let Some((name, at)) = &note.removes else { return Ok(()) };
        let branch = Branch { full_name: note.branch.clone(), checked_out: false };
        match self.noted(note, &branch)? {
            Some(_) => remove_branch(self.git()?, name, *at),
            None => Ok(()),
        }
    }

    /// The request's branch that the noted run meant to delete, and may have deleted.
    pub fn noted_request(&self, name: &str) -> Result<Option<RequestBranch>, StoreError> {
        let removes = self.pending()?.and_then(|note| note.removes);
        let found = removes.filter(|(full_name, _)| full_name.strip_prefix("refs/heads/") == Some(name));
        Ok(found.map(|(_, commit)| RequestBranch { name: name.to_owned(), remote: None, commit }))
    }

    /// The noted commit and its time, if the commit is in the branch and was never reported. The branch may have newer
    /// commits.
    pub fn landed(&self, note: &Note, branch: &Branch) -> Result<Option<(Oid, Timestamp)>, StoreError> {
        if note.told || note.branch != branch.full_name { Ok(None) } else { self.noted(note, branch) }
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

    /// Updates the noted files to the branch's commit. The commit is safe in any case, so failures are part of the
    /// outcome. After a failure the note stays, and the next run tries again.
    pub fn follow(&self, note: &Note) -> Behind {
        // If another branch was checked out since, git itself updated the files.
        let followed = match self.branch(None) {
            Ok(now) if note.follow && now.full_name == note.branch => self.follow_paths(&now, note.from, &note.paths),
            Ok(_) | Err(StoreError::NoBranch(_) | StoreError::CheckedOut { .. }) => Ok(Vec::new()),
            // After an error the checked-out branch is unknown, so the note must stay.
            Err(e) => {
                Err((e.to_string(), e.hint().unwrap_or_else(|| "run `git status` to see the differences".into())))
            }
        };
        match followed {
            Ok(left) => {
                let (all, left_out) = (note.paths.len(), left.len());
                tracing::debug!(target: STEP, "updated {} of {all} checked-out files", all - left_out);
                Behind { left, failed: None }
            }
            Err((why, hint)) => {
                tracing::debug!(target: RETRY, "the next command updates the checked-out files: {why}");
                Behind { left: Vec::new(), failed: Some((why, hint)) }
            }
        }
    }

    fn follow_paths(
        &self,
        branch: &Branch,
        from: Option<Oid>,
        paths: &[String],
    ) -> Result<Vec<Left>, (String, String)> {
        let explained = |e: StoreError| {
            (e.to_string(), e.hint().unwrap_or_else(|| "run `git status` to see the differences".into()))
        };
        let git = self.git().map_err(explained)?;
        let Some(workdir) = git.workdir() else { return Ok(Vec::new()) };
        let tree_of = |id: Oid| self.whole_tree(id).map_err(explained);
        let old = from.map(tree_of).transpose()?;
        let new = self.tip(branch).map_err(explained)?.map(tree_of).transpose()?;
        let blob_at = |tree: &Option<GitTree<'_>>, path: &str| match tree {
            Some(tree) => blob_at(tree, path).map_err(explained),
            None => Ok(None),
        };
        let mut files = Vec::new();
        for path in paths {
            let after = match blob_at(&new, path)? {
                None => None,
                Some(raw) => {
                    let id = Oid::from_bytes(&raw).map_err(|e| explained(StoreError::git("reading a tree", e)))?;
                    let blob = git.find_blob(id).map_err(|e| explained(StoreError::object(id, &e)))?;
                    Some((raw, blob.content().to_vec()))
                }
            };
            files.push((path, blob_at(&old, path)?, after));
        }
        let touched: Vec<Touched<'_>> = files
            .iter()
            .map(|(path, old, new)| Touched {
                path,
                old: *old,
                new: new.as_ref().map(|(id, bytes)| (*id, bytes.as_slice())),
            })
            .collect();
        let index = git.path().join("index");
        let may_split = git.config().and_then(|mut c| c.snapshot()).and_then(|c| c.get_bool("core.splitIndex"));
        let stale = StoreError::locked(index.with_extension("lock")).is_stale_lock();
        let patience = if stale { PATIENCE_WITH_STALE } else { PATIENCE };
        let index = IndexFile::new(&index, workdir, patience, may_split.unwrap_or(true));
        let synced = sync(&index, &touched).map_err(|e| {
            let hint = match &e {
                // No further fix is needed, because the note stays.
                IndexError::Locked { path, .. } => format!(
                    "if no git process runs in this clone, run `rm '{}'`; the next command that changes the registry updates the files",
                    path.display()
                ),
                _ => e.hint(),
            };
            (e.to_string(), hint)
        })?;
        Ok(synced.left)
    }
}

/// Deletes a branch if its tip is still `at`. A branch with newer commits stays.
fn remove_branch(git: &Repository, full_name: &str, at: Oid) -> Result<(), StoreError> {
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

/// The blob at a path, of any file kind; none if the path does not exist or is a folder or submodule.
fn blob_at(tree: &GitTree<'_>, path: &str) -> Result<Option<ObjectId>, StoreError> {
    let found = tree.find(path).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    Ok(found.filter(|entry| !matches!(entry.kind, EntryKind::Folder | EntryKind::Submodule)).and_then(|entry| entry.id))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn note() -> Note {
        Note {
            branch: "refs/heads/main".into(),
            from: Some(Oid::from_str("1111111111111111111111111111111111111111").unwrap()),
            commit: Some((
                Oid::from_str("2222222222222222222222222222222222222222").unwrap(),
                Timestamp::parse("2026-01-02T03:04:05.678Z").unwrap(),
            )),
            follow: true,
            paths: vec!["a b/models/iris/model.toml".into(), "a b/registry.toml".into()],
            removes: None,
            told: false,
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let on_unborn = Note { from: None, follow: false, paths: Vec::new(), ..note() };
        let at = Oid::from_str("3333333333333333333333333333333333333333").unwrap();
        let landing = Note { removes: Some(("refs/heads/requests/my+model/Production/2".into(), at)), ..note() };
        for note in [note(), on_unborn, landing] {
            assert_eq!(Note::parse(&note.text()), note);
            assert_eq!(Note::parse(&format!("{}told\n", note.text())), Note { told: true, ..note });
        }
    }

    #[test]
    fn a_note_of_the_first_format_says_which_files_follow() {
        let text = "refs/heads/main\n1111111111111111111111111111111111111111\na b/models/iris/model.toml\na b/registry.toml\n";
        assert_eq!(Note::parse(text), Note { commit: None, ..note() });
    }
}
