//! Why a program did not do what it was run for.

use super::version::{LEAST, Version};

/// Why a program did not do what it was run for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// There is no such program.
    #[error("`{program}` is not installed, or not on the PATH")]
    NotInstalled {
        /// The program.
        program: String,
    },
    /// The installed git does not know what is asked of it.
    #[error("git {found} is installed; modelreg needs git {LEAST} or newer")]
    OldGit {
        /// The version that is installed.
        found: Version,
    },
    /// The program ended with an error, or was ended.
    #[error("`{call}` failed: {message}")]
    Failed {
        /// The program and its subcommand, such as `git push`.
        call: String,
        /// What the program wrote to its standard error, or why it did not run to its end.
        message: String,
    },
}

impl ProgramError {
    /// What to do next; none where the program's own message is all that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotInstalled { program } if program == "git" => {
                Some("install git, for example with `apt install git`".into())
            }
            Self::NotInstalled { program } if program.starts_with("ssh-") => {
                Some("install OpenSSH's client, for example with `apt install openssh-client`".into())
            }
            Self::NotInstalled { program } => {
                Some(format!("install `{program}`, or correct the setting that names it"))
            }
            Self::OldGit { .. } => Some("install a newer git: https://git-scm.com/downloads".into()),
            Self::Failed { .. } => None,
        }
    }
}
