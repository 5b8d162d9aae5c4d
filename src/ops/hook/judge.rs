//! Checking one ref of a push.

use anyhow::Result;

use super::super::session::Session;
use super::super::validate::{Scope, validate};
use crate::check::{self, NoSignatures};
use crate::diag::Report;
use crate::model::layout::{REGISTRY_FILE, SIGNERS_FILE};
use crate::model::{Files, Registry, Snapshot, Tree as _, Unreadable, snapshot};
use crate::store::{GitTree, Oid, Store};

/// The result for one ref of a push.
#[derive(Debug)]
pub struct JudgedRef {
    /// The ref's full name.
    pub name: String,
    /// The reason and the hint of a refusal; none if the ref is accepted.
    pub refused: Option<(String, String)>,
    /// Whether the ref is a request that only waits for its approvals.
    pub awaits_approvals: bool,
    /// The rules' findings.
    pub report: Report,
}

impl JudgedRef {
    /// An accepted ref.
    pub(super) fn fine(name: &str) -> Self {
        Self { name: name.to_owned(), refused: None, awaits_approvals: false, report: Report::default() }
    }

    /// A ref that is refused independently of its content.
    pub(super) fn refused(name: &str, why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { refused: Some((why.into(), hint.into())), ..Self::fine(name) }
    }

    /// A ref that is refused if the rules find errors. Missing approvals do not count in a request.
    pub(super) fn by_rules(name: &str, report: Report, request: bool) -> Self {
        let broken = if request { report.errors_but_missing_approvals().count() } else { report.errors() };
        let why = || {
            let rules = if broken == 1 { "a rule" } else { "rules" };
            let hint = "fix the findings in a new commit and push again; commits that each follow the rules can be pushed one by one";
            (format!("the change would break {rules} of the registry"), hint.to_owned())
        };
        let awaits_approvals = request && broken == 0 && report.errors() > 0;
        let report = if awaits_approvals { report.without_missing_approvals() } else { report };
        Self { name: name.to_owned(), refused: (broken > 0).then(why), awaits_approvals, report }
    }
}

/// Whether a branch is the branch of a request.
pub(super) fn is_request(name: &str) -> bool {
    name.starts_with("refs/heads/requests/")
}

/// The rules' findings in a change.
pub(super) fn change(session: &Session, base: Oid, head: Oid) -> Result<Report> {
    Ok(validate(session, &Scope::Change { base: base.to_string(), head: head.to_string() })?.report)
}

/// The rules' findings in the files of a commit.
pub(super) fn files(session: &Session, head: Oid) -> Result<Report> {
    Ok(validate(session, &Scope::Commit(head.to_string()))?.report)
}

/// Whether a commit contains the registry.
pub(super) fn holds_registry(store: &Store, commit: Oid) -> Result<bool> {
    Ok(store.tree(Some(commit))?.find(REGISTRY_FILE)?.is_some())
}

/// Whether a change affects who may approve: the policy, `allowed_signers`, or `owners` where owners approve.
pub(super) fn changes_policy(store: &Store, old: Oid, new: Oid) -> Result<bool> {
    let (old, new) = (store.tree(Some(old))?, store.tree(Some(new))?);
    let signers = |tree: &GitTree<'_>| anyhow::Ok(tree.find(SIGNERS_FILE)?.and_then(|entry| entry.id));
    let (Some(was), Some(is)) = (policy(&old)?, policy(&new)?) else { return Ok(true) };
    if !was.same_policy(&is) || signers(&old)? != signers(&new)? {
        return Ok(true);
    }
    if !was.owners_approve() {
        return Ok(false);
    }
    let base = Snapshot::open(&old)?;
    let head = Files::of_change(&base.files, &new);
    // Who owns the models does not depend on signatures.
    Ok(!check::judge(&base, &head, &[], &NoSignatures::default())?.owners_changed.is_empty())
}

/// `registry.toml`; none if the file is missing or unreadable.
fn policy(tree: &GitTree<'_>) -> Result<Option<Registry>> {
    match snapshot::read::<Registry>(tree, REGISTRY_FILE) {
        Err(error) if error.is::<Unreadable>() => Ok(None),
        read => read,
    }
}

/// The full name of the registry's branch, from a commit's `registry.toml`; none if the commit contains no registry. If
/// the file is unreadable, the branch on which the commit was found.
pub(super) fn registry_branch(store: &Store, commit: Oid, found_on: &str) -> Result<Option<String>> {
    match snapshot::read::<Registry>(&store.tree(Some(commit))?, REGISTRY_FILE) {
        Ok(registry) => Ok(registry.map(|registry| format!("refs/heads/{}", registry.branch))),
        Err(error) if error.is::<Unreadable>() => Ok(Some(found_on.to_owned())),
        Err(error) => Err(error),
    }
}
