//! Judging a registry, or a change of it, by the rules.

use std::path::Path;

use anyhow::Result;

use super::refusal::Refusal;
use super::session::Session;
use crate::check;
use crate::diag::Report;
use crate::store::FolderTree;

/// What to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The files as they lie in the registry's folder.
    Files,
    /// The files as they are staged for the next commit.
    Staged,
    /// The files of a commit.
    Commit(String),
    /// The change from one commit to another.
    Change {
        /// Where the change starts; the policy is read from here.
        base: String,
        /// Where it ends.
        head: String,
    },
}

/// What was judged, and what was found.
#[derive(Debug)]
pub struct Validated {
    /// What the rules found.
    pub report: Report,
    /// What stands before the registry's paths in those of the repository.
    pub prefix: String,
}

/// Judges by every rule. Findings are no error of this function.
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

/// Judges the files of a folder that need not lie in a git repository.
pub fn validate_folder(dir: &Path) -> Result<Validated> {
    Ok(Validated { report: check::tree(&FolderTree::new(dir))?, prefix: String::new() })
}
