//! The branch and the remote of a commit.

use crate::store::{Branch, Closes, Oid, PushOptions};

/// The branch and the remote of a commit.
pub(in crate::ops) struct Destination {
    /// The branch that moves to the commit.
    pub branch: Branch,
    /// The branch whose tip is the parent, if not `branch`: a request starts from the registry's branch.
    pub parent: Option<Branch>,
    /// The second parent of a merge.
    pub merged: Option<Oid>,
    /// The push; without one the commit stays in this clone.
    pub push: Option<Push>,
    /// The branch of the request that the commit closes. The branch of this clone is deleted after the commit has been
    /// reported.
    pub closes: Option<Closes>,
}

/// A push of the commit.
pub(in crate::ops) struct Push {
    /// The remote.
    pub remote: String,
    /// Options for the forge, and a branch to delete on the remote.
    pub options: PushOptions,
}

impl Destination {
    /// One more commit on a branch.
    pub fn branch(branch: Branch) -> Self {
        Self { branch, parent: None, merged: None, push: None, closes: None }
    }

    /// Pushes the commit to the remote, if one is given.
    pub fn pushed_to(mut self, remote: Option<String>, options: PushOptions) -> Self {
        self.push = remote.map(|remote| Push { remote, options });
        self
    }

    /// The branch whose tip is the parent.
    pub fn base(&self) -> &Branch {
        self.parent.as_ref().unwrap_or(&self.branch)
    }
}
