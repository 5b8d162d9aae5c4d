//! What a change would do.

use anyhow::Result;

use super::commit::{Attempt, Plan};
use super::session::Session;
use crate::check;
use crate::diag::Report;
use crate::model::{Overlay, Snapshot, UserId};
use crate::store::Oid;

/// What a change would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The subject that its commit would have.
    pub subject: String,
    /// The number of approvals that the request would need, and the approvers; none if the change would land at once.
    pub request: Option<(usize, Vec<UserId>)>,
    /// The rules' findings, with the policy's gates for the version.
    pub report: Report,
}

/// Plans a change on a commit and checks it by the rules. Writes nothing.
pub(super) fn preview<T>(
    session: &Session,
    parent: Option<Oid>,
    plan: impl FnOnce(&Snapshot<'_>, &Attempt) -> Result<Plan<T>>,
) -> Result<Preview> {
    let by = session.user(&session.person()?)?;
    let tree = session.store.tree(parent)?;
    let snapshot = Snapshot::open(&tree)?;
    let attempt = Attempt { by, at: session.now(), parent, earlier: None };
    let Plan { edits, message, .. } = plan(&snapshot, &attempt)?;
    let report = check::change(&tree, &Overlay::new(&tree, &edits), &[], &session.signatures()?)?;
    Ok(Preview { subject: message.subject(), request: None, report: report.without_missing_approvals() })
}
