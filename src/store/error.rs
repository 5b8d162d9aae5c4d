//! What can go wrong with the repository, in words that say the hint.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::store::programs::ProgramError;

/// From this age on, a lock file is taken for one whose owner is dead.
const STALE_LOCK: Duration = Duration::from_secs(600);

/// A failure of the repository or of what surrounds it. Nothing was committed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No repository.
    #[error("`{0}` is in no git repository")]
    NoRepository(PathBuf),
    /// No registry.
    #[error("there is no registry.toml in `{0}` or above it in its repository")]
    NoRegistry(PathBuf),
    /// git refuses a repository of another user.
    #[error("the repository at `{0}` belongs to another user")]
    ForeignOwner(PathBuf),
    /// A kind of repository that libgit2 does not read.
    #[error("`{path}` is a repository with {what}, which modelreg cannot read yet")]
    Unsupported {
        /// The repository.
        path: PathBuf,
        /// The unsupported kind.
        what: &'static str,
    },
    /// An object or ref is damaged or missing.
    #[error("the repository is corrupt: {0}")]
    Corrupt(String),
    /// A revision that names nothing.
    #[error("`{0}` names no commit")]
    NoRevision(String),
    /// No branch to write to.
    #[error("{0}")]
    NoBranch(String),
    /// The branch is checked out in another working tree, whose files could not follow from here.
    #[error("the branch `{branch}` is checked out in `{folder}`")]
    CheckedOut {
        /// The branch.
        branch: String,
        /// The other working tree.
        folder: PathBuf,
    },
    /// Another process holds a lock of git's.
    #[error("another process holds `{path}`, made {} ago", said(.age))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// How old it is.
        age: Duration,
    },
    /// A branch has commits here that its remote has not, and the other way round.
    #[error("{message}")]
    Diverged {
        /// What.
        message: String,
        /// The branch.
        branch: String,
        /// The remote.
        remote: String,
    },
    /// The repository's own settings name a folder of hooks that is none of the repository's.
    #[error("this repository's settings put its hooks in `{0}`, outside of the repository")]
    HooksElsewhere(PathBuf),
    /// The objects of a push are not where git puts them.
    #[error("`{0}` is no folder of this repository's incoming objects")]
    Quarantine(PathBuf),
    /// Other writers were faster again and again.
    #[error("other writers moved the branch {0} times in a row")]
    Contended(usize),
    /// A program that was run failed.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The disk.
    #[error("{doing} `{path}`: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything else that libgit2 reports.
    #[error("{doing}: {}", .source.message())]
    Git {
        /// What was tried.
        doing: &'static str,
        /// What libgit2 said.
        source: git2::Error,
    },
}

impl StoreError {
    /// How to fix it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoRepository(_) => {
                "go to the registry's clone, name it with `-C DIR`, or make one: `modelreg init DIR`".into()
            }
            Self::NoRegistry(_) => "name the registry's folder with `-C DIR`, or make one: `modelreg init`".into(),
            Self::ForeignOwner(path) => {
                format!("if you trust it: `git config --global --add safe.directory {}`", path.display())
            }
            Self::Unsupported { .. } => {
                "clone it into a repository with SHA-1 objects and the `files` ref format".into()
            }
            Self::Corrupt(_) => {
                "run `git fsck --full` to see what is damaged; `git fetch` or a fresh clone brings objects back".into()
            }
            Self::NoRevision(_) => "`git branch --all` and `git log --oneline` show what there is".into(),
            Self::NoBranch(_) => "name a branch with `--branch`, or check one out with `git switch`".into(),
            Self::CheckedOut { folder, .. } => {
                format!("run the command there: `modelreg -C '{}' ...`", folder.display())
            }
            Self::Locked { path, .. } => {
                format!(
                    "try again when it is done; if no git process runs any more, remove the lock: `rm '{}'`",
                    path.display()
                )
            }
            Self::Diverged { branch, remote, .. } => {
                format!("bring them together, as with `git pull --rebase {remote} {branch}`, and run the command again")
            }
            Self::HooksElsewhere(_) => {
                "`git config --local --unset core.hooksPath`, or set it with `--global` if you trust that folder".into()
            }
            Self::Quarantine(_) => "only git's receive-pack sets GIT_QUARANTINE_PATH; unset it".into(),
            Self::Contended(_) => "run the command again".into(),
            Self::Program(error) => return error.hint(),
            Self::Io { .. } | Self::Git { .. } => return None,
        })
    }

    /// A libgit2 error while something was done, told apart by what it means.
    pub fn git(doing: &'static str, source: git2::Error) -> Self {
        match source.code() {
            git2::ErrorCode::Owner => Self::ForeignOwner(PathBuf::from(".")),
            _ => Self::Git { doing, source },
        }
    }

    /// A libgit2 error while an object that must exist was read: whatever it says, the repository is damaged.
    pub fn object(id: git2::Oid, source: &git2::Error) -> Self {
        let message = source.message();
        Self::Corrupt(match source.code() {
            git2::ErrorCode::NotFound => {
                format!("object {id} is missing; in a partial clone, `git fetch --refetch` brings it")
            }
            _ => format!("object {id}: {message}"),
        })
    }

    /// A failure of the disk.
    pub fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    /// Whether this is a lock file so old that its owner is most likely dead.
    pub fn is_stale_lock(&self) -> bool {
        matches!(self, Self::Locked { age, .. } if *age >= STALE_LOCK)
    }

    /// The lock file in the way, with its age.
    pub fn locked(path: PathBuf) -> Self {
        let modified = path.metadata().and_then(|m| m.modified()).ok();
        let age = modified.and_then(|at| SystemTime::now().duration_since(at).ok()).unwrap_or_default();
        Self::Locked { path, age }
    }
}

/// A duration as people say it.
fn said(age: &Duration) -> String {
    let (n, unit) = match age.as_secs() {
        s @ 0..120 => (s, "second"),
        s @ 120..7_200 => (s / 60, "minute"),
        s @ 7_200..172_800 => (s / 3_600, "hour"),
        s => (s / 86_400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
