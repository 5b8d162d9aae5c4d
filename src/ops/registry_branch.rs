//! The registry's branch: requests start from its tip and land on it, by the policy on its tip.

use anyhow::Result;

use super::refusal::Refusal;
use super::session::Session;
use crate::diag::sanitize::for_shell;
use crate::model::{Registry, Snapshot};
use crate::store::{Branch, GitTree, Oid};

/// The registry's branch, as this clone knows it.
pub(super) struct RegistryBranch {
    /// The branch in this clone.
    pub branch: Branch,
    /// The newest known commit of the branch: in this clone, or on the remote at the last fetch.
    pub tip: Oid,
    /// The remote-tracking branch, if it is ahead of the branch in this clone.
    pub ahead: Option<Branch>,
    /// The remote that the branch follows.
    pub remote: Option<String>,
}

impl RegistryBranch {
    /// The branch with the newest known commit.
    pub fn newest(&self) -> &Branch {
        self.ahead.as_ref().unwrap_or(&self.branch)
    }

    /// The remote that a change is pushed to; none if the run does not push.
    pub fn pushed_to(&self, session: &Session) -> Option<String> {
        self.remote.clone().filter(|_| session.pushes())
    }

    /// Refuses a change if the branch is behind the remote. A run that pushes updates the branch itself.
    pub fn refuse_behind(&self, session: &Session) -> Result<(), Refusal> {
        let Some(ahead) = self.ahead.as_ref().filter(|_| !session.pushes()) else { return Ok(()) };
        let (name, theirs) = (self.branch.name(), ahead.full_name.trim_start_matches("refs/remotes/"));
        let hint = match self.branch.checked_out {
            true => format!("git merge --ff-only {}", for_shell(theirs)),
            // Unlike `git branch -f`, a fetch never loses a commit.
            false => format!("git fetch . {}", for_shell(&format!("{}:{}", ahead.full_name, self.branch.full_name))),
        };
        Err(Refusal::new(format!("`{name}` is behind `{theirs}`"), hint))
    }
}

impl Session {
    /// The registry's branch. A run that pushes fetches first.
    ///
    /// # Errors
    /// If the clone does not have the branch, or the run pushes and the branch has no remote.
    pub(super) fn registry_branch(&self) -> Result<RegistryBranch> {
        self.registry_branch_of(&Snapshot::open(&self.read()?.tree)?.registry)
    }

    /// Like [`Session::registry_branch`], for a `registry.toml` that has been read already.
    pub(super) fn registry_branch_of(&self, registry: &Registry) -> Result<RegistryBranch> {
        let name = &registry.branch;
        let branch = self.store.branch_of_requests(name.as_str())?;
        let remote = self.store.remote_of(branch.name())?;
        if self.pushes() {
            let none = || Refusal::new("the repository has no remote to push to", "git remote add origin ADDRESS");
            self.fetch_once(remote.as_ref().ok_or_else(none)?)?;
        }
        let missing = || {
            let from = for_shell(remote.as_deref().unwrap_or("origin"));
            let both = for_shell(&format!("{name}:{name}"));
            let hint = format!("`git fetch {from} {both}` fetches it, or correct `branch` in registry.toml");
            Refusal::new(format!("this clone does not have the registry's branch `{name}`"), hint)
        };
        Ok(self.newest_known(&branch, remote.as_ref())?.ok_or_else(missing)?)
    }

    /// The same branch as it is now, after other processes have had time to move it.
    pub(super) fn registry_branch_now(&self, branch: &RegistryBranch) -> Result<RegistryBranch> {
        let gone =
            || Refusal::new(format!("`{}` was deleted while this command ran", branch.branch.name()), "git branch");
        Ok(self.newest_known(&branch.branch, branch.remote.as_ref())?.ok_or_else(gone)?)
    }

    /// A branch with its newest known commit: here, or on the remote as it was last fetched. None where it is not here.
    fn newest_known(&self, branch: &Branch, remote: Option<&String>) -> Result<Option<RegistryBranch>> {
        let Some(tip) = self.store.tip(branch)? else { return Ok(None) };
        let known = RegistryBranch { branch: branch.clone(), tip, ahead: None, remote: remote.cloned() };
        if let Some(name) = remote {
            let theirs = self.store.remote_branch(name, branch.name());
            if let Some(newer) = self.store.tip(&theirs)?.filter(|newer| *newer != tip)
                && self.store.stems_from(newer, tip)?
            {
                return Ok(Some(RegistryBranch { tip: newer, ahead: Some(theirs), ..known }));
            }
        }
        Ok(Some(known))
    }

    /// The files at the newest known commit of the registry's branch.
    pub(super) fn registry_tree(&self) -> Result<GitTree<'_>> {
        Ok(self.store.tree(Some(self.registry_branch()?.tip))?)
    }
}
