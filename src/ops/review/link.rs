//! Recording the address of a request's pull request in the journal.

use anyhow::Result;

use super::list::{landed, none};
use super::pull_request::next_commit;
use super::reader::{Reader, lost_move, with_reader};
use crate::model::{Link, RequestId};
use crate::ops::commit::{Done, Message, Plan, Precondition, commit_to, write_stage};
use crate::ops::refusal::Refusal;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::request_branches;
use crate::ops::session::Session;

/// Writes the address into the journal entry of a request, on the request's branch.
pub fn link(session: &Session, id: &RequestId, address: &Link) -> Result<Done<()>> {
    let branch = session.registry_branch()?;
    with_reader(session, &branch, |reader| link_on(reader, &branch, id, address))
}

fn link_on(reader: &Reader<'_>, branch: &RegistryBranch, id: &RequestId, address: &Link) -> Result<Done<()>> {
    let session = reader.session;
    let found = request_branches::of(session, id)?;
    let Some(read) = found.map(|found| reader.read(&found)).transpose()?.flatten() else {
        if landed(reader, id)?.is_none() {
            return Err(none(id).into());
        }
        let hint = "the address can be recorded only before the request lands";
        return Err(Refusal::new(format!("{id} has already landed"), hint).into());
    };
    let review = reader.policy(id)?.review;
    let to = next_commit(session, branch, id, review, read.found.remote.as_deref())?;
    commit_to(session, to, &Precondition::None, Some(reader.snapshot), |snapshot, _| {
        let at = read.place - 1;
        let stage = snapshot.stage(&id.model, &id.stage)?;
        let Some(mut stage) = stage.filter(|stage| stage.history.len() > at) else {
            return Err(lost_move().into());
        };
        let entry = &mut stage.history[at];
        entry.request = Some(address.clone());
        let subject = format!("Pull request of: {}", id.in_words(entry.action, entry.from));
        let edits = write_stage(snapshot, &id.model, &stage)?;
        let message = Message::new(subject).trailer("Action", "link").request(id).trailer("Pull-Request", address);
        Ok(Plan::new(edits, message, ()))
    })
}
