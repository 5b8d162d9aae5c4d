//! Bringing the checked-out files up to date after a commit, also after a run that died before it had.
//!
//! Before the branch moves, a note beside the index says which paths will have to follow and from which commit they
//! come; it goes when they have followed. A later run that finds the note does what the dead one could not.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use git2::Oid;

use super::error::StoreError;
use super::git_tree::GitTree;
use super::index::IndexFile;
use super::repository::{Branch, Store};
use super::worktree::{Left, Reason, Touched, sync};
use crate::model::{EntryKind, ObjectId, Tree as _};

/// How long to wait for whoever holds `index.lock`.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the checked-out files could not follow, and why, for a warning.
#[derive(Debug, Default)]
pub struct Behind {
    /// Paths with changes of the user's, which stay.
    pub left: Vec<Left>,
    /// Why nothing was brought up to date, and the mend.
    pub failed: Option<(String, String)>,
}

impl Store {
    fn note(&self) -> Result<PathBuf, StoreError> {
        Ok(self.git()?.path().join("modelreg.pending"))
    }

    /// Notes which paths are about to change from which commit. Where nothing is checked out there is nothing to note.
    pub fn note_pending<'p>(
        &self,
        branch: &Branch,
        from: Option<Oid>,
        paths: impl Iterator<Item = &'p String>,
    ) -> Result<(), StoreError> {
        if !branch.checked_out {
            return Ok(());
        }
        let prefix = self.prefix();
        let mut text = format!("{}\n{}\n", branch.full_name, from.unwrap_or(Oid::ZERO_SHA1));
        for path in paths {
            text.push_str(&format!("{prefix}{path}\n"));
        }
        let note = self.note()?;
        let written = fs::write(&note, text);
        written.map_err(|e| {
            // A half-written note would be read as a shorter one.
            let _ = fs::remove_file(&note);
            StoreError::io("writing", &note, e)
        })
    }

    /// Takes the note back, when the branch did not move.
    pub fn forget_pending(&self) -> Result<(), StoreError> {
        let note = self.note()?;
        match fs::remove_file(&note) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(StoreError::io("removing", &note, e)),
            _ => Ok(()),
        }
    }

    /// Brings the noted paths up to the branch's commit. The commit itself is safe whatever happens here, so failures are
    /// told, not returned; the note stays then, and the next run tries again.
    pub fn follow(&self) -> Behind {
        match self.try_follow() {
            Ok(left) => Behind { left, failed: None },
            Err((why, mend)) => Behind { left: Vec::new(), failed: Some((why, mend)) },
        }
    }

    fn try_follow(&self) -> Result<Vec<Left>, (String, String)> {
        let told = |e: StoreError| {
            (e.to_string(), e.mend().unwrap_or_else(|| "run the next modelreg command to try again".into()))
        };
        let note = self.note().map_err(told)?;
        let text = match fs::read_to_string(&note) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(told(StoreError::io("reading", &note, e))),
        };
        let mut lines = text.lines();
        let branch = lines.next().unwrap_or_default();
        let from = lines.next().and_then(|id| Oid::from_str(id).ok());
        let left = match self.branch(None) {
            Ok(now) if now.full_name == branch => self.follow_paths(&now, from, lines)?,
            // Another branch was checked out since: git itself brought the files up to date then.
            _ => Vec::new(),
        };
        // What the disk refused is tried again; else the old file would pass for an edit of the user's ever after.
        if !left.iter().any(|path| matches!(path.why, Reason::Failed(_))) {
            self.forget_pending().map_err(told)?;
        }
        Ok(left)
    }

    fn follow_paths<'l>(
        &self,
        branch: &Branch,
        from: Option<Oid>,
        paths: impl Iterator<Item = &'l str>,
    ) -> Result<Vec<Left>, (String, String)> {
        let told = |e: StoreError| {
            (e.to_string(), e.mend().unwrap_or_else(|| "run `git status` to see where it stands".into()))
        };
        let git = self.git().map_err(told)?;
        let Some(workdir) = git.workdir() else { return Ok(Vec::new()) };
        let tree_of = |id: Oid| self.whole_tree(id).map_err(told);
        let old = from.filter(|id| !id.is_zero()).map(tree_of).transpose()?;
        let new = self.tip(branch).map_err(told)?.map(tree_of).transpose()?;
        let blob_at = |tree: &Option<GitTree<'_>>, path: &str| match tree {
            Some(tree) => blob_at(tree, path).map_err(told),
            None => Ok(None),
        };
        let mut files = Vec::new();
        for path in paths {
            let after = match blob_at(&new, path)? {
                None => None,
                Some(raw) => {
                    let id = Oid::from_bytes(&raw).map_err(|e| told(StoreError::git("reading a tree", e)))?;
                    let blob = git.find_blob(id).map_err(|e| told(StoreError::object(id, &e)))?;
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
        let index = IndexFile::new(&index, workdir, PATIENCE, may_split.unwrap_or(true));
        let synced = sync(&index, &touched).map_err(|e| (e.to_string(), e.mend()))?;
        Ok(synced.left)
    }
}

/// The blob at a path, of whatever kind; none where there is none.
fn blob_at(tree: &GitTree<'_>, path: &str) -> Result<Option<ObjectId>, StoreError> {
    let found = tree.find(path).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    Ok(found.filter(|entry| !matches!(entry.kind, EntryKind::Folder | EntryKind::Submodule)).and_then(|entry| entry.id))
}
