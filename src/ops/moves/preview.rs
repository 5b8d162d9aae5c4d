//! What a move would do.

use anyhow::Result;

use super::from_seen::FromSeen;
use super::promote::Promote;
use super::resolved::StageMove;
use super::rollback::Rollback;
use super::withdraw::Withdraw;
use crate::diag::codes::change::REQUEST_NOT_SIGNED;
use crate::model::Snapshot;
use crate::ops::commit::Precondition;
use crate::ops::preview::{Preview, preview};
use crate::ops::session::Session;

/// Plans a promotion and checks it by the rules. Writes nothing.
pub fn preview_promote(session: &Session, ask: &Promote) -> Result<Preview> {
    preview_move(session, ask)
}

/// Plans a rollback and checks it by the rules. Writes nothing.
pub fn preview_rollback(session: &Session, ask: &Rollback) -> Result<Preview> {
    preview_move(session, ask)
}

/// Plans a withdrawal and checks it by the rules. Writes nothing.
pub fn preview_withdraw(session: &Session, ask: &Withdraw) -> Result<Preview> {
    preview_move(session, ask)
}

fn preview_move(session: &Session, asked: &dyn StageMove) -> Result<Preview> {
    let reading = session.read()?;
    let shown = Snapshot::open(&reading.tree)?;
    let asked = FromSeen::new(asked, &shown, &Precondition::None);
    let wants_request = asked.policy(&shown)?.wants_request() || asked.as_request();
    let parent = match wants_request || asked.is_emergency() {
        true => Some(session.registry_branch_of(&shown.registry)?.tip),
        false => session.store.tip(&session.target()?)?,
    };
    let mut request = None;
    let preview = preview(session, parent, |snapshot, attempt| {
        let resolved = asked.resolve(snapshot)?;
        let needed = resolved.policy.needed_approvals() as usize;
        let approvers = match needed {
            0 => Vec::new(),
            _ => snapshot.registry.approvers(&resolved.policy, &resolved.model.owners),
        };
        request = (wants_request && !asked.is_emergency()).then_some((needed, approvers));
        resolved.plan(snapshot, attempt, None)
    })?;
    let mut preview = Preview { request, ..preview };
    // The move is signed when it is made: signing may ask for a passphrase.
    preview.report.findings.retain(|finding| finding.code.id != REQUEST_NOT_SIGNED.id);
    Ok(preview)
}
