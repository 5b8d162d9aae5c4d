//! Landing a request: the merge result passes every rule, or nothing lands.

use anyhow::Result;

use super::commit::{Done, Plan, Way, commit_as};
use super::message::Message;
use super::refusal::Refusal;
use super::request::{self, in_words};
use super::session::Session;
use crate::model::{RequestId, UserId};
use crate::store::PushOptions;

/// A request that has landed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Landed {
    /// Its id.
    pub id: String,
    /// Who approved it.
    pub approved_by: Vec<UserId>,
    /// The remote that still has its branch.
    pub remote: Option<String>,
}

/// Merges a request into the registry's branch, and removes its branch here.
pub fn land(session: &Session, id: &RequestId) -> Result<Done<Landed>> {
    let home = session.home()?;
    home.refuse_behind(session)?;
    let first = request::request(session, id)?;
    if first.landed {
        let mend = format!("`modelreg approve {id}` gives it the approval that it awaits");
        return Err(Refusal::new(format!("{id} has landed already, as an emergency"), mend).into());
    }
    let push = PushOptions { removed: Some(id.branch()), ..PushOptions::default() };
    let way = Way { merged: Some(first.commit), push, ..Way::to(home.branch) };
    let done = commit_as(session, way, |_, _| {
        // Read anew: the branch may have moved since, and the merge result is what counts.
        let now = request::request(session, id)?;
        if now.commit != first.commit {
            let mend = format!("look again: `modelreg request show {id}`");
            return Err(Refusal::new(format!("{id} was changed at this very moment"), mend).into());
        }
        if let Some(stale) = &now.stale {
            let mend =
                format!("ask for the move again, and have it approved: `modelreg reject {id} --reason stale` first");
            return Err(Refusal::new(format!("{id} is stale: {stale}"), mend).into());
        }
        if now.report.errors() > 0 {
            let refusal = Refusal::by_rules(now.report);
            let mend = format!("`modelreg request show {id}` shows what is missing");
            return Err(Refusal {
                why: format!("{id} cannot land: the merge result would break the rules"),
                mend: Some(mend),
                ..refusal
            }
            .into());
        }
        let mut message = Message::new(format!("Land: {}", in_words(id, &now.entry)))
            .body(now.entry.reason.as_ref().map(|reason| reason.as_str()))
            .trailer("Action", "land")
            .trailer("Model", &id.model)
            .trailer("Version", id.version)
            .trailer("Stage", &id.stage)
            .trailer("Requested-By", &now.entry.by);
        for by in &now.count.counted {
            message = message.trailer("Approved-By", by);
        }
        let remote = now.remote.filter(|_| !session.pushes());
        let value = Landed { id: id.to_string(), approved_by: now.count.counted, remote };
        Ok(Plan { edits: now.merge.edits, message, value })
    })?;
    request::forget_branch(session, &first)?;
    Ok(done)
}
