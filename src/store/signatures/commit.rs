//! Signing commits if git is configured to sign, with `git commit-tree -S`, which supports GPG, SSH and X.509 with
//! their agents and keys.
//!
//! The signing program comes only from the user's and the system's configuration: a foreign repository may name a key,
//! but never a program to run.

use std::path::PathBuf;

use git2::{Config, ConfigLevel, Oid, Repository};

use crate::store::commits::write::Draft;
use crate::store::error::StoreError;
use crate::store::programs::Git;

/// The settings that name a program, each with git's default.
const PROGRAMS: [(&str, &str); 5] = [
    ("gpg.program", "gpg"),
    ("gpg.openpgp.program", "gpg"),
    ("gpg.x509.program", "gpgsm"),
    ("gpg.ssh.program", "ssh-keygen"),
    ("gpg.ssh.defaultKeyCommand", ""),
];

/// Whether `commit.gpgsign` is on.
pub(in crate::store) fn wanted(git: &Repository) -> Result<bool, StoreError> {
    let config =
        git.config().and_then(|mut c| c.snapshot()).map_err(|e| StoreError::git("reading git's configuration", e))?;
    match config.get_bool("commit.gpgsign") {
        Ok(on) => Ok(on),
        Err(e) if e.code() == git2::ErrorCode::NotFound => Ok(false),
        Err(e) => Err(StoreError::git("reading commit.gpgsign", e)),
    }
}

/// The levels of the configuration outside of a repository, by precedence.
const OUTSIDE: [ConfigLevel; 4] =
    [ConfigLevel::Global, ConfigLevel::XDG, ConfigLevel::System, ConfigLevel::ProgramData];

/// The value of a setting from outside of the repository.
pub(in crate::store) fn trusted(config: &Config, key: &str) -> Option<String> {
    OUTSIDE.into_iter().find_map(|level| config.open_level(level).ok()?.snapshot().ok()?.get_string(key).ok())
}

/// The value of a path setting from outside of the repository, with `~` expanded.
pub(in crate::store) fn trusted_path(config: &Config, key: &str) -> Option<PathBuf> {
    let path = OUTSIDE.into_iter().find_map(|level| config.open_level(level).ok()?.snapshot().ok()?.get_path(key).ok());
    path.filter(|path| !path.as_os_str().is_empty())
}

/// Writes the signed commit. No ref points to the commit yet.
pub(in crate::store) fn commit(
    git: &Repository,
    tree: Oid,
    parents: &[Oid],
    draft: &Draft<'_>,
) -> Result<Oid, StoreError> {
    let config = git.config().map_err(|e| StoreError::git("reading git's configuration", e))?;
    let mut command = Git::plumbing(git.path())?.durable();
    for (key, default) in PROGRAMS {
        command = command.setting(key, trusted(&config, key).as_deref().unwrap_or(default));
    }
    let mut call = command.command("commit-tree").arg("-S");
    for parent in parents {
        call = call.arg("-p").arg(parent.to_string());
    }
    let (author, authored) = draft.author();
    for (role, person, seconds) in [("AUTHOR", author, authored), ("COMMITTER", draft.person, draft.seconds)] {
        call = call.env(&format!("GIT_{role}_NAME"), &person.name).env(&format!("GIT_{role}_EMAIL"), &person.email);
        call = call.env(&format!("GIT_{role}_DATE"), format!("@{seconds} +0000"));
    }
    let written = call.arg(tree.to_string()).input(draft.message).run()?.success()?;
    Oid::from_str(&written.text()).map_err(|e| StoreError::git("reading the signed commit", e))
}
