//! Where the registry's own branch stands: here, or further on where it was last fetched.

use anyhow::Result;

use super::refusal::Refusal;
use super::session::Session;
use crate::diag::sanitize::for_shell;
use crate::store::{Branch, GitTree, Oid};

/// The registry's own branch, from which requests start and on which they land.
pub(super) struct Home {
    /// The branch of this clone.
    pub branch: Branch,
    /// The newest commit that is known of it.
    pub tip: Oid,
    /// The remote's branch that has this commit, where the one here does not yet.
    pub ahead: Option<Branch>,
}

impl Home {
    /// The branch that has the newest commit.
    pub fn newest(&self) -> &Branch {
        self.ahead.as_ref().unwrap_or(&self.branch)
    }

    /// Refuses to go on where the branch here has to follow first. What pushes brings it up to date by itself.
    pub fn refuse_behind(&self, session: &Session) -> Result<(), Refusal> {
        let Some(ahead) = self.ahead.as_ref().filter(|_| !session.pushes()) else { return Ok(()) };
        let (name, theirs) = (self.branch.name(), ahead.full_name.trim_start_matches("refs/remotes/"));
        let hint = match self.branch.checked_out {
            true => format!("git merge --ff-only {}", for_shell(theirs)),
            // Unlike `git branch -f`, this throws no commit away, whatever has happened meanwhile.
            false => format!("git fetch . {}", for_shell(&format!("{}:{}", ahead.full_name, self.branch.full_name))),
        };
        Err(Refusal::new(format!("`{name}` here is behind `{theirs}`"), hint))
    }
}

impl Session {
    /// Where the registry's own branch stands; asked of the remote first where the session pushes.
    pub(super) fn home(&self) -> Result<Home> {
        self.fetch_once()?;
        let branch = self.registry_branch()?;
        let unborn = || Refusal::new(format!("`{}` has no commit", branch.name()), "run `modelreg doctor`");
        let tip = self.store.tip(&branch)?.ok_or_else(unborn)?;
        if let Some(remote) = self.store.remote_of(branch.name())? {
            let theirs = self.store.remote_branch(&remote, branch.name());
            if let Some(newer) = self.store.tip(&theirs)?.filter(|newer| *newer != tip)
                && self.store.stems_from(newer, tip)?
            {
                return Ok(Home { branch, tip: newer, ahead: Some(theirs) });
            }
        }
        Ok(Home { branch, tip, ahead: None })
    }

    /// The newest known files of the registry's own branch.
    pub(super) fn on_registry_branch(&self) -> Result<GitTree<'_>> {
        Ok(self.store.tree(Some(self.home()?.tip))?)
    }

    /// The files that say what a move would be: those that are looked at, or the remote's where the session pushes.
    pub(super) fn for_moves(&self) -> Result<GitTree<'_>> {
        if self.pushes() { self.on_registry_branch() } else { Ok(self.read()?.tree) }
    }
}
