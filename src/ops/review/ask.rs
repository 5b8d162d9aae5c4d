//! Making a request: a branch with one commit that moves the pointer.

use anyhow::Result;

use super::metrics::pairs;
use super::pull_request::{Forge, Wanted};
use super::reader::Reader;
use super::requested::Requested;
use crate::diag::sanitize::for_shell;
use crate::model::{Action, Link, Number, RequestId, Review, Snapshot, Text};
use crate::ops::commit::{Attempt, Destination, Done, Plan, Precondition, Reach, Rules, commit_to};
use crate::ops::moves::{Moved, ResolvedMove, StageMove};
use crate::ops::refusal::Refusal;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::request_branches;
use crate::ops::session::Session;
use crate::store::{Behind, PushOptions, Pushed, Receipt};

/// Makes a request for a move. `snapshot` is the registry at the newest known commit of its branch.
pub(in crate::ops) fn ask(
    session: &Session,
    branch: &RegistryBranch,
    snapshot: &Snapshot<'_>,
    asked: &dyn StageMove,
    precondition: &Precondition,
) -> Result<Done<Moved>> {
    let first = asked.resolve(snapshot)?;
    let id = first.id.clone();
    let forge = Forge::of(session, branch)?;
    let wanted = Wanted { id: &id, action: first.action, review: first.policy.review, reason: first.reason.as_ref() };
    // A run that pushes updates the local branch from the remote before the request starts from it.
    let parent = if session.pushes() { &branch.branch } else { branch.newest() };
    let options = forge.as_ref().map(|forge| forge.first_push(&wanted)).unwrap_or_default();
    // The remote's branch may have a stale request, which this request replaces.
    let options = PushOptions { replaces: true, ..options };
    if let Some(mut done) = publish_again(session, branch, snapshot, &first, &options)? {
        if let Some(forge) = forge {
            open_pull_request(session, &wanted, &forge, &mut done)?;
        }
        return Ok(done);
    }
    let to = Destination {
        parent: Some(parent.clone()),
        ..Destination::branch(session.store.branch_of_requests(&id.branch())?)
    };
    let to = to.pushed_to(branch.pushed_to(session), options);
    let mut done = commit_to(session, to, precondition, Some(snapshot), |snapshot, attempt| {
        let again = (attempt.parent != Some(branch.tip)).then(|| asked.resolve(snapshot)).transpose()?;
        let resolved = again.as_ref().unwrap_or(&first);
        if resolved.id != id {
            let why = format!("the registry changed while this command ran: the move is no longer {id}");
            return Err(Refusal::new(why, format!("run the command again for {}", resolved.id)).into());
        }
        refuse_second(session, branch, snapshot, attempt, &id)?;
        let mut plan = plan(snapshot, resolved, attempt, session, branch)?;
        if let Some(change) = forge.as_ref().and_then(|forge| forge.change_id(&id, attempt)) {
            plan.message = plan.message.change_id(change);
        }
        Ok(plan)
    })?;
    if let Some(forge) = forge {
        open_pull_request(session, &wanted, &forge, &mut done)?;
    }
    Ok(done)
}

/// Plans the request's commit.
fn plan(
    snapshot: &Snapshot<'_>,
    resolved: &ResolvedMove,
    attempt: &Attempt,
    session: &Session,
    branch: &RegistryBranch,
) -> Result<Plan<Moved>> {
    let Plan { edits, message, mut value, .. } = resolved.plan(snapshot, attempt, Some(session))?;
    let policy = &resolved.policy;
    value.request = Some(Requested {
        id: resolved.id.to_string(),
        branch: resolved.id.branch(),
        pushed_to: branch.pushed_to(session),
        remote: branch.remote.clone(),
        pull_request: None,
        page: None,
        warning: None,
        approvals_needed: policy.needed_approvals() as usize,
        approvers: match policy.review {
            Review::None | Review::Forge => Vec::new(),
            Review::Recorded | Review::Signed => snapshot.registry.approvers(policy, &resolved.model.owners),
        },
        emergency: emergency(session, resolved),
    });
    let message = message.body(Some(&review_text(snapshot, resolved, attempt)?));
    let rules = Rules { awaits_approvals: true, ..Rules::default() };
    Ok(Plan { edits, message, value, rules })
}

/// Pushes a request of the same person for the same move that only this clone has. None if there is no such request.
fn publish_again(
    session: &Session,
    branch: &RegistryBranch,
    snapshot: &Snapshot<'_>,
    resolved: &ResolvedMove,
    options: &PushOptions,
) -> Result<Option<Done<Moved>>> {
    let Some(remote) = branch.pushed_to(session) else { return Ok(None) };
    let Some(found) = request_branches::of(session, &resolved.id)?.filter(|found| found.remote.is_none()) else {
        return Ok(None);
    };
    let is_there = session.store.tip(&session.store.remote_branch(&remote, &found.name))?.is_some();
    let reader = Reader { session, branch: branch.branch.name(), tip: branch.tip, snapshot };
    let (false, Ok(Some(read))) = (is_there, reader.read(&found)) else { return Ok(None) };
    let by = session.user(&session.person()?)?;
    let entry = read.entry();
    let is_same = entry.by == by && entry.action == resolved.action && entry.reason == resolved.reason;
    if !is_same || reader.merge(&read).map_or(true, |merge| reader.stale(&merge).is_some()) {
        return Ok(None);
    }
    let attempt = Attempt { by, at: entry.at, parent: Some(branch.tip), earlier: None };
    let Plan { message, value, .. } = plan(snapshot, resolved, &attempt, session, branch)?;
    let Pushed::Done(said) = session.store.push(&remote, found.commit, &found.name, options)? else { return Ok(None) };
    Ok(Some(Done {
        value,
        commit: found.commit,
        branch: found.name,
        subject: message.subject(),
        behind: Behind::default(),
        earlier: false,
        broken_before: Vec::new(),
        reach: Reach::Pushed { remote },
        said,
        receipt: Receipt::settled(),
    }))
}

/// The command that rolls back at once; none if the policy does not allow an emergency, or the move is no rollback.
fn emergency(session: &Session, resolved: &ResolvedMove) -> Option<String> {
    if resolved.action != Action::Rollback || !resolved.policy.emergency {
        return None;
    }
    let RequestId { model, stage, .. } = &resolved.id;
    let reason = resolved.reason.as_ref().map(Text::as_str).unwrap_or_default();
    let words = [model.as_str(), "--stage", stage.as_str(), "--reason", reason].map(for_shell);
    let push = if session.pushes() { " --push" } else { "" };
    Some(format!("modelreg rollback {} --emergency{push}", words.join(" ")))
}

/// Refuses a request if another request with the same id can still land.
fn refuse_second(
    session: &Session,
    branch: &RegistryBranch,
    snapshot: &Snapshot<'_>,
    attempt: &Attempt,
    id: &RequestId,
) -> Result<()> {
    let (Some(found), Some(tip)) = (request_branches::of(session, id)?, attempt.parent) else { return Ok(()) };
    if attempt.earlier == Some(found.commit) {
        return Ok(());
    }
    let reader = Reader { session, branch: branch.branch.name(), tip, snapshot };
    // An unreadable request is replaced, and so is a stale one.
    let Ok(Some(read)) = reader.read(&found) else { return Ok(()) };
    if reader.merge(&read).is_ok_and(|merge| reader.stale(&merge).is_none()) {
        let by = &read.entry().by;
        let hint = format!("`modelreg request show {id}` shows the request; `modelreg reject {id}` closes it");
        return Err(Refusal::new(format!("`{by}` has already requested this move: {id}"), hint).into());
    }
    Ok(())
}

/// The body of the request's commit message, for reviewers: the requester, the reason, and the metrics of both
/// versions.
fn review_text(snapshot: &Snapshot<'_>, resolved: &ResolvedMove, attempt: &Attempt) -> Result<String> {
    let version = resolved.id.version;
    let from = resolved.from().filter(|from| *from != version);
    let mut text = format!("Requested by {}.\n", attempt.by);
    if let Some(reason) = &resolved.reason {
        text.push_str(&format!("Why: {reason}\n"));
    }
    if resolved.action == Action::Withdraw {
        return Ok(text);
    }
    let metrics = pairs(snapshot, &resolved.id.model, from, version)?;
    if !metrics.is_empty() {
        let from = resolved.from().map_or("nothing".to_owned(), |from| format!("version {from}"));
        text.push_str(&format!("\nMetrics, {from} -> version {version}:\n"));
    }
    for pair in metrics {
        let shown = |value: Option<Number>| value.map_or("-".to_owned(), |value| value.to_string());
        text.push_str(&format!("{}: {} -> {}\n", pair.metric, shown(pair.now), shown(pair.asked)));
    }
    Ok(text)
}

/// Opens the pull request on the forge and records its address in the journal. The request has been pushed already, so
/// a failure is reported in the result and undoes nothing.
fn open_pull_request(session: &Session, wanted: &Wanted<'_>, forge: &Forge<'_>, done: &mut Done<Moved>) -> Result<()> {
    let opened = forge.open(wanted, done.commit, &done.said);
    let mut warning = opened.warning;
    if let Some(address) = &opened.address
        && forge.keeps_addresses()
    {
        // The second commit needs the lock that the first commit's receipt still holds.
        std::mem::replace(&mut done.receipt, Receipt::settled()).acknowledge()?;
        let link = Link::new(address.clone()).map_err(anyhow::Error::from);
        match link.and_then(|link| super::link(session, wanted.id, &link)) {
            Ok(linked) => {
                let followed = forge.follow(wanted, linked.commit);
                warning = warning.or(followed.err().map(|e| format!("the pull request could not be updated: {e}")));
                (done.commit, done.receipt) = (linked.commit, linked.receipt);
            }
            Err(error) => warning = Some(format!("the address of the pull request could not be recorded: {error}")),
        }
    }
    if let Some(request) = &mut done.value.request {
        (request.pull_request, request.page, request.warning) = (opened.address, opened.page, warning);
    }
    Ok(())
}
