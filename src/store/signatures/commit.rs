//! Signing a commit where the user's git is set to sign: by `git commit-tree -S`, which knows GPG, SSH and X.509, their
//! agents and their keys.
//!
//! Which *program* signs is asked of the user's and the system's configuration only: a repository that somebody else
//! made may name a key, but never a program to run.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use git2::{Config, ConfigLevel, Oid, Repository};

use crate::store::commits::write::Draft;
use crate::store::error::StoreError;

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
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") && !name.to_string_lossy().starts_with("GIT_CONFIG") {
            command.env_remove(name);
        }
    }
    command.args(["-c", "core.fsync=all", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
    for (key, default) in PROGRAMS {
        command.arg("-c").arg(format!("{key}={}", trusted(&config, key).as_deref().unwrap_or(default)));
    }
    let date = format!("@{} +0000", draft.seconds);
    let person = draft.person;
    command
        .arg("--git-dir")
        .arg(git.path())
        .args(["commit-tree", "-S"])
        .args(parents.iter().flat_map(|p| ["-p".to_owned(), p.to_string()]))
        .arg(tree.to_string())
        .env("LC_ALL", "C")
        .envs([("GIT_AUTHOR_NAME", &person.name), ("GIT_AUTHOR_EMAIL", &person.email), ("GIT_AUTHOR_DATE", &date)])
        .envs([
            ("GIT_COMMITTER_NAME", &person.name),
            ("GIT_COMMITTER_EMAIL", &person.email),
            ("GIT_COMMITTER_DATE", &date),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let failed = |message: String| StoreError::Program { program: "git commit-tree -S".into(), message };
    let mut child = command.spawn().map_err(|e| failed(format!("git could not be started: {e}")))?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(draft.message.as_bytes()).map_err(|e| failed(e.to_string()))?;
    }
    let output = child.wait_with_output().map_err(|e| failed(e.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Oid::from_str(String::from_utf8_lossy(&output.stdout).trim())
        .map_err(|e| StoreError::git("reading the signed commit", e))
}
