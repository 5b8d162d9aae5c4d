//! Checking a registry, or a change of it, by the rules.

use std::path::Path;

use anyhow::Result;

use super::refusal::Refusal;
use super::session::Session;
use crate::check;
use crate::diag::Report;
use crate::store::FolderTree;

/// The files or the change to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The files in the registry's folder.
    Files,
    /// The staged files.
    Staged,
    /// The files of a commit.
    Commit(String),
    /// The change from one commit to another.
    Change {
        /// The base; the policy is read from here.
        base: String,
        /// The head.
        head: String,
    },
}

/// The result of a check.
#[derive(Debug)]
pub struct Validated {
    /// The rules' findings.
    pub report: Report,
    /// The registry's folder relative to the root of the repository, with `/` at its end; empty at the root.
    pub prefix: String,
}

/// Checks all rules. Findings are not an error of this function.
pub fn validate(session: &Session, scope: &Scope) -> Result<Validated> {
    let store = &session.store;
    let report = match scope {
        Scope::Files => {
            let none = || {
                Refusal::new(
                    "a bare repository has no files to validate",
                    "name a commit: `modelreg validate --head main`",
                )
            };
            check::tree(&FolderTree::new(session.folder()?.ok_or_else(none)?))?
        }
        Scope::Staged => check::tree(&store.staged(None)?)?,
        Scope::Commit(revision) => check::tree(&store.tree(Some(store.resolve(revision)?))?)?,
        Scope::Change { base, head } => {
            let (base, head) = (store.resolve(base)?, store.resolve(head)?);
            let elsewhere = store.changed_elsewhere(base, head)?;
            check::change(&store.tree(Some(base))?, &store.tree(Some(head))?, &elsewhere, &session.signatures()?)?
        }
    };
    Ok(Validated { report, prefix: session.prefix() })
}

/// Checks the files of a folder, which does not need to be in a git repository.
pub fn validate_folder(dir: &Path) -> Result<Validated> {
    Ok(Validated { report: check::tree(&FolderTree::new(dir))?, prefix: String::new() })
}
