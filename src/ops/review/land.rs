//! Landing a request. The request lands only if the merge result passes all rules.

use anyhow::Result;

use super::closing::{Closing, Unpublished, close};
use super::list::none;
use super::reader::Reader;
use crate::diag::sanitize::one_line;
use crate::model::{RequestId, Text, UserId};
use crate::ops::commit::{Destination, Done, Message, Plan, Precondition, Rules, Summary, commit_to};
use crate::ops::refusal::Refusal;
use crate::ops::request_branches;
use crate::ops::session::Session;
use crate::store::Receipt;

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

/// Merges a request into the registry's branch, and deletes the request's branch in this clone. Refused if the branch
/// changes more than the stage's file, unless the user takes the other changes too: no approval covers them.
pub fn land(
    session: &Session,
    id: &RequestId,
    with_other_changes: bool,
    precondition: &Precondition,
) -> Result<Done<Landed>> {
    close(session, id, |closing| land_open(closing, id, with_other_changes, precondition))
}

fn land_open(
    closing: Closing<'_, '_>,
    id: &RequestId,
    with_other_changes: bool,
    precondition: &Precondition,
) -> Result<Done<Landed>> {
    let Closing { reader, found, to, unpublished } = closing;
    let (session, branch) = (reader.session, reader.branch);
    let to = Destination { merged: Some(found.commit), ..to };
    commit_to(session, to, precondition, Some(reader.snapshot), |snapshot, attempt| {
        // The rules check the merge result, so the request is read again against the tip of each attempt.
        let tip = attempt.parent.ok_or_else(|| none(id))?;
        let reader = Reader { session, branch, tip, snapshot };
        let read = reader.read(&found)?.ok_or_else(|| none(id))?;
        if request_branches::of(session, id)?.is_some_and(|now| now.commit != found.commit) {
            let hint = format!("look at the request again: `modelreg request show {id}`");
            return Err(Refusal::new(format!("{id} was changed while this command ran"), hint).into());
        }
        let merge = reader.merge(&read)?;
        if let Some(stale) = reader.stale(&merge) {
            let hint =
                format!("run `modelreg reject {id} --reason stale`, make the request again and have it approved");
            return Err(Refusal::new(format!("{id} is stale: {stale}"), hint).into());
        }
        if !with_other_changes {
            refuse_other_changes(id, &reader.also_changes(id, &merge))?;
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
        let Unpublished { remote, push } = unpublished.clone();
        let value = Landed { id: id.to_string(), approved_by, remote, push };
        Ok(Plan { edits: merge.edits, message, value, rules })
    })
}

/// Refuses a request whose branch changes other files than the stage's.
fn refuse_other_changes(id: &RequestId, others: &[String]) -> Result<()> {
    let Some(first) = others.first() else { return Ok(()) };
    let more = if others.len() > 1 { format!(" and {} more", others.len() - 1) } else { String::new() };
    let why = format!("{id} also changes `{}`{more}, and no approval covers that", one_line(first));
    let hint = format!(
        "make the other changes in a commit of their own; after a look at `modelreg request show {id}`, `modelreg land {id} --with-other-changes` lands them too"
    );
    Err(Refusal::new(why, hint).into())
}

impl Done<Landed> {
    /// The summary of a landed request.
    pub fn into_summary(self) -> (Summary, Landed, Receipt) {
        let (mut summary, landed, receipt) = self.into_commit_summary();
        if !landed.approved_by.is_empty() {
            let people: Vec<&str> = landed.approved_by.iter().map(UserId::as_str).collect();
            summary.line(format!("approved by {}", people.join(", ")));
        }
        summary.push = landed.push.clone();
        (summary, landed, receipt)
    }
}
