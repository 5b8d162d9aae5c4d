//! The branches of review requests.

use git2::Oid;

use crate::model::REQUESTS;
use crate::store::error::StoreError;
use crate::store::refs::branch::Branch;
use crate::store::repository::store::Store;

/// A request's branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestBranch {
    /// The branch's name: `requests/MODEL/STAGE/VERSION`.
    pub name: String,
    /// The remote of a remote-tracking branch; none for a branch of this clone.
    pub remote: Option<String>,
    /// The branch's tip.
    pub commit: Oid,
}

impl Store {
    /// The branch of this name, checked out or not.
    pub fn branch_of_requests(&self, name: &str) -> Result<Branch, StoreError> {
        self.branch(Some(name))
    }

    /// A remote-tracking branch, which is only read.
    pub fn remote_branch(&self, remote: &str, name: &str) -> Branch {
        Branch { full_name: format!("refs/remotes/{remote}/{name}"), checked_out: false }
    }

    /// The branches of requests: first those of this clone, then those of its remotes, each sorted by name.
    pub fn request_branches(&self) -> Result<Vec<RequestBranch>, StoreError> {
        let git = self.git()?;
        let failed = |e| StoreError::git("reading the branches", e);
        let mut found = Vec::new();
        for glob in [format!("refs/heads/{REQUESTS}*"), format!("refs/remotes/*/{REQUESTS}*")] {
            for reference in git.references_glob(&glob).map_err(failed)? {
                let reference = reference.map_err(failed)?;
                let (Ok(full), Ok(commit)) = (reference.name(), reference.peel_to_commit()) else { continue };
                let (remote, name) = match full.strip_prefix("refs/remotes/").and_then(|rest| rest.split_once('/')) {
                    Some((remote, name)) => (Some(remote.to_owned()), name),
                    None => (None, full.strip_prefix("refs/heads/").unwrap_or(full)),
                };
                found.push(RequestBranch { name: name.to_owned(), remote, commit: commit.id() });
            }
        }
        found.sort_by(|a, b| (&a.remote, &a.name).cmp(&(&b.remote, &b.name)));
        Ok(found)
    }
}
