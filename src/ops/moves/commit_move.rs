//! Committing a move: at once, as a request for review, or as an emergency.

use anyhow::Result;

use super::from_seen::FromSeen;
use super::moved::Moved;
use super::resolved::StageMove;
use super::serving::Serving;
use crate::model::Snapshot;
use crate::ops::commit::{Destination, Done, Precondition, commit_to};
use crate::ops::refusal::Refusal;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::review;
use crate::ops::session::Session;
use crate::store::{Branch, PushOptions};

/// Commits a move. The stage's policy decides whether the move lands at once or becomes a request, unless the user asks
/// for a request or an emergency.
pub(super) fn commit_move(
    session: &Session,
    asked: &dyn StageMove,
    precondition: &Precondition,
) -> Result<Done<Moved>> {
    let reading = session.read()?;
    let shown = Snapshot::open(&reading.tree)?;
    let asked = &FromSeen::new(asked, &shown, precondition);
    // A run that pushes fetches here.
    let branch = session.pushes().then(|| session.registry_branch_of(&shown.registry)).transpose()?;
    let tree = branch.as_ref().map(|branch| session.store.tree(Some(branch.tip))).transpose()?;
    let fetched = tree.as_ref().map(|tree| Snapshot::beside(&shown, tree)).transpose()?;
    let looked_at = fetched.as_ref().unwrap_or(&shown);
    let mut done = commit_on(session, branch, asked, precondition, looked_at)?;
    // The move is committed, so a stage that cannot be read here is only left out of the answer.
    done.value.serving = Serving::read(session, looked_at, &done.value).ok();
    Ok(done)
}

/// Commits a move in the way that the policy and the user ask for.
fn commit_on(
    session: &Session,
    branch: Option<RegistryBranch>,
    asked: &FromSeen<'_>,
    precondition: &Precondition,
    looked_at: &Snapshot<'_>,
) -> Result<Done<Moved>> {
    let wants_request = asked.policy(looked_at)?.wants_request();
    if !asked.is_emergency() && !wants_request && !asked.as_request() {
        return at_once(session, branch.as_ref(), asked, precondition, looked_at);
    }
    let branch = branch.map_or_else(|| session.registry_branch_of(&looked_at.registry), Ok)?;
    if asked.is_emergency() {
        refuse_before_fetch(session, &branch, &branch.branch, asked, looked_at)?;
        return emergency(session, branch, asked, precondition, looked_at);
    }
    let tree = session.store.tree(Some(branch.tip))?;
    let snapshot = Snapshot::beside(looked_at, &tree)?;
    review::ask(session, &branch, &snapshot, asked, precondition)
}

/// Commits a move to the session's branch.
fn at_once(
    session: &Session,
    registry_branch: Option<&RegistryBranch>,
    asked: &FromSeen<'_>,
    precondition: &Precondition,
    looked_at: &Snapshot<'_>,
) -> Result<Done<Moved>> {
    let target = session.target()?;
    if let Some(branch) = registry_branch {
        refuse_before_fetch(session, branch, &target, asked, looked_at)?;
    }
    let remote = registry_branch.and_then(|branch| branch.pushed_to(session));
    let to = Destination::branch(target).pushed_to(remote, PushOptions::default());
    commit_to(session, to, precondition, Some(looked_at), |snapshot, attempt| {
        let policy = asked.policy(snapshot)?;
        if policy.wants_request() {
            let why = format!("the policy changed while this command ran: {} now requires a review", policy.name);
            return Err(Refusal::new(why, "run the command again to create a request").into());
        }
        asked.resolve_for(snapshot, attempt)?.plan(snapshot, attempt, Some(session))
    })
}

/// Refuses a move that cannot be made, before a run that pushes brings the branch here up to date: a refused command leaves
/// the clone as it was. A note of an earlier run is left to the writer, which may find that this move has been made already.
fn refuse_before_fetch(
    session: &Session,
    registry_branch: &RegistryBranch,
    target: &Branch,
    asked: &dyn StageMove,
    looked_at: &Snapshot<'_>,
) -> Result<()> {
    let is_same = target.full_name == registry_branch.branch.full_name;
    if session.pushes() && is_same && session.store.pending()?.is_none() {
        asked.resolve(looked_at)?;
    }
    Ok(())
}

/// Commits a move to the registry's branch before its approval.
fn emergency(
    session: &Session,
    registry_branch: RegistryBranch,
    asked: &FromSeen<'_>,
    precondition: &Precondition,
    looked_at: &Snapshot<'_>,
) -> Result<Done<Moved>> {
    registry_branch.refuse_behind(session)?;
    let remote = registry_branch.pushed_to(session);
    let to = Destination::branch(registry_branch.branch).pushed_to(remote, PushOptions::default());
    commit_to(session, to, precondition, Some(looked_at), |snapshot, attempt| {
        asked.resolve_for(snapshot, attempt)?.plan(snapshot, attempt, Some(session))
    })
}
