//! The registry's own branch: requests start from its tip and land on it, and its policy counts.

use anyhow::Result;

use super::refusal::Refusal;
use super::session::Session;
use crate::diag::sanitize::for_shell;
use crate::model::{Registry, Snapshot};
use crate::store::{Branch, GitTree, Oid};

/// The registry's own branch, as this clone knows it.
pub(super) struct RegistryBranch {
    /// The branch of this clone.
    pub branch: Branch,
    /// Its newest known commit: here, or on the remote as it was last fetched.
    pub tip: Oid,
    /// The remote's branch, where that is ahead of the one here.
    pub ahead: Option<Branch>,
    /// The remote that the branch follows.
    pub remote: Option<String>,
}

impl RegistryBranch {
    /// The branch that has the newest known commit.
    pub fn newest(&self) -> &Branch {
        self.ahead.as_ref().unwrap_or(&self.branch)
    }

    /// The remote that a change is pushed to; none where the user does not want a push.
    pub fn pushed_to(&self, session: &Session) -> Option<String> {
        self.remote.clone().filter(|_| session.pushes())
    }

    /// Refuses a change of the branch where it is behind. A run that pushes brings the branch up to date by itself.
    pub fn refuse_behind(&self, session: &Session) -> Result<(), Refusal> {
        let Some(ahead) = self.ahead.as_ref().filter(|_| !session.pushes()) else { return Ok(()) };
        let (name, theirs) = (self.branch.name(), ahead.full_name.trim_start_matches("refs/remotes/"));
        let hint = match self.branch.checked_out {
            true => format!("git merge --ff-only {}", for_shell(theirs)),
            // Unlike `git branch -f`, a fetch loses no commit, whatever has happened meanwhile.
            false => format!("git fetch . {}", for_shell(&format!("{}:{}", ahead.full_name, self.branch.full_name))),
        };
        Err(Refusal::new(format!("`{name}` here is behind `{theirs}`"), hint))
    }
}

impl Session {
    /// The registry's own branch. A run that pushes fetches first.
    ///
    /// # Errors
    /// Where the clone does not have the branch; where the run pushes and there is no remote.
    pub(super) fn registry_branch(&self) -> Result<RegistryBranch> {
        self.registry_branch_of(&Snapshot::open(&self.read()?.tree)?.registry)
    }

    /// The same where `registry.toml` has been read already.
    pub(super) fn registry_branch_of(&self, registry: &Registry) -> Result<RegistryBranch> {
        let name = &registry.branch;
        let branch = self.store.branch_of_requests(name.as_str())?;
        let remote = self.store.remote_of(branch.name())?;
        if self.pushes() {
            let none = || Refusal::new("there is no remote to push to", "git remote add origin ADDRESS");
            self.fetch_once(remote.as_ref().ok_or_else(none)?)?;
        }
        let missing = || {
            let from = for_shell(remote.as_deref().unwrap_or("origin"));
            let both = for_shell(&format!("{name}:{name}"));
            let hint = format!("`git fetch {from} {both}` fetches it, or correct `branch` in registry.toml");
            Refusal::new(format!("the registry's branch `{name}` is not in this clone"), hint)
        };
        let tip = self.store.tip(&branch)?.ok_or_else(missing)?;
        if let Some(name) = &remote {
            let theirs = self.store.remote_branch(name, branch.name());
            if let Some(newer) = self.store.tip(&theirs)?.filter(|newer| *newer != tip)
                && self.store.stems_from(newer, tip)?
            {
                return Ok(RegistryBranch { branch, tip: newer, ahead: Some(theirs), remote });
            }
        }
        Ok(RegistryBranch { branch, tip, ahead: None, remote })
    }

    /// The files at the newest known commit of the registry's own branch.
    pub(super) fn registry_tree(&self) -> Result<GitTree<'_>> {
        Ok(self.store.tree(Some(self.registry_branch()?.tip))?)
    }
}
