//! The branch to write to, its tip, and moving the branch by compare-and-swap.

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use git2::{ErrorCode, Oid, Repository};

use crate::store::error::StoreError;
use crate::store::platform::disk::complete_flush;
use crate::store::repository::store::Store;
use crate::store::trace::{RETRY, STEP};

/// How long a stale lock must stay until it is reported. Not zero, because on a network file system the age depends on
/// another machine's clock.
const PATIENCE_WITH_STALE: Duration = Duration::from_millis(100);

/// A branch to write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The ref's full name.
    pub full_name: String,
    /// Whether the branch is checked out in this working tree, whose files then need an update.
    pub checked_out: bool,
}

impl Branch {
    /// The name without `refs/heads/`.
    pub fn name(&self) -> &str {
        self.full_name.strip_prefix("refs/heads/").unwrap_or(&self.full_name)
    }
}

/// The outcome of moving a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// The branch is at the new commit.
    Done,
    /// Another writer moved the branch or holds its lock: plan again on the new tip.
    Lost,
}

impl Store {
    /// The branch to write to: the named one, or else the checked-out one.
    pub fn branch(&self, name: Option<&str>) -> Result<Branch, StoreError> {
        let git = self.git()?;
        let head = git.find_reference("HEAD").map_err(|e| StoreError::Corrupt(format!("HEAD: {}", e.message())))?;
        let current = head.symbolic_target().ok().flatten().map(str::to_owned);
        let full_name = match (name, current.as_deref()) {
            (Some(name), _) => format!("refs/heads/{name}"),
            (None, Some(current)) if current.starts_with("refs/heads/") => current.to_owned(),
            (None, _) if self.stopped()?.is_some() => return Err(self.in_progress()?),
            (None, _) => {
                return Err(StoreError::NoBranch("HEAD is detached: no branch is checked out to commit to".into()));
            }
        };
        let checked_out = !git.is_bare() && current.as_deref() == Some(full_name.as_str());
        if checked_out && git.state() != git2::RepositoryState::Clean {
            return Err(self.in_progress()?);
        }
        if !checked_out && let Some(folder) = self.checked_out_elsewhere(&full_name)? {
            let branch = Branch { full_name, checked_out }.name().to_owned();
            return Err(StoreError::CheckedOut { branch, folder: folder.components().collect() });
        }
        Ok(Branch { full_name, checked_out })
    }

    /// The error for a checked-out branch on which git has stopped a command.
    fn in_progress(&self) -> Result<StoreError, StoreError> {
        Ok(match self.stopped()? {
            Some(stopped) => StoreError::Stopped(stopped.what()),
            None => {
                let state = format!("{:?}", self.git()?.state()).to_lowercase();
                StoreError::NoBranch(format!(
                    "a {state} is in progress on the checked-out branch; finish or abort the {state} first"
                ))
            }
        })
    }

    /// The other working tree in which a branch is checked out. If this process moved the branch, that tree's index
    /// would show the change as staged in reverse, and the next commit there would undo the change.
    fn checked_out_elsewhere(&self, full_name: &str) -> Result<Option<PathBuf>, StoreError> {
        let git = self.git()?;
        let failed = |e| StoreError::git("reading the linked working trees", e);
        let is_at = |git_dir: &Path| {
            let head = std::fs::read_to_string(git_dir.join("HEAD")).unwrap_or_default();
            head.strip_prefix("ref:").is_some_and(|name| name.trim() == full_name)
        };
        let common = git.commondir();
        if git.is_worktree() && is_at(common) {
            let main = Repository::open(common).map_err(failed)?;
            if let Some(folder) = main.workdir() {
                return Ok(Some(folder.to_owned()));
            }
        }
        for name in git.worktrees().map_err(failed)?.iter().flatten().flatten() {
            let linked = git.find_worktree(name).map_err(failed)?;
            if linked.validate().is_ok() && is_at(&common.join("worktrees").join(name)) {
                return Ok(Some(linked.path().to_owned()));
            }
        }
        Ok(None)
    }

    /// The commit that a branch points to; none for an unborn branch. A broken ref is an error.
    pub fn tip(&self, branch: &Branch) -> Result<Option<Oid>, StoreError> {
        match self.git()?.find_reference(&branch.full_name) {
            Ok(found) => match found.peel_to_commit() {
                Ok(commit) => Ok(Some(commit.id())),
                Err(e) => Err(StoreError::Corrupt(format!("`{}`: {}", branch.full_name, e.message()))),
            },
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(StoreError::Corrupt(format!("`{}`: {}", branch.full_name, e.message()))),
        }
    }

    /// Moves a branch to a new commit, if the branch still points to the commit on which the change was planned. A lock
    /// whose owner is most likely dead is an error, because no retry helps.
    pub fn advance(&self, branch: &Branch, from: Option<Oid>, to: Oid, why: &str) -> Result<Advance, StoreError> {
        let advance = self.compare_and_swap(branch, from, to, why);
        match &advance {
            Ok(Advance::Done) => tracing::debug!(target: STEP, "moved {} to {to}", branch.full_name),
            Ok(Advance::Lost) => {
                tracing::debug!(target: RETRY, "lost the race for {}: the branch has moved or is locked", branch.full_name);
            }
            Err(_) => {}
        }
        advance
    }

    fn compare_and_swap(&self, branch: &Branch, from: Option<Oid>, to: Oid, why: &str) -> Result<Advance, StoreError> {
        let git = self.git()?;
        let moved = match from {
            Some(from) => git.reference_matching(&branch.full_name, to, true, from, why),
            None => git.reference(&branch.full_name, to, false, why),
        };
        let Err(error) = moved else {
            // The branch has moved, so a failure from here on must not be reported as a failed move.
            let _ = complete_flush(git.commondir());
            return Ok(Advance::Done);
        };
        // The ref may have moved although flushing its folder failed, so its current value decides.
        if self.tip(branch).ok().flatten() == Some(to) {
            return Ok(Advance::Done);
        }
        match error.code() {
            ErrorCode::Locked => self.stale_lock(branch)?.map_or(Ok(Advance::Lost), Err),
            ErrorCode::Modified | ErrorCode::Exists => Ok(Advance::Lost),
            ErrorCode::NotFound if from.is_some() => Ok(Advance::Lost),
            // `git gc --prune=now` removed the commit, to which no ref pointed yet: write the commit again.
            _ if git.odb().is_ok_and(|odb| !odb.exists(to)) => Ok(Advance::Lost),
            _ => Err(StoreError::git("moving the branch", error)),
        }
    }

    /// A lock of the branch whose owner is most likely dead, and that stays.
    fn stale_lock(&self, branch: &Branch) -> Result<Option<StoreError>, StoreError> {
        let found = || self.branch_lock(branch).map(|lock| lock.filter(StoreError::is_stale_lock));
        if found()?.is_none() {
            return Ok(None);
        }
        sleep(PATIENCE_WITH_STALE);
        found()
    }

    /// The lock that git holds while it writes a branch; none if the branch is not locked.
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
