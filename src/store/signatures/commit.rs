//! Signing a commit where the user's git is set to sign: by `git commit-tree -S`, which knows GPG, SSH and X.509, their
//! agents and their keys.
//!
//! Which *program* signs is asked of the user's and the system's configuration only: a repository that somebody else
//! made may name a key, but never a program to run.

use std::path::PathBuf;

use git2::{Config, ConfigLevel, Oid, Repository};

use crate::store::commits::write::Draft;
use crate::store::error::StoreError;
use crate::store::programs::Git;

/// The settings that name a program, and git's own default for each.
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

/// The levels of the configuration that lie outside of a repository, the first that counts first.
const OUTSIDE: [ConfigLevel; 4] =
    [ConfigLevel::Global, ConfigLevel::XDG, ConfigLevel::System, ConfigLevel::ProgramData];

/// The value of a setting from outside of the repository.
pub(in crate::store) fn trusted(config: &Config, key: &str) -> Option<String> {
    OUTSIDE.into_iter().find_map(|level| config.open_level(level).ok()?.snapshot().ok()?.get_string(key).ok())
}

/// The same where it is a path, in which `~` stands for the user's home.
pub(in crate::store) fn trusted_path(config: &Config, key: &str) -> Option<PathBuf> {
    let path = OUTSIDE.into_iter().find_map(|level| config.open_level(level).ok()?.snapshot().ok()?.get_path(key).ok());
    path.filter(|path| !path.as_os_str().is_empty())
}

/// Writes the signed commit. Nothing points to it yet.
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
    let date = format!("@{} +0000", draft.seconds);
    let mut call = command.command("commit-tree").arg("-S");
    for parent in parents {
        call = call.arg("-p").arg(parent.to_string());
    }
    for (role, value) in [("NAME", &draft.person.name), ("EMAIL", &draft.person.email), ("DATE", &date)] {
        call = call.env(&format!("GIT_AUTHOR_{role}"), value).env(&format!("GIT_COMMITTER_{role}"), value);
    }
    let written = call.arg(tree.to_string()).input(draft.message).run()?.success()?;
    Oid::from_str(&written.text()).map_err(|e| StoreError::git("reading the signed commit", e))
}
