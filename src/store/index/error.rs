//! The errors of a change of the index, and their hints.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::error::in_words;
use crate::store::programs::ProgramError;

/// An error of a change of the index. The index is then unchanged.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another process holds the lock, or was killed and left the lock file.
    #[error("another process has locked `{}`{}", path.display(), duration(*age))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The age of the lock file, if known.
        age: Option<Duration>,
    },
    /// The index file is damaged.
    #[error("the index `{}` is corrupt: {why}", path.display())]
    Corrupt {
        /// The index.
        path: PathBuf,
        /// The damage.
        why: &'static str,
    },
    /// Git's index accepts no such path.
    #[error("git does not accept `{path}` as the path of a file")]
    Path {
        /// The path.
        path: String,
    },
    /// The index has other entries at the path, which an edit would remove: the sides of a merge, or a folder in place of
    /// the file.
    #[error("the index has a conflict at `{path}`")]
    Clash {
        /// The path.
        path: String,
    },
    /// The system refused to read or write a file.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// A verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The program `git` failed, which reads and writes split and sparse indexes.
    #[error(transparent)]
    Git(#[from] ProgramError),
}

impl IndexError {
    /// How to fix the error.
    pub fn hint(&self) -> String {
        match self {
            Self::Locked { path, .. } => {
                format!(
                    "wait for the process to finish; if no git process runs in this clone, run `rm '{}'`, then `git status`",
                    path.display()
                )
            }
            Self::Corrupt { path, .. } => {
                format!(
                    "run `rm '{}' && git reset`: git writes the index again from the commit, and changes no file",
                    path.display()
                )
            }
            Self::Path { .. } => "choose another name".into(),
            Self::Clash { path } => {
                format!("resolve the conflict, then run `git restore --staged --worktree -- {path}`")
            }
            Self::Io { .. } => {
                "once the disk works again, run `git status`: it lists the files that differ from the commit".into()
            }
            Self::Git(error) => {
                error.hint().unwrap_or_else(|| "run `git status`, which reports errors of the index".into())
            }
        }
    }
}

fn duration(age: Option<Duration>) -> String {
    age.map(|age| format!(" for {}", in_words(&age))).unwrap_or_default()
}

/// Makes an error of the system's error.
pub(super) fn io_error(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> IndexError + use<> {
    let path = path.to_owned();
    move |source| IndexError::Io { doing, path: path.clone(), source }
}
