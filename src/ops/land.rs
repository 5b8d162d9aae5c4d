//! Landing a request: the merge result passes every rule, or nothing lands.

use anyhow::Result;

use super::commit::{Done, Plan, Way, commit_as};
use super::home::Home;
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
    let found = request::branch_to_close(session, id)?;
    let push = PushOptions { removed: Some(id.branch()), ..PushOptions::default() };
    let removes = request::own_branch(session, id, found.commit)?;
    let way = Way { merged: Some(found.commit), push, removes, ..Way::to(home.branch.clone()) };
    commit_as(session, way, |_, asked| {
        // As it stands against the commit that it is merged with: what counts is the merge result.
        let tip = asked.on.ok_or_else(|| request::none(id))?;
        let on = Home { branch: home.branch.clone(), tip, ahead: None };
        let now = request::read(session, &on, &found)?.ok_or_else(|| request::none(id))?;
        if request::branch_of(session, id)?.is_some_and(|now| now.commit != found.commit) {
            let hint = format!("look again: `modelreg request show {id}`");
            return Err(Refusal::new(format!("{id} was changed at this very moment"), hint).into());
        }
        if let Some(stale) = &now.stale {
            let hint =
                format!("ask for the move again, and have it approved: `modelreg reject {id} --reason stale` first");
            return Err(Refusal::new(format!("{id} is stale: {stale}"), hint).into());
        }
        if now.report.errors() > 0 {
            let refusal = Refusal::by_rules(now.report);
            let hint = format!("`modelreg request show {id}` shows what is missing");
            return Err(Refusal {
                why: format!("{id} cannot land: the merge result would break the rules"),
                hint: Some(hint),
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
    })
}
