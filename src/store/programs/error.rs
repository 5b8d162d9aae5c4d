//! Errors of running a program.

use super::version::{LEAST, Version};

/// Why running a program failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// The program was not found.
    #[error("`{program}` is not installed, or not on the PATH")]
    NotInstalled {
        /// The program.
        program: String,
    },
    /// The installed git is too old.
    #[error("git {found} is installed; modelreg needs git {LEAST} or newer")]
    OldGit {
        /// The version that is installed.
        found: Version,
    },
    /// The program failed, or was ended at a time limit.
    #[error("`{call}` failed: {message}")]
    Failed {
        /// The program and its subcommand, such as `git push`.
        call: String,
        /// The program's standard error, or the reason why the program did not finish.
        message: String,
    },
}

impl ProgramError {
    /// The hint; none if only the program's own message is known.
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
