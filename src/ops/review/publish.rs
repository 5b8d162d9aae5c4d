//! The git commands with which a user publishes what exists in this clone alone.
//!
//! Each names the remote and both sides of every branch. So neither the branch that is checked out nor `push.default`
//! changes what is pushed.

use crate::diag::sanitize::for_shell;

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

/// Pushes the registry's branch, on which a request was closed. After that, deletes the request's branch on its remote,
/// unless the branch has moved there.
pub(super) fn push_closed(home: Option<&str>, branch: &str, remote: &str, request: &str) -> String {
    format!(
        "{} && git push --force-with-lease={request} {} :{request}",
        push_branch(home.unwrap_or(remote), branch),
        for_shell(remote)
    )
}
