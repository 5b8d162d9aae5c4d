//! Where a commit goes.

use crate::store::{Branch, Oid, PushOptions};

/// Where a commit goes.
pub(in crate::ops) struct Destination {
    /// The branch that moves to the commit.
    pub branch: Branch,
    /// The branch whose tip is the parent, where that is another one: a request starts from the registry's branch.
    pub parent: Option<Branch>,
    /// A second parent, for a merge.
    pub merged: Option<Oid>,
    /// The push; none keeps the commit in this clone.
    pub push: Option<Push>,
    /// A branch of this clone that is deleted once the user knows of the commit, and its tip.
    pub removes: Option<(Branch, Oid)>,
}

/// A push of the commit.
pub(in crate::ops) struct Push {
    /// The remote.
    pub remote: String,
    /// Options for the forge, and a branch that is deleted there.
    pub options: PushOptions,
}

impl Destination {
    /// One more commit on a branch.
    pub fn branch(branch: Branch) -> Self {
        Self { branch, parent: None, merged: None, push: None, removes: None }
    }

    /// Pushes the commit to a remote, where one is named.
    pub fn pushed_to(mut self, remote: Option<String>, options: PushOptions) -> Self {
        self.push = remote.map(|remote| Push { remote, options });
        self
    }

    /// The branch whose tip is the parent.
    pub fn base(&self) -> &Branch {
        self.parent.as_ref().unwrap_or(&self.branch)
    }
}
