//! The git commands for a user to publish a change that is only in this clone.
//!
//! Each command names the remote, and every branch on both sides, so that neither the checked-out branch nor
//! `push.default` changes what is pushed.

use crate::diag::sanitize::for_shell;
use crate::model::REQUESTS;

/// Publishes a change of a branch: the change of a request by a push, and any other together with what others did.
pub(super) fn publish(remote: &str, branch: &str, is_checked_out: bool) -> String {
    match branch.starts_with(REQUESTS) {
        true => push_branch(remote, branch),
        false if is_checked_out => "modelreg sync".into(),
        false => format!("modelreg sync --branch {}", for_shell(branch)),
    }
}

/// Pushes one branch.
pub(super) fn push_branch(remote: &str, branch: &str) -> String {
    format!("git push {} {}", for_shell(remote), for_shell(&format!("{branch}:{branch}")))
}

/// Pushes the branch of a request to the remote of the registry's branch.
pub(super) fn push_request(remote: Option<&str>, branch: &str) -> String {
    match remote {
        Some(remote) => push_branch(remote, branch),
        None => format!("git remote add origin ADDRESS && {}", push_branch("origin", branch)),
    }
}

/// Pushes the registry's branch after a request was closed, then deletes the request's branch on its remote, unless that
/// branch has moved there.
pub(super) fn push_closed(home: &str, branch: &str, remote: &str, request: &str) -> String {
    format!("{} && git push --force-with-lease={request} {} :{request}", push_branch(home, branch), for_shell(remote))
}
