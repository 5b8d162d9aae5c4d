//! Keeping the address of a request's pull request in the journal.

use anyhow::Result;

use super::commit::{Done, Plan, Way, commit_as};
use super::forge;
use super::message::Message;
use super::refusal::Refusal;
use super::request::{self, in_words};
use super::session::Session;
use crate::model::snapshot::text;
use crate::model::{Link, RequestId, Snapshot, write};

/// Writes the address into the journal entry of a request, on its branch.
pub fn link(session: &Session, id: &RequestId, address: &Link) -> Result<Done<()>> {
    let asked = request::request(session, id)?;
    if asked.landed {
        let hint = "a request keeps the address that it has when it lands";
        return Err(Refusal::new(format!("{id} has landed already"), hint).into());
    }
    let mut way = Way::to(session.store.branch_of_requests(&id.branch())?);
    if let Some(forge) = forge::Remote::of(session, session.registry_branch()?.name())? {
        way.push = forge.adds(id, asked.review);
    }
    way.on = asked.remote.as_ref().map(|remote| session.store.remote_branch(remote, &id.branch()));
    commit_as(session, way, |tree, _| {
        let snapshot = Snapshot::open(tree)?;
        let at = asked.place - 1;
        let stage = snapshot.stage(&id.model, &id.stage)?;
        let Some(mut stage) = stage.filter(|stage| stage.history.len() > at) else {
            return Err(Refusal::new("the request's branch has lost its move", "run `modelreg requests`").into());
        };
        stage.history[at].request = Some(address.clone());
        let path = snapshot.layout().stage_file(&id.model, &id.stage);
        let present = tree.find(&path)?.map(|file| text(tree, &file)).transpose()?;
        let written = write::stage_text(&stage, present.as_deref(), &path)?;
        let message = Message::new(format!("Pull request of: {}", in_words(id, &stage.history[at])))
            .trailer("Action", "link")
            .trailer("Model", &id.model)
            .trailer("Version", id.version)
            .trailer("Stage", &id.stage)
            .trailer("Pull-Request", address);
        Ok(Plan { edits: [(path, Some(written.into_bytes()))].into(), message, value: () })
    })
}
