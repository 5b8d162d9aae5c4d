//! The one room that runs other programs: `git`, `ssh-keygen`, `gh` and a user's own command for a key.
//!
//! | file          | what is in it                                                            |
//! |---------------|--------------------------------------------------------------------------|
//! | `call`        | one run of a program: its input, its outcome, its line in the log        |
//! | `environment` | which variables of git's a program is given                              |
//! | `git`         | a call of git on a repository                                            |
//! | `version`     | the oldest git that is enough, checked once per run                      |
//! | `limit`       | ending a program, and all that it has started, when its time is over     |
//! | `shown`       | a call as the log shows it, without secrets                              |
//!
//! Git itself is asked for its porcelain output only: forms that its manual promises to scripts.

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
