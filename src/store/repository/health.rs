//! The state of a repository for `doctor`: stale locks, missing history or files, a server's settings.

use std::path::PathBuf;
use std::time::Duration;

use super::store::Store;
use crate::store::error::StoreError;
use crate::store::programs::{self, Call, ProgramError};

/// The parts of the history that a clone lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// Whether the history is truncated (`git clone --depth`).
    pub shallow: bool,
    /// The remote from which git fetches missing objects on demand (`git clone --filter`).
    pub promisor: Option<String>,
}

impl Store {
    /// The lock files in the repository, each with its age.
    pub fn locks(&self) -> Result<Vec<(PathBuf, Duration)>, StoreError> {
        let git = self.git()?;
        let (own, common) = (git.path(), git.commondir());
        let below = |folder: PathBuf, depth| walkdir::WalkDir::new(folder).max_depth(depth);
        let mut walks = vec![below(common.to_owned(), 1), below(common.join("refs"), usize::MAX)];
        if own != common {
            walks.push(below(own.to_owned(), 1));
        }
        let files = walks.into_iter().flatten().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
        let locks = files.filter(|entry| entry.path().extension().is_some_and(|end| end == "lock"));
        let mut found: Vec<_> = locks
            .filter_map(|entry| match StoreError::locked(entry.into_path()) {
                StoreError::Locked { path, age } => Some((path, age)),
                _ => None,
            })
            .collect();
        found.sort();
        Ok(found)
    }

    /// The parts of the history that the clone lacks.
    pub fn missing(&self) -> Result<Missing, StoreError> {
        let git = self.git()?;
        let failed = |e| StoreError::git("reading git's configuration", e);
        let remotes = git.remotes().map_err(failed)?;
        let mut promisor = None;
        for remote in remotes.iter().flatten().flatten() {
            let key = format!("remote.{remote}.partialclonefilter");
            promisor = promisor.or(self.setting(&key)?.map(|_| remote.to_owned()));
        }
        Ok(Missing { shallow: git.is_shallow(), promisor })
    }

    /// Whether git flushes the objects and refs of a push to the disk before it reports success (git-config(1),
    /// `core.fsync`).
    pub fn is_durable(&self) -> Result<bool, StoreError> {
        let Some(setting) = self.setting("core.fsync")? else { return Ok(false) };
        let parts: Vec<&str> = setting.split(',').map(str::trim).collect();
        let has = |names: &[&str]| names.iter().any(|name| parts.contains(name));
        let off = |name: &str| parts.contains(&name);
        let all = has(&["all"]) && !off("-loose-object") && !off("-reference");
        Ok(all || has(&["loose-object", "objects", "committed", "added"]) && has(&["reference", "committed", "added"]))
    }

    /// Whether the repository checks that the objects of a push are well formed (`receive.fsckObjects`).
    pub fn checks_objects(&self) -> Result<bool, StoreError> {
        let config = self.git()?.config().and_then(|mut config| config.snapshot());
        let config = config.map_err(|e| StoreError::git("reading git's configuration", e))?;
        let asked = |key: &str| config.get_bool(key).ok();
        Ok(asked("receive.fsckObjects").or(asked("transfer.fsckObjects")).unwrap_or(false))
    }

    /// Whether a boolean setting exists and is true.
    pub fn is_set(&self, key: &str) -> Result<bool, StoreError> {
        let config = self.git()?.config().and_then(|mut config| config.snapshot());
        let config = config.map_err(|e| StoreError::git("reading git's configuration", e))?;
        match config.get_bool(key) {
            Ok(set) => Ok(set),
            Err(e) if e.code() == git2::ErrorCode::NotFound => Ok(false),
            Err(_) => Err(StoreError::NoFlag(key.to_owned())),
        }
    }

    /// The output of `git version`.
    ///
    /// # Errors
    /// [`ProgramError::NotInstalled`], and [`ProgramError::OldGit`] if git is too old.
    pub fn git_version(&self) -> Result<String, ProgramError> {
        programs::installed()
    }

    /// Whether OpenSSH's `ssh-keygen` can be run.
    pub fn has_ssh_keygen(&self) -> bool {
        Call::new("ssh-keygen", "ssh-keygen").arg("-?").run().is_ok()
    }

    /// The repository's git directory; of a linked working tree, the common one.
    pub fn git_folder(&self) -> Result<PathBuf, StoreError> {
        Ok(self.git()?.commondir().to_owned())
    }
}
