//! The common part of landing and rejecting: a commit on the registry's branch that closes the request, whose branch is
//! then deleted.

use anyhow::Result;

use super::list::{landed, none};
use super::reader::{Reader, with_reader};
use crate::model::RequestId;
use crate::ops::commit::Destination;
use crate::ops::publish::{push_branch, push_closed};
use crate::ops::refusal::Refusal;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::request_branches;
use crate::ops::session::Session;
use crate::store::{PushOptions, RequestBranch};

/// An open request that is about to land or to be rejected.
pub(super) struct Closing<'r, 's> {
    /// Reads the request.
    pub reader: &'r Reader<'s>,
    /// The request's branch.
    pub found: RequestBranch,
    /// The destination of the commit that closes the request.
    pub to: Destination,
    /// What is left to publish after the commit.
    pub unpublished: Unpublished,
}

/// Finds an open request, and calls `work` to close it. Refused if this clone is behind the remote.
pub(super) fn close<T>(
    session: &Session,
    id: &RequestId,
    work: impl FnOnce(Closing<'_, '_>) -> Result<T>,
) -> Result<T> {
    let branch = session.registry_branch()?;
    branch.refuse_behind(session)?;
    with_reader(session, &branch, |reader| {
        let found = branch_to_close(reader, id)?;
        let unpublished = unpublished(session, &branch, id, &found)?;
        let to = destination(session, &branch, id, &found)?;
        work(Closing { reader, found, to, unpublished })
    })
}

/// Deletes the branches of this clone whose requests have landed or were closed, and returns their names.
pub(in crate::ops) fn delete_closed(session: &Session) -> Result<Vec<String>> {
    let mut deleted = Vec::new();
    with_reader(session, &session.registry_branch()?, |reader| {
        for found in session.store.request_branches()?.into_iter().filter(|found| found.remote.is_none()) {
            let is_request = found.name.parse::<RequestId>().is_ok();
            // A branch that is checked out somewhere stays, and so does one that cannot be read.
            let is_free = session.store.branch(Some(&found.name)).is_ok_and(|branch| !branch.checked_out);
            if is_request && is_free && matches!(reader.read(&found), Ok(None)) {
                session.store.delete_branch(&found.name, found.commit)?;
                deleted.push(found.name);
            }
        }
        Ok(())
    })?;
    Ok(deleted)
}

/// The branch of a request that is about to be closed. Refused for a landed emergency, which has no branch.
fn branch_to_close(reader: &Reader<'_>, id: &RequestId) -> Result<RequestBranch> {
    if let Some(found) = request_branches::to_close(reader.session, id)? {
        return Ok(found);
    }
    let landed = landed(reader, id)?.ok_or_else(|| none(id))?.id;
    let hint = format!("`modelreg approve {landed}` adds the missing approval; another promotion undoes the move");
    Err(Refusal::new(format!("{landed} has already landed, as an emergency"), hint).into())
}

/// The destination of a commit on the registry's branch that also deletes the request's branch, here and on the remote.
fn destination(
    session: &Session,
    branch: &RegistryBranch,
    id: &RequestId,
    found: &RequestBranch,
) -> Result<Destination> {
    let options = PushOptions { removed: Some(id.branch()), ..PushOptions::default() };
    let closes = request_branches::closes(session, id, found.commit)?;
    let to = Destination::branch(branch.branch.clone()).pushed_to(branch.pushed_to(session), options);
    Ok(Destination { closes: Some(closes), ..to })
}

/// What is left to publish after a run that does not push.
#[derive(Clone)]
pub(super) struct Unpublished {
    /// The remote that still has the request's branch.
    pub remote: Option<String>,
    /// The command that publishes the end of the request.
    pub push: Option<String>,
}

/// What is left to publish: nothing if the run pushes or the registry's branch has no remote.
fn unpublished(
    session: &Session,
    branch: &RegistryBranch,
    id: &RequestId,
    found: &RequestBranch,
) -> Result<Unpublished> {
    let home = branch.remote.as_deref().filter(|_| !session.pushes());
    let Some(remote) = found.remote.as_deref().filter(|_| !session.pushes()).or(home) else {
        return Ok(Unpublished { remote: None, push: None });
    };
    let (name, request) = (branch.branch.name(), id.branch());
    let home = home.unwrap_or(remote);
    // The request was found on the branch of this clone. The remote may have the branch too.
    if session.store.tip(&session.store.remote_branch(remote, &request))?.is_some() {
        return Ok(Unpublished {
            remote: Some(remote.to_owned()),
            push: Some(push_closed(home, name, remote, &request)),
        });
    }
    Ok(Unpublished { remote: None, push: Some(push_branch(home, name)) })
}
