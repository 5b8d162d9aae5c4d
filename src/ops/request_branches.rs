//! The branches of requests, in this clone and on remotes.

use anyhow::Result;

use super::session::Session;
use crate::model::RequestId;
use crate::store::{Closes, Oid, RequestBranch};

/// The branches of requests, one per name. If this clone and a remote have the same branch, the one that contains the
/// other is returned; if they have diverged, this clone's.
pub(super) fn all(session: &Session) -> Result<Vec<RequestBranch>> {
    let mut newest: Vec<RequestBranch> = Vec::new();
    for found in session.store.request_branches()? {
        match newest.iter_mut().find(|known| known.name == found.name) {
            None => newest.push(found),
            Some(known) if found.commit != known.commit && session.store.stems_from(found.commit, known.commit)? => {
                *known = found
            }
            Some(_) => {}
        }
    }
    Ok(newest)
}

/// The branch of a request, landed or not.
pub(super) fn of(session: &Session, id: &RequestId) -> Result<Option<RequestBranch>> {
    Ok(all(session)?.into_iter().find(|found| found.name == id.branch()))
}

/// The branch of a request that is about to land or to be rejected. Also finds a branch that an earlier run deleted
/// without reporting it.
pub(super) fn to_close(session: &Session, id: &RequestId) -> Result<Option<RequestBranch>> {
    match of(session, id)? {
        Some(found) => Ok(Some(found)),
        None => Ok(session.store.noted_request(&id.branch())?),
    }
}

/// The branch of a request that a commit closes. Without the tip of this clone's branch where that branch has commits
/// that the request's commit does not contain.
pub(super) fn closes(session: &Session, id: &RequestId, commit: Oid) -> Result<Closes> {
    let branch = session.store.branch_of_requests(&id.branch())?;
    let here = match session.store.tip(&branch)? {
        Some(tip) if session.store.stems_from(commit, tip)? => Some(tip),
        _ => None,
    };
    Ok(Closes { branch, commit, here })
}
