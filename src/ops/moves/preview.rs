//! What a move would do.

use anyhow::Result;

use super::from_seen::FromSeen;
use super::promote::Promote;
use super::resolved::StageMove;
use super::rollback::Rollback;
use super::withdraw::Withdraw;
use crate::check;
use crate::diag::Report;
use crate::model::{Overlay, Snapshot, UserId};
use crate::ops::commit::{Attempt, Plan, Precondition};
use crate::ops::session::Session;

/// What a move would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The subject that its commit would have.
    pub subject: String,
    /// The number of approvals that the request would need, and the approvers; none if the move would land at once.
    pub request: Option<(usize, Vec<UserId>)>,
    /// The rules' findings, with the policy's gates for the version.
    pub report: Report,
}

/// Plans a promotion and checks it by the rules. Writes nothing.
pub fn preview_promote(session: &Session, ask: &Promote) -> Result<Preview> {
    preview(session, ask)
}

/// Plans a rollback and checks it by the rules. Writes nothing.
pub fn preview_rollback(session: &Session, ask: &Rollback) -> Result<Preview> {
    preview(session, ask)
}

/// Plans a withdrawal and checks it by the rules. Writes nothing.
pub fn preview_withdraw(session: &Session, ask: &Withdraw) -> Result<Preview> {
    preview(session, ask)
}

fn preview(session: &Session, asked: &dyn StageMove) -> Result<Preview> {
    let by = session.user(&session.person()?)?;
    let reading = session.read()?;
    let shown = Snapshot::open(&reading.tree)?;
    let asked = FromSeen::new(asked, &shown, &Precondition::None);
    let wants_request = asked.policy(&shown)?.wants_request() || asked.as_request();
    let parent = match wants_request || asked.is_emergency() {
        true => Some(session.registry_branch_of(&shown.registry)?.tip),
        false => session.store.tip(&session.target()?)?,
    };
    let tree = session.store.tree(parent)?;
    let snapshot = Snapshot::beside(&shown, &tree)?;
    let resolved = asked.resolve(&snapshot)?;
    let attempt = Attempt { by, at: session.now(), parent, earlier: None };
    let Plan { edits, message, .. } = resolved.plan(&snapshot, &attempt)?;
    let report = check::change(&tree, &Overlay::new(&tree, &edits), &[], &session.signatures()?)?;
    let needed = resolved.policy.needed_approvals() as usize;
    let approvers = match needed {
        0 => Vec::new(),
        _ => snapshot.registry.approvers(&resolved.policy, &resolved.model.owners),
    };
    Ok(Preview {
        subject: message.subject(),
        request: (wants_request && !asked.is_emergency()).then_some((needed, approvers)),
        report: report.without_missing_approvals(),
    })
}
