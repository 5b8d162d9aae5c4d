//! The git commands with which a user publishes what was done in this clone alone.
//!
//! Each names the remote and both sides of every branch. So neither the branch that is checked out nor `push.default` changes
//! what is pushed.

use super::session::Session;
use crate::diag::sanitize::for_shell;
use crate::model::RequestId;

/// Pushes one branch.
pub fn push_branch(remote: &str, branch: &str) -> String {
    format!("git push {} {}", for_shell(remote), for_shell(&format!("{branch}:{branch}")))
}

/// Pushes the branch of a request to the remote of the registry's branch.
pub fn push_request(session: &Session, branch: &str) -> String {
    let home = session.registry_branch().ok().and_then(|home| session.store.remote_of(home.name()).ok().flatten());
    match home {
        Some(remote) => push_branch(&remote, branch),
        None => format!("git remote add origin ADDRESS && {}", push_branch("origin", branch)),
    }
}

/// Pushes the registry's branch, on which a request was closed. When that is done, removes the request's branch on its
/// remote, unless it has moved there.
pub fn push_closed(session: &Session, branch: &str, remote: &str, id: &RequestId) -> String {
    let home = session.store.remote_of(branch).ok().flatten();
    let request = id.branch();
    format!(
        "{} && git push --force-with-lease={request} {} :{request}",
        push_branch(home.as_deref().unwrap_or(remote), branch),
        for_shell(remote)
    )
}
