//! Rejecting a request, or taking one's own back: a comment stays on the version, and the branch goes.

use anyhow::Result;

use super::commit::{Done, Plan, Way, commit_as};
use super::describe::edit_version;
use super::find;
use super::message::Message;
use super::refusal::Refusal;
use super::request::{self, in_words};
use super::session::Session;
use crate::model::{Comment, RequestId, Snapshot, Text};
use crate::store::PushOptions;

/// A request that is gone.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Rejected {
    /// Its id.
    pub id: String,
    /// Whether who asked for it took it back.
    pub own: bool,
    /// The remote that still has its branch.
    pub remote: Option<String>,
}

/// Leaves a comment with who, when and why on the version, and removes the request's branch here.
pub fn reject(session: &Session, id: &RequestId, reason: Option<&Text>) -> Result<Done<Rejected>> {
    let home = session.home()?;
    home.refuse_behind(session)?;
    let found = request::branch_to_close(session, id)?;
    let asked = request::read(session, &home, &found)?.ok_or_else(|| request::none(id))?;
    let push = PushOptions { removed: Some(id.branch()), ..PushOptions::default() };
    let removes = request::own_branch(session, id, asked.commit)?;
    commit_as(session, Way { push, removes, ..Way::to(home.branch) }, |tree, who| {
        let own = who.by.same_person(&asked.entry.by);
        if !own && reason.is_none() {
            let hint = format!("modelreg reject {id} --reason 'why not'");
            return Err(Refusal::new("who asked for it will want to know why it is rejected", hint).into());
        }
        let snapshot = Snapshot::open(tree)?;
        let model = find::model(&snapshot, &id.model)?;
        let manifest = find::version(&model, id.version)?;
        let newest = manifest.comments.last().map_or(manifest.created_at, |last| last.at);
        let comment =
            Comment { at: who.at.max(newest), by: who.by.clone(), text: request::remark(&asked, own, reason)? };
        let edits = edit_version(&snapshot, &model.file.name, id.version, who, |document| {
            document.comment(&comment);
        })?;
        let subject = if own { "Withdraw the request" } else { "Reject" };
        let message = Message::new(format!("{subject}: {}", in_words(id, &asked.entry)))
            .body(reason.map(|reason| reason.as_str()))
            .trailer("Action", if own { "withdraw-request" } else { "reject" })
            .trailer("Model", &id.model)
            .trailer("Version", id.version)
            .trailer("Stage", &id.stage);
        Ok(Plan {
            edits,
            message,
            value: Rejected { id: id.to_string(), own, remote: asked.remote.clone().filter(|_| !session.pushes()) },
        })
    })
}
