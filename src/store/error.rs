//! Errors of the repository, each with a hint.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::store::programs::ProgramError;

/// From this age on, the owner of a lock file is taken to be dead.
const STALE_LOCK: Duration = Duration::from_secs(600);

/// A failure of the repository, of a program or of the disk. Nothing was committed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder is not inside a repository.
    #[error("`{0}` is not in a git repository")]
    NoRepository(PathBuf),
    /// No folder from this one up to the top of the repository has a registry.
    #[error("`registry.toml` is missing in `{0}` and in the folders above it in the repository")]
    NoRegistry(PathBuf),
    /// Git refuses a repository of another user.
    #[error("the repository at `{0}` belongs to another user")]
    ForeignOwner(PathBuf),
    /// A kind of repository that libgit2 does not read.
    #[error("`{path}` is a repository with {what}, which modelreg cannot read")]
    Unsupported {
        /// The repository.
        path: PathBuf,
        /// The unsupported kind.
        what: &'static str,
    },
    /// An object or ref is damaged or missing.
    #[error("the repository is corrupt: {0}")]
    Corrupt(String),
    /// A changed path that is no file of a registry.
    #[error("`{0}` is not a plain file, or is too large for a registry")]
    NotPlain(String),
    /// More paths differ between two commits than a registry can have.
    #[error("more than {0} paths differ between the two commits")]
    TooManyPaths(usize),
    /// An object that a commit needs is not in the clone.
    #[error("the clone does not have object {0}")]
    Missing(git2::Oid),
    /// A revision that names no commit.
    #[error("the repository has no revision `{0}`")]
    NoRevision(String),
    /// No branch to write to.
    #[error("{0}")]
    NoBranch(String),
    /// The branch is checked out in another working tree, whose files this command cannot update.
    #[error("the branch `{branch}` is checked out in `{folder}`")]
    CheckedOut {
        /// The branch.
        branch: String,
        /// The other working tree.
        folder: PathBuf,
    },
    /// Another process holds one of git's locks.
    #[error("another process has locked `{path}` for {}", in_words(.age))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The age of the lock file.
        age: Duration,
    },
    /// The branch and its remote-tracking branch have diverged.
    #[error("{message}")]
    Diverged {
        /// Both branches, in a sentence.
        message: String,
        /// The branch.
        branch: String,
        /// The remote.
        remote: String,
    },
    /// Git has stopped a merge or a rebase on the checked-out branch.
    #[error("a {0} is in progress: git has stopped it, or waits for you to finish it")]
    Stopped(&'static str),
    /// A push failed, and the remote cannot be asked whether it has the commit.
    #[error("{push}; and `{remote}` could not be asked whether it has the commit: {why}")]
    PushUnknown {
        /// The remote.
        remote: String,
        /// Why the push failed.
        push: String,
        /// Why the remote could not be asked.
        why: String,
    },
    /// A setting of git is neither true nor false.
    #[error("git's `{0}` is neither true nor false")]
    NoFlag(String),
    /// The repository's own settings name a folder of hooks outside of the repository.
    #[error("the repository's own `core.hooksPath` names `{0}`, which is outside of the repository")]
    HooksElsewhere(PathBuf),
    /// The objects of a push are not in the folder where git puts them.
    #[error("`{0}` is not a folder of this repository's incoming objects")]
    Quarantine(PathBuf),
    /// Every retry lost the race for the branch to another writer.
    #[error("other writers moved the branch {0} times in a row")]
    Contended(usize),
    /// A program failed.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The operating system refused to read or write a file.
    #[error("{doing} `{path}` failed: {source}")]
    Io {
        /// The attempt, such as `reading`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// Any other error of libgit2.
    #[error("{doing} failed: {}", .source.message())]
    Git {
        /// The attempt, such as `opening the repository`.
        doing: &'static str,
        /// libgit2's error.
        source: git2::Error,
    },
}

impl StoreError {
    /// How to fix the error, if there is more to say than the message does.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoRepository(_) => {
                "go to the registry's clone, name the clone with `-C DIR`, or create a registry: `modelreg init DIR`".into()
            }
            Self::NoRegistry(_) => "name the registry's folder with `-C DIR`, or create a registry: `modelreg init`".into(),
            Self::ForeignOwner(path) => {
                format!("if you trust the repository: `git config --global --add safe.directory {}`", path.display())
            }
            Self::Unsupported { .. } => {
                "use a clone with SHA-1 objects and the `files` ref format".into()
            }
            Self::Corrupt(_) => {
                "`git fsck --full` lists the damage; `git fetch` or a fresh clone restores objects".into()
            }
            Self::NotPlain(_) => "join this change with git, for example `git pull --rebase`; then run the command again".into(),
            Self::TooManyPaths(_) => "split the change, and look at it with `git diff --stat`: trees may repeat trees".into(),
            Self::Missing(_) => {
                "in a partial clone (`git clone --filter`), `git fetch --refetch --no-filter` fetches all objects; in any other clone, `git fsck --full` lists the damage".into()
            }
            Self::NoRevision(_) => "`git branch --all` and `git log --oneline` list the revisions".into(),
            Self::NoBranch(_) => "name a branch with `--branch`, or check one out with `git switch`".into(),
            Self::CheckedOut { folder, .. } => {
                format!("run the command there: `modelreg -C '{}' ...`", folder.display())
            }
            Self::Locked { path, .. } => {
                format!(
                    "wait for the process to finish; if no git process runs, remove the lock: `rm '{}'`",
                    path.display()
                )
            }
            Self::Diverged { .. } => {
                "`modelreg sync` joins them: it makes this clone's commits again on the remote's, and pushes them".into()
            }
            Self::Stopped(what) => format!(
                "`modelreg sync` gives up the {what} and joins both sides by what the files mean; or finish it: `git {what} --continue`"
            ),
            Self::PushUnknown { remote, .. } => format!(
                "when `{remote}` answers again, run the same command again: it never makes the change twice"
            ),
            Self::NoFlag(key) => format!("git config {key} true"),
            Self::HooksElsewhere(_) => {
                "run `git config --local --unset core.hooksPath`; if you trust that folder, set `core.hooksPath` with `--global`".into()
            }
            Self::Quarantine(_) => "unset GIT_QUARANTINE_PATH, which only git's receive-pack sets".into(),
            Self::Contended(_) => "run the command again".into(),
            Self::Program(error) => return error.hint(),
            Self::Io { .. } | Self::Git { .. } => return None,
        })
    }

    /// The error for a failure of libgit2. A repository of another user is a variant of its own.
    pub fn git(doing: &'static str, source: git2::Error) -> Self {
        match source.code() {
            git2::ErrorCode::Owner => Self::ForeignOwner(PathBuf::from(".")),
            _ => Self::Git { doing, source },
        }
    }

    /// The error for an object that must exist and could not be read: the repository is damaged.
    pub fn object(id: git2::Oid, source: &git2::Error) -> Self {
        match source.code() {
            git2::ErrorCode::NotFound => Self::Missing(id),
            _ => Self::Corrupt(format!("object {id}: {}", source.message())),
        }
    }

    /// The error for a file or folder.
    pub fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    /// Whether this is a lock whose owner is most likely dead, judged by its age.
    pub fn is_stale_lock(&self) -> bool {
        matches!(self, Self::Locked { age, .. } if *age >= STALE_LOCK)
    }

    /// The error for a lock file, with the file's age.
    pub fn locked(path: PathBuf) -> Self {
        let modified = path.metadata().and_then(|m| m.modified()).ok();
        let age = modified.and_then(|at| SystemTime::now().duration_since(at).ok()).unwrap_or_default();
        Self::Locked { path, age }
    }
}

/// A duration in one unit, such as `5 minutes`.
pub(super) fn in_words(age: &Duration) -> String {
    let (n, unit) = match age.as_secs() {
        s @ 0..120 => (s, "second"),
        s @ 120..7_200 => (s / 60, "minute"),
        s @ 7_200..172_800 => (s / 3_600, "hour"),
        s => (s / 86_400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
