//! Why the index could not be changed.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::programs::ProgramError;

/// Why the index could not be changed. It is then what it was.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another program holds the lock, or one that is gone has left it behind.
    #[error("`{}` is there{}: a git program is at work in this clone, or one was killed", path.display(), aged(*age))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// How old it is, where that could be told.
        age: Option<Duration>,
    },
    /// The index file is damaged.
    #[error("the index `{}` is corrupt: {why}", path.display())]
    Corrupt {
        /// The index.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No index can hold the path.
    #[error("`{path}` cannot stand in a git index")]
    Path {
        /// The path.
        path: String,
    },
    /// The index holds something at the path that an edit would have to push aside: the sides of a merge, or a folder
    /// where a file should be.
    #[error("the index has a conflict at `{path}`")]
    Clash {
        /// The path.
        path: String,
    },
    /// The disk failed.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// A verb.
        doing: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The `git` program, which is asked about split and sparse indexes, failed.
    #[error(transparent)]
    Git(#[from] ProgramError),
}

impl IndexError {
    /// What the user can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Locked { path, .. } => {
                format!("when no git program runs in this clone, remove `{}`, then run `git status`", path.display())
            }
            Self::Corrupt { path, .. } => {
                format!(
                    "run `rm {} && git reset`: it is made anew from the commit, and no file is touched",
                    path.display()
                )
            }
            Self::Path { .. } => "choose another name".into(),
            Self::Clash { path } => format!("resolve it, then run `git restore --staged --worktree -- {path}`"),
            Self::Io { .. } => "when the disk is well again, run `git status` to see what is behind the commit".into(),
            Self::Git(error) => {
                error.hint().unwrap_or_else(|| "run `git status` to see what git says of the index".into())
            }
        }
    }
}

fn aged(age: Option<Duration>) -> String {
    age.map(|age| format!(" (since {} s)", age.as_secs())).unwrap_or_default()
}

/// Makes an error of what the system said.
pub(super) fn io_error(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> IndexError + use<> {
    let path = path.to_owned();
    move |source| IndexError::Io { doing, path: path.clone(), source }
}
