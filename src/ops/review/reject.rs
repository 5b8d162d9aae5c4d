//! Rejecting a request, or withdrawing one's own: adds an entry to the version and deletes the request's branch.

use anyhow::Result;

use super::closing::{Closing, Unpublished, close};
use super::list::none;
use crate::model::{ClosedRequest, Outcome, RequestId, Text};
use crate::ops::commit::{Done, Message, Plan, Precondition, Summary, commit_to, edit_version};
use crate::ops::find;
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;
use crate::store::Receipt;

/// A request that was rejected or withdrawn.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Rejected {
    /// The request's id.
    pub id: String,
    /// Whether the requester withdrew the request.
    pub own: bool,
    /// The remote that still has the request's branch.
    pub remote: Option<String>,
    /// The command that publishes the rejection.
    #[serde(skip)]
    pub push: Option<String>,
}

/// Adds the rejection (who, when, why) to the version's manifest, and deletes the request's branch in this clone.
pub fn reject(
    session: &Session,
    id: &RequestId,
    reason: Option<&Text>,
    precondition: &Precondition,
) -> Result<Done<Rejected>> {
    close(session, id, |closing| reject_open(closing, id, reason, precondition))
}

fn reject_open(
    closing: Closing<'_, '_>,
    id: &RequestId,
    reason: Option<&Text>,
    precondition: &Precondition,
) -> Result<Done<Rejected>> {
    let Closing { reader, found, to, unpublished } = closing;
    let read = reader.read_closed(&found)?.ok_or_else(|| none(id))?;
    let asked = read.entry();
    commit_to(reader.session, to, precondition, Some(reader.snapshot), |snapshot, attempt| {
        let own = attempt.by.same_person(&asked.by);
        if !own && reason.is_none() {
            let hint = format!("modelreg reject {id} --reason 'why not'");
            return Err(Refusal::new("a rejection needs a reason, for the requester", hint).into());
        }
        let name = find::model_name(snapshot, &id.model)?;
        let manifest = find::manifest(snapshot, &name, id.version)?;
        let newest = manifest.closed_requests.last().map_or(asked.at, |last| last.at.max(asked.at));
        let closed = ClosedRequest {
            at: attempt.at.max(newest),
            by: attempt.by.clone(),
            outcome: if own { Outcome::Withdrawn } else { Outcome::Rejected },
            stage: id.stage.clone(),
            action: asked.action,
            from: asked.from,
            requested_at: asked.at,
            requested_by: asked.by.clone(),
            reason: reason.cloned(),
        };
        let edits = edit_version(snapshot, &name, id.version, attempt, |document| {
            document.closed_request(&closed);
        })?;
        let subject = if own { "Withdraw the request" } else { "Reject" };
        let message = Message::new(format!("{subject}: {}", id.in_words(asked.action, asked.from)))
            .body(reason.map(Text::as_str))
            .trailer("Action", if own { "withdraw-request" } else { "reject" })
            .request(id);
        let Unpublished { remote, push } = unpublished.clone();
        let value = Rejected { id: id.to_string(), own, remote, push };
        Ok(Plan::new(edits, message, value))
    })
}

impl Done<Rejected> {
    /// The summary of a rejection.
    pub fn into_summary(self) -> (Summary, Rejected, Receipt) {
        let (mut summary, rejected, receipt) = self.into_commit_summary();
        summary.push = rejected.push.clone();
        (summary, rejected, receipt)
    }
}
