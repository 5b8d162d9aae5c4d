//! Landing a request. The request lands only if the merge result passes all rules.

use anyhow::Result;

use super::branches;
use super::list::{landed, none};
use super::publish::push_closed;
use super::reader::Reader;
use crate::model::{RequestId, Snapshot, Text, UserId};
use crate::ops::commit::{Destination, Done, Message, Plan, Precondition, Rules, Summary, commit_to};
use crate::ops::refusal::Refusal;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::session::Session;
use crate::store::{PushOptions, Receipt, RequestBranch};

/// A request that has landed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Landed {
    /// The request's id.
    pub id: String,
    /// The people who approved the request.
    pub approved_by: Vec<UserId>,
    /// The remote that still has the request's branch.
    pub remote: Option<String>,
    /// The command that publishes the landing.
    #[serde(skip)]
    pub push: Option<String>,
}

/// Merges a request into the registry's branch, and deletes the request's branch in this clone.
pub fn land(session: &Session, id: &RequestId, precondition: &Precondition) -> Result<Done<Landed>> {
    let branch = session.registry_branch()?;
    branch.refuse_behind(session)?;
    let tree = session.store.tree(Some(branch.tip))?;
    let snapshot = Snapshot::open(&tree)?;
    let found = to_close(session, &branch, &snapshot, id)?;
    let to = closing(session, &branch, id, &found)?;
    let to = Destination { merged: Some(found.commit), ..to };
    commit_to(session, to, precondition, Some(&snapshot), |snapshot, attempt| {
        // The rules check the merge result, so the request is read again against the tip of each attempt.
        let tip = attempt.parent.ok_or_else(|| none(id))?;
        let reader = Reader { session, branch: branch.branch.name(), tip, snapshot };
        let read = reader.read(&found)?.ok_or_else(|| none(id))?;
        if branches::of(session, id)?.is_some_and(|now| now.commit != found.commit) {
            let hint = format!("look at the request again: `modelreg request show {id}`");
            return Err(Refusal::new(format!("{id} was changed while this command ran"), hint).into());
        }
        let merge = reader.merge(&read)?;
        if let Some(stale) = reader.stale(&merge) {
            let hint =
                format!("run `modelreg reject {id} --reason stale`, make the request again and have it approved");
            return Err(Refusal::new(format!("{id} is stale: {stale}"), hint).into());
        }
        let entry = read.entry();
        let approved_by = reader.count_merged(&read, &merge)?.counted;
        let mut message = Message::new(format!("Land: {}", id.in_words(entry.action, entry.from)))
            .body(entry.reason.as_ref().map(Text::as_str))
            .trailer("Action", "land")
            .request(id)
            .trailer("Requested-By", &entry.by);
        for by in &approved_by {
            message = message.trailer("Approved-By", by);
        }
        let rules = Rules {
            elsewhere: merge.elsewhere,
            awaits_approvals: false,
            refusal: Some((
                format!("{id} cannot land: the merge result would break the rules"),
                format!("`modelreg request show {id}` shows what is missing"),
            )),
        };
        let remote = found.remote.clone().filter(|_| !session.pushes());
        let push = push_of_closed(&branch, remote.as_deref(), id);
        let value = Landed { id: id.to_string(), approved_by, remote, push };
        Ok(Plan { edits: merge.edits, message, value, rules })
    })
}

/// The branch of a request that is about to land or to be rejected. Refused for a landed emergency, which has no branch.
pub(super) fn to_close(
    session: &Session,
    branch: &RegistryBranch,
    snapshot: &Snapshot<'_>,
    id: &RequestId,
) -> Result<RequestBranch> {
    if let Some(found) = branches::to_close(session, id)? {
        return Ok(found);
    }
    let reader = Reader { session, branch: branch.branch.name(), tip: branch.tip, snapshot };
    let landed = landed(&reader, id)?.ok_or_else(|| none(id))?.id;
    let hint = format!("`modelreg approve {landed}` adds the missing approval; another promotion undoes the move");
    Err(Refusal::new(format!("{landed} has already landed, as an emergency"), hint).into())
}

/// The destination of a commit on the registry's branch that also deletes the request's branch, here and on the remote.
pub(super) fn closing(
    session: &Session,
    branch: &RegistryBranch,
    id: &RequestId,
    found: &RequestBranch,
) -> Result<Destination> {
    let options = PushOptions { removed: Some(id.branch()), ..PushOptions::default() };
    let removes = branches::to_delete(session, id, found.commit)?;
    let to = Destination::branch(branch.branch.clone()).pushed_to(branch.pushed_to(session), options);
    Ok(Destination { removes, ..to })
}

/// The command that publishes the closing of a request; none if no remote has the request's branch.
pub(super) fn push_of_closed(branch: &RegistryBranch, remote: Option<&str>, id: &RequestId) -> Option<String> {
    Some(push_closed(branch.remote.as_deref(), branch.branch.name(), remote?, &id.branch()))
}

impl Done<Landed> {
    /// The summary of a landed request.
    pub fn told(self) -> (Summary, Landed, Receipt) {
        let (mut summary, landed, receipt) = self.summary();
        if !landed.approved_by.is_empty() {
            let people: Vec<&str> = landed.approved_by.iter().map(UserId::as_str).collect();
            summary.line(format!("approved by {}", people.join(", ")));
        }
        summary.push = landed.push.clone();
        (summary, landed, receipt)
    }
}
