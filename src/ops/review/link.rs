//! Recording the address of a request's pull request in the journal.

use anyhow::Result;

use super::branches;
use super::list::none;
use super::pull_request::Forge;
use super::reader::Reader;
use crate::model::{Link, RequestId, Snapshot, write};
use crate::ops::commit::{Destination, Done, Message, Plan, Precondition, commit_to};
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;

/// Writes the address into the journal entry of a request, on the request's branch.
pub fn link(session: &Session, id: &RequestId, address: &Link) -> Result<Done<()>> {
    let branch = session.registry_branch()?;
    let tree = session.store.tree(Some(branch.tip))?;
    let snapshot = Snapshot::open(&tree)?;
    let reader = Reader { session, branch: branch.branch.name(), tip: branch.tip, snapshot: &snapshot };
    let Some(read) = branches::of(session, id)?.map(|found| reader.read(&found)).transpose()?.flatten() else {
        if super::list::landed(&reader, id)?.is_none() {
            return Err(none(id).into());
        }
        let hint = "the address can be recorded only before the request lands";
        return Err(Refusal::new(format!("{id} has already landed"), hint).into());
    };
    let review = reader.policy(id)?.review;
    let options = Forge::of(session, &branch)?.map(|forge| forge.next_push(id, review)).unwrap_or_default();
    let mut to = Destination::branch(session.store.branch_of_requests(&id.branch())?)
        .pushed_to(branch.pushed_to(session), options);
    to.parent = read.found.remote.as_ref().map(|remote| session.store.remote_branch(remote, &id.branch()));
    commit_to(session, to, &Precondition::None, Some(&snapshot), |snapshot, _| {
        let at = read.place - 1;
        let stage = snapshot.stage(&id.model, &id.stage)?;
        let Some(mut stage) = stage.filter(|stage| stage.history.len() > at) else {
            return Err(Refusal::new(
                "the branch of the request no longer contains the move",
                "run `modelreg requests`",
            )
            .into());
        };
        let entry = &mut stage.history[at];
        entry.request = Some(address.clone());
        let subject = format!("Pull request of: {}", id.in_words(entry.action, entry.from));
        let path = snapshot.layout().stage_file(&id.model, &id.stage);
        let present = snapshot.text(&path)?;
        let written = write::stage_text(&stage, present.as_deref(), &path)?;
        let message = Message::new(subject).trailer("Action", "link").request(id).trailer("Pull-Request", address);
        Ok(Plan::new([(path, Some(written.into_bytes()))].into(), message, ()))
    })
}
