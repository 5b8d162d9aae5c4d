//! Running other programs: `git`, `ssh-keygen`, `gh` and the user's own command for a key. No other module runs
//! programs.
//!
//! | file          | content                                                                  |
//! |---------------|--------------------------------------------------------------------------|
//! | `call`        | one run of a program: its input, its outcome, and its line in the log    |
//! | `environment` | the environment variables that programs inherit                          |
//! | `git`         | calls of git on a repository                                             |
//! | `version`     | the minimum version of git, checked once per run                         |
//! | `limit`       | ending a program and its child processes at a time limit                 |
//! | `shown`       | a call in the log, without secrets                                       |
//!
//! Only git's porcelain output is parsed, which git's manual keeps stable for scripts.

mod call;
mod environment;
mod error;
mod git;
mod limit;
mod shown;
mod version;

pub(in crate::store) use call::Call;
pub use error::ProgramError;
pub(in crate::store) use git::Git;
pub(in crate::store) use version::installed;
