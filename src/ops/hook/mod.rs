//! The rules in git's hooks: for the staged files, for the commits to push, and for the pushes that a server receives.

mod install;
mod judge;
mod pre_commit;
mod pre_push;
mod pre_receive;
mod pushed;

pub use crate::store::HookWritten;
pub(super) use install::installed;
pub use install::{Installed, InstalledHook, install_hooks};
pub use judge::JudgedRef;
pub use pre_commit::pre_commit;
pub use pre_push::pre_push;
pub(super) use pre_receive::LOCK;
pub use pre_receive::pre_receive;

use std::path::Path;

use anyhow::Result;

use super::environment::Environment;
use super::refusal::Refusal;
use super::session::Session;
use crate::store::Store;

/// The session of a hook. `folder` is the registry's folder relative to the root of the repository; commits may not
/// contain the folder.
fn session(dir: &Path, environment: Environment, folder: &str) -> Result<Session> {
    Session::of(Store::in_folder(dir, &checked(folder)?)?, environment)
}

/// The registry's folder without a trailing slash; empty for the root.
fn checked(folder: &str) -> Result<String, Refusal> {
    let folder = folder.trim_end_matches('/');
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.chars().any(|c| c.is_control() || c == '\\');
    if folder.is_empty() || folder == "." {
        return Ok(String::new());
    }
    if folder.split('/').all(plain) {
        return Ok(folder.to_owned());
    }
    let why = format!("`{}` is not a folder of a repository", folder.escape_debug());
    Err(Refusal::new(
        why,
        "write the registry's folder relative to the root of the repository, for example `--folder ml/registry`",
    ))
}
