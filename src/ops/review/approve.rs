//! Approving a request, or an emergency that has landed.

use anyhow::Result;

use super::list::{landed, none};
use super::pull_request::next_commit;
use super::reader::{Reader, Unjudged, lost_move, with_reader};
use crate::check::Count;
use crate::diag::sanitize::for_shell;
use crate::model::{Approval, Move, RequestId, Review, Snapshot, Stage, Statement, Text, Timestamp, UserId};
use crate::ops::commit::{Attempt, Destination, Done, Message, Plan, Precondition, Summary, commit_to, write_stage};
use crate::ops::publish::push_branch;
use crate::ops::refusal::Refusal;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::request_branches;
use crate::ops::session::Session;
use crate::store::{Oid, PushOptions, Receipt};

/// The result of an approval.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Approved {
    /// The request's id.
    pub id: String,
    /// Whether the approval is signed.
    pub signed: bool,
    /// The number of approvals that count, including this one.
    pub approvals: usize,
    /// The number of approvals that the request needs.
    pub needed: usize,
    /// Whether the request is a landed emergency.
    pub landed: bool,
    /// The remote from which the request's branch was copied, if this clone did not have the branch.
    pub from_remote: Option<String>,
}

/// The move to approve, as it was read first.
struct Target {
    entry: Move,
    place: usize,
    count: Count,
    review: Review,
    /// The stage on the request's branch, and the branch's commit; none for a landed emergency.
    open: Option<(Stage, Oid)>,
    /// The remote that has the request's branch.
    remote: Option<String>,
}

/// Adds the user's approval to a request.
pub fn approve(
    session: &Session,
    id: &RequestId,
    comment: Option<&Text>,
    precondition: &Precondition,
) -> Result<Done<Approved>> {
    let branch = session.registry_branch()?;
    with_reader(session, &branch, |reader| approve_on(reader, &branch, id, comment, precondition))
}

fn approve_on(
    reader: &Reader<'_>,
    branch: &RegistryBranch,
    id: &RequestId,
    comment: Option<&Text>,
    precondition: &Precondition,
) -> Result<Done<Approved>> {
    let session = reader.session;
    // A branch that has landed is ignored: the id can be that of a landed emergency.
    let found = match request_branches::of(session, id)? {
        Some(found) => reader.branch_point(&found)?.map(|(_, base)| (found, base)),
        None => None,
    };
    let tree = found.as_ref().map(|(found, _)| session.store.tree(Some(found.commit))).transpose()?;
    let on_branch = tree.as_ref().map(|tree| Snapshot::beside(reader.snapshot, tree)).transpose()?;
    let read = match (&found, &on_branch) {
        (Some((found, base)), Some(on_branch)) => reader.read_on(on_branch, found, id.clone(), *base)?,
        _ => None,
    };
    let target = target(reader, id, read)?;
    let to = destination(session, branch, id, &target)?;
    let known = on_branch.as_ref().unwrap_or(reader.snapshot);
    commit_to(session, to, precondition, Some(known), |snapshot, attempt| {
        let mut stage = stage(snapshot, id, &target, attempt)?;
        let at = target.place - 1;
        let entry = stage.history[at].clone();
        if let Some(refusal) = refuse_approver(id, target.review, &target.count, &entry, &attempt.by) {
            return Err(refusal.into());
        }
        let time = approval_time(attempt.at, &entry);
        let mut approval = Approval { by: attempt.by.clone(), at: time, comment: comment.cloned(), signature: None };
        approval.signature = sign(session, snapshot, id, &target, &entry, &approval)?;
        let signed = approval.signature.is_some();
        stage.history[at].approvals.push(approval);
        let landed = if target.open.is_some() { 0 } else { entry.approvals.len() };
        let counted = counted(reader, branch, snapshot, (id, target.place, landed), &stage.history[at])?;
        let edits = write_stage(snapshot, &id.model, &stage)?;
        let message = Message::new(format!("Approve: {}", id.in_words(entry.action, entry.from)))
            .body(comment.map(Text::as_str))
            .trailer("Action", "approve")
            .request(id);
        let value = Approved {
            id: id.to_string(),
            signed,
            approvals: counted,
            needed: target.count.needed,
            landed: target.open.is_none(),
            from_remote: target.remote.clone().filter(|_| !session.pushes()),
        };
        Ok(Plan::new(edits, message, value))
    })
}

/// Finds the move: on the request's branch, or as a landed emergency.
fn target(reader: &Reader<'_>, id: &RequestId, read: Option<Unjudged>) -> Result<Target> {
    let review = reader.policy(id).map(|policy| policy.review);
    let Some(read) = read else {
        let landed = landed(reader, id)?.ok_or_else(|| none(id))?;
        let (entry, place, count) = (landed.entry, landed.place, landed.count);
        return Ok(Target { entry, place, count, review: landed.review, open: None, remote: None });
    };
    let review = review?;
    let merge = reader.merge(&read)?;
    if let Some(stale) = reader.stale(&merge) {
        let hint = format!("`modelreg reject {id} --reason stale`, and make the request again");
        return Err(Refusal::new(format!("the request is stale: {stale}"), hint).into());
    }
    let count = reader.count_merged(&read, &merge)?;
    let (entry, place) = (read.entry().clone(), read.place);
    let remote = read.found.remote;
    Ok(Target { entry, place, count, review, open: Some((read.stage, read.found.commit)), remote })
}

/// The branch to which the approval is committed: the request's, or the registry's for a landed emergency.
fn destination(session: &Session, branch: &RegistryBranch, id: &RequestId, target: &Target) -> Result<Destination> {
    let remote = branch.pushed_to(session);
    if target.open.is_none() {
        branch.refuse_behind(session)?;
        return Ok(Destination::branch(branch.branch.clone()).pushed_to(remote, PushOptions::default()));
    }
    next_commit(session, branch, id, target.review, target.remote.as_deref())
}

/// The stage at the commit that the approval is made on. Refused if the entry is not the one that was read first.
fn stage(snapshot: &Snapshot<'_>, id: &RequestId, target: &Target, attempt: &Attempt) -> Result<Stage> {
    if let Some((stage, commit)) = &target.open
        && attempt.parent == Some(*commit)
    {
        return Ok(stage.clone());
    }
    let Some(stage) = snapshot.stage(&id.model, &id.stage)? else {
        return Err(lost_move().into());
    };
    let wanted = &target.entry;
    let same = |entry: &&Move| {
        (entry.at, entry.action, entry.version, &entry.by) == (wanted.at, wanted.action, wanted.version, &wanted.by)
    };
    if stage.history.get(target.place - 1).filter(same).is_none() {
        let hint = format!("look at the request again: `modelreg request show {id}`");
        return Err(Refusal::new("the request was changed while this command ran", hint).into());
    }
    Ok(stage)
}

/// The number of approvals that count, including the new one. Refused if the new approval would not count.
///
/// The policy is read again from the registry's branch: it can have changed while the user signed, or while the command
/// lost a race and planned again.
fn counted(
    reader: &Reader<'_>,
    branch: &RegistryBranch,
    snapshot: &Snapshot<'_>,
    (id, place, landed): (&RequestId, usize, usize),
    entry: &Move,
) -> Result<usize> {
    let session = reader.session;
    let now = session.registry_branch_now(branch)?;
    let tree = session.store.tree(Some(now.tip))?;
    let newest = Snapshot::beside(reader.snapshot, &tree)?;
    let reader = Reader { session, branch: reader.branch, tip: now.tip, snapshot: &newest };
    let facts = snapshot.manifest(&id.model, id.version)?.map(|manifest| manifest.facts_digest());
    let count = reader.count(id, place, entry, facts, landed)?;
    let newest = entry.approvals.len() - 1;
    match count.not_counted.iter().find(|(at, _)| *at == newest) {
        None => Ok(count.counted.len()),
        Some((_, why)) => {
            let hint = "`modelreg whoami` shows your user id and the key that you sign with; `allowed_signers` on the registry's branch lists the keys that count";
            Err(Refusal::new(format!("your approval would not count: {why}"), hint).into())
        }
    }
}

/// The signature over the approval's statement; none if git has no SSH key to sign with.
fn sign(
    session: &Session,
    snapshot: &Snapshot<'_>,
    id: &RequestId,
    target: &Target,
    entry: &Move,
    approval: &Approval,
) -> Result<Option<Text>> {
    let missing = || {
        Refusal::new(format!("version {} of `{}` has no manifest", entry.version, id.model), "run `modelreg validate`")
    };
    let facts = snapshot.manifest(&id.model, entry.version)?.ok_or_else(missing)?.facts_digest();
    let model = id.model.to_string();
    let statement = Statement {
        registry: &snapshot.registry.name,
        model: &model,
        stage: &id.stage,
        place: target.place,
        entry,
        facts: &facts,
        approval: Some(approval),
    };
    let signature = session.sign(&statement)?;
    if signature.is_none() && target.review == Review::Signed {
        return Err(Session::no_key(&id.stage, "approvals", &approval.by).into());
    }
    Ok(signature)
}

/// Why an approval by this person would not count; none if it would.
pub(in crate::ops) fn refuse_approver(
    id: &RequestId,
    review: Review,
    count: &Count,
    entry: &Move,
    by: &UserId,
) -> Option<Refusal> {
    let people: Vec<&str> = count.approvers.iter().map(UserId::as_str).collect();
    let others = match people.as_slice() {
        [] => "name approvers in registry.toml: no user can approve this request now".to_owned(),
        people => format!("ask one of: {}", people.join(", ")),
    };
    if review == Review::Forge || review == Review::None {
        let why = format!("modelreg does not count the approvals of {} (registry.toml: review)", id.stage);
        return Some(Refusal::new(why, "approve the pull request on the forge"));
    }
    if by.same_person(&entry.by) {
        return Some(Refusal::new(
            format!("`{by}` requested {id}, and a requester's own approval does not count"),
            others,
        ));
    }
    if !count.approvers.iter().any(|person| person.same_person(by)) {
        return Some(Refusal::new(format!("the policy does not name `{by}` as an approver of {}", id.stage), others));
    }
    if entry.approvals.iter().any(|approval| approval.by.same_person(by)) {
        return Some(Refusal::new(
            format!("`{by}` has already approved {id}"),
            format!("`modelreg request show {id}` shows what is missing"),
        ));
    }
    None
}

/// The time of an approval: now, but not before the move or an earlier approval.
fn approval_time(now: Timestamp, entry: &Move) -> Timestamp {
    entry.approvals.iter().map(|approval| approval.at).fold(entry.at, Timestamp::max).max(now)
}

impl Done<Approved> {
    /// The summary of an approval.
    pub fn into_summary(self) -> (Summary, Approved, Receipt) {
        let (mut summary, approved, receipt) = self.into_commit_summary();
        let signed = if approved.signed { "signed" } else { "not signed" };
        summary.line(format!("{signed}; {} of {} approvals", approved.approvals, approved.needed));
        if approved.landed {
            return (summary, approved, receipt);
        }
        if let Some(remote) = &approved.from_remote {
            summary.push = Some(push_branch(remote, &summary.branch));
        } else if approved.approvals >= approved.needed {
            summary.next(format!("modelreg land {}", for_shell(&approved.id)));
        }
        (summary, approved, receipt)
    }
}
