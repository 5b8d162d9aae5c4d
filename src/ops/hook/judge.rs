//! One ref of a push, judged.

use anyhow::Result;

use super::super::session::Session;
use super::super::validate::{Scope, validate};
use crate::diag::Report;
use crate::model::layout::{REGISTRY_FILE, SIGNERS_FILE};
use crate::model::{Registry, Tree as _, Unreadable, snapshot};
use crate::store::{GitTree, Oid, Store};

/// What became of a ref of a push.
#[derive(Debug)]
pub struct JudgedRef {
    /// The ref's full name.
    pub name: String,
    /// Why it is refused, and the hint; none where it may pass.
    pub refused: Option<(String, String)>,
    /// What the rules found.
    pub report: Report,
}

impl JudgedRef {
    /// It may pass.
    pub(super) fn fine(name: &str) -> Self {
        Self { name: name.to_owned(), refused: None, report: Report::default() }
    }

    /// It is refused for what it does, whatever it holds.
    pub(super) fn refused(name: &str, why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { refused: Some((why.into(), hint.into())), ..Self::fine(name) }
    }

    /// It may pass where the rules find nothing. A request may still lack its approvals.
    pub(super) fn by_rules(name: &str, report: Report, request: bool) -> Self {
        let broken = if request { report.errors_but_missing_approvals().count() } else { report.errors() };
        let why = || {
            let rules = if broken == 1 { "a rule" } else { "rules" };
            let hint = "fix the findings in a new commit and push again; commits that each follow the rules can be pushed one by one";
            (format!("the change would break {rules} of the registry"), hint.to_owned())
        };
        Self { name: name.to_owned(), refused: (broken > 0).then(why), report }
    }
}

/// Whether a branch is a request's.
pub(super) fn is_request(name: &str) -> bool {
    name.starts_with("refs/heads/requests/")
}

/// What the rules find in a change.
pub(super) fn change(session: &Session, base: Oid, head: Oid) -> Result<Report> {
    Ok(validate(session, &Scope::Change { base: base.to_string(), head: head.to_string() })?.report)
}

/// What the rules find in the files of a commit.
pub(super) fn files(session: &Session, head: Oid) -> Result<Report> {
    Ok(validate(session, &Scope::Commit(head.to_string()))?.report)
}

/// Whether a commit holds the registry.
pub(super) fn holds_registry(store: &Store, commit: Oid) -> Result<bool> {
    Ok(store.tree(Some(commit))?.find(REGISTRY_FILE)?.is_some())
}

/// Whether a change touches what decides who may approve: the policy, or the keys that count.
pub(super) fn changes_policy(store: &Store, old: Oid, new: Oid) -> Result<bool> {
    let (old, new) = (store.tree(Some(old))?, store.tree(Some(new))?);
    let signers = |tree: &GitTree<'_>| anyhow::Ok(tree.find(SIGNERS_FILE)?.and_then(|entry| entry.id));
    let (Some(was), Some(is)) = (policy(&old)?, policy(&new)?) else { return Ok(true) };
    Ok(!was.same_policy(&is) || signers(&old)? != signers(&new)?)
}

/// The registry's own file; none where it is not there or cannot be read.
fn policy(tree: &GitTree<'_>) -> Result<Option<Registry>> {
    match snapshot::read::<Registry>(tree, REGISTRY_FILE) {
        Err(error) if error.is::<Unreadable>() => Ok(None),
        read => read,
    }
}

/// The full name of the registry's branch, as a commit says it; none where it holds no registry. One whose
/// `registry.toml` cannot be read says nothing: then the branch that the commit was found on counts.
pub(super) fn registry_branch(store: &Store, commit: Oid, found_on: &str) -> Result<Option<String>> {
    match snapshot::read::<Registry>(&store.tree(Some(commit))?, REGISTRY_FILE) {
        Ok(registry) => Ok(registry.map(|registry| format!("refs/heads/{}", registry.branch))),
        Err(error) if error.is::<Unreadable>() => Ok(Some(found_on.to_owned())),
        Err(error) => Err(error),
    }
}
