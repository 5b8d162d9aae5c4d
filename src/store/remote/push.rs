//! Fetching and pushing with the `git` program, which knows the user's credentials, agents and proxies.

use std::thread::sleep;
use std::time::Duration;

use git2::Oid;

use crate::store::error::StoreError;
use crate::store::programs::{Call, Git, ProgramError};
use crate::store::refs::branch::Branch;
use crate::store::repository::store::Store;
use crate::store::trace::RETRY;

/// The outcome of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The remote accepted the commit. Contains the remote's message.
    Done(String),
    /// Another writer pushed first: fetch, then plan again.
    Lost,
}

/// The maximum number of fetches beside other commands of this clone.
const FETCHES: u64 = 10;

/// How often a push is tried again that met a lock or another obstacle on the remote's branch, although the branch has not
/// moved. Another push may hold the lock for a moment.
const BLOCKED: u64 = 3;

/// The options of a push.
#[derive(Debug, Clone, Default)]
pub struct PushOptions {
    /// Push options for the forge (`git push -o`).
    pub options: Vec<String>,
    /// A branch that the push deletes, unless the branch has moved since the last fetch.
    pub removed: Option<String>,
    /// Whether the commit replaces what the branch has, unless the branch has moved since the last fetch.
    pub replaces: bool,
    /// The full name of the ref to push to instead of the branch, such as Gerrit's `refs/for/main`.
    pub to: Option<String>,
}

/// What a remote has after a failed push.
struct OnRemote {
    /// Whether the pushed branch has the commit.
    has_commit: bool,
    /// Whether a branch of the push has moved since the last fetch.
    has_moved: bool,
}

impl Store {
    /// The branch's configured remote, or else `origin`; none if that remote does not exist.
    pub fn remote_of(&self, branch: &str) -> Result<Option<String>, StoreError> {
        let git = self.git()?;
        let config = git.config().and_then(|mut config| config.snapshot());
        let config = config.map_err(|e| StoreError::git("reading git's configuration", e))?;
        let named = config.get_string(&format!("branch.{branch}.remote")).ok().filter(|remote| remote != ".");
        let name = named.unwrap_or_else(|| "origin".into());
        Ok(git.find_remote(&name).is_ok().then_some(name))
    }

    /// The address of a remote.
    pub fn remote_address(&self, remote: &str) -> Result<Option<String>, StoreError> {
        Ok(self.git()?.find_remote(remote).ok().and_then(|remote| remote.url().ok().map(str::to_owned)))
    }

    /// A setting of git's configuration.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let config = self.git()?.config().and_then(|mut config| config.snapshot());
        Ok(config.map_err(|e| StoreError::git("reading git's configuration", e))?.get_string(key).ok())
    }

    /// Fetches a remote's branches. Another command of this clone may fetch at the same time, and git does not wait for
    /// the refs that the other one writes.
    pub fn fetch(&self, remote: &str) -> Result<(), StoreError> {
        for attempt in 1.. {
            let git = self.git_for_the_user()?.command("fetch");
            let git = git.args(["--quiet", "--prune", "--end-of-options", remote]);
            let fetched = git.args(self.missing_refspecs(remote)?).interactive().run()?;
            let beside_another = String::from_utf8_lossy(&fetched.stderr).contains("cannot lock ref");
            if fetched.status.success() || attempt == FETCHES || !beside_another {
                return Ok(fetched.success().map(drop)?);
            }
            tracing::debug!(target: RETRY, "another command of this clone fetches from {remote}");
            sleep(Duration::from_millis(20 * attempt));
        }
        Ok(())
    }

    /// Fast-forwards a branch to its fetched remote-tracking branch.
    ///
    /// Errors: the two branches have diverged.
    pub fn catch_up(&self, remote: &str, branch: &Branch) -> Result<(), StoreError> {
        let theirs = self.tip(&self.remote_branch(remote, branch.name()))?;
        let (Some(ours), Some(theirs)) = (self.tip(branch)?, theirs) else { return Ok(()) };
        let base = self.merge_base(ours, theirs)?;
        if base == Some(theirs) {
            return Ok(());
        }
        if base != Some(ours) {
            let message = format!("`{0}` and `{remote}/{0}` have diverged", branch.name());
            return Err(StoreError::Diverged { message, branch: branch.name().to_owned(), remote: remote.to_owned() });
        }
        if branch.checked_out {
            let git = self.git_for_the_user()?.command("merge").args(["--quiet", "--ff-only", &theirs.to_string()]);
            return Ok(git.interactive().run()?.success().map(drop)?);
        }
        // A race lost to another process of this clone does no harm: that process does the same.
        self.advance(branch, Some(ours), theirs, "modelreg: fast-forward").map(drop)
    }

    /// Pushes a commit to a remote's branch, all or nothing. After a failed push the remote is asked: the commit may be
    /// there although the answer was lost.
    pub fn push(&self, remote: &str, commit: Oid, branch: &str, with: &PushOptions) -> Result<Pushed, StoreError> {
        for blocked in 1.. {
            let pushed = self.push_call(remote, commit, branch, with)?.run()?;
            if pushed.status.success() {
                return Ok(Pushed::Done(String::from_utf8_lossy(&pushed.stderr).into_owned()));
            }
            let failed = pushed.failed();
            let unknown = |e: StoreError| StoreError::PushUnknown {
                remote: remote.to_owned(),
                push: failed.to_string(),
                why: e.to_string(),
            };
            let there = self.on_remote(remote, branch, commit, with.removed.as_deref()).map_err(unknown)?;
            if there.has_commit {
                tracing::debug!(target: RETRY, "the push failed, but {remote} has the commit");
                return Ok(Pushed::Done(String::new()));
            }
            if !was_raced(&String::from_utf8_lossy(&pushed.stdout), &String::from_utf8_lossy(&pushed.stderr)) {
                return Err(failed.into());
            }
            if there.has_moved {
                tracing::debug!(target: RETRY, "lost the race for {branch} on {remote}: another writer pushed first");
                return Ok(Pushed::Lost);
            }
            if blocked > BLOCKED {
                return Err(failed.into());
            }
            tracing::debug!(target: RETRY, "{remote} refused the push, but no branch has moved there: {failed}");
            sleep(Duration::from_millis(100 * blocked));
        }
        Ok(Pushed::Lost)
    }

    /// The call of git that pushes a commit.
    fn push_call(&self, remote: &str, commit: Oid, branch: &str, with: &PushOptions) -> Result<Call, StoreError> {
        let mut git = self.git_for_the_user()?.command("push").args(["--quiet", "--porcelain"]);
        for option in &with.options {
            git = git.arg(format!("--push-option={option}"));
        }
        let to = with.to.clone().unwrap_or_else(|| format!("refs/heads/{branch}"));
        let mut refs = vec![format!("{commit}:{to}")];
        if with.replaces && with.to.is_none() {
            // An empty value means that the branch must not exist.
            let known = self.tip(&self.remote_branch(remote, branch))?.map(|tip| tip.to_string()).unwrap_or_default();
            git = git.arg(format!("--force-with-lease={to}:{known}"));
        }
        if let Some(removed) = &with.removed
            && let Some(known) = self.tip(&self.remote_branch(remote, removed))?
        {
            git = git.arg("--atomic").arg(format!("--force-with-lease=refs/heads/{removed}:{known}"));
            refs.push(format!(":refs/heads/{removed}"));
        }
        Ok(git.args(["--end-of-options", remote]).args(refs).interactive())
    }

    /// Whether a remote's branch has a commit now.
    pub fn is_on_remote(&self, remote: &str, branch: &str, commit: Oid) -> Result<bool, StoreError> {
        Ok(self.on_remote(remote, branch, commit, None)?.has_commit)
    }

    /// Asks a remote about a pushed branch, and about the branch that the push deletes.
    fn on_remote(
        &self,
        remote: &str,
        branch: &str,
        commit: Oid,
        removed: Option<&str>,
    ) -> Result<OnRemote, StoreError> {
        let names: Vec<&str> = [branch].into_iter().chain(removed).collect();
        let refs: Vec<String> = names.iter().map(|name| format!("refs/heads/{name}")).collect();
        let git = self.git_for_the_user()?.command("ls-remote").args(["--quiet", "--end-of-options", remote]);
        let listed = git.args(&refs).interactive().run()?.success()?.text();
        let tip = |full_name: &String| {
            let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
            lines.find(|(_, name)| name == full_name).and_then(|(id, _)| Oid::from_str(id).ok())
        };
        let mut has_moved = false;
        for (name, full_name) in names.iter().zip(&refs) {
            has_moved |= tip(full_name) != self.tip(&self.remote_branch(remote, name))?;
        }
        let has_commit = match tip(&refs[0]) {
            Some(tip) => tip == commit || self.is_in_fetched(remote, &refs[0], tip, commit)?,
            None => false,
        };
        Ok(OnRemote { has_commit, has_moved })
    }

    /// Whether a remote's tip, which is fetched first if this clone does not have it, contains a commit.
    fn is_in_fetched(&self, remote: &str, full_name: &str, tip: Oid, commit: Oid) -> Result<bool, StoreError> {
        if self.commit_here(tip)?.is_none() {
            let git = self.git_for_the_user()?.command("fetch").args(["--quiet", "--end-of-options", remote]);
            git.arg(full_name).interactive().run()?.success()?;
        }
        // The branch may have moved again before the fetch, to a history without this tip.
        Ok(self.commit_here(tip)?.is_some() && self.stems_from(tip, commit)?)
    }

    /// Runs GitHub's program `gh` in the working tree; none if `gh` is not installed.
    pub fn gh(&self, args: &[&str]) -> Result<Option<String>, StoreError> {
        let git = self.git()?;
        let gh = Call::new("gh", "gh").args(args).current_dir(git.workdir().unwrap_or(git.path()));
        match gh.env("GH_PROMPT_DISABLED", "1").run() {
            Ok(ended) => Ok(Some(String::from_utf8_lossy(&ended.success()?.stdout).into_owned())),
            Err(ProgramError::NotInstalled { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Git as the user would run it in this repository.
    pub(in crate::store) fn git_for_the_user(&self) -> Result<Git, StoreError> {
        let git = self.git()?;
        Ok(Git::for_the_user(git.workdir().unwrap_or(git.path()))?)
    }
}

/// Whether the porcelain output of a push (git-push(1), "OUTPUT") shows a ref that was rejected because another writer
/// moved it. A rejected ref is a line `!<TAB>FROM:TO<TAB>[rejected] (REASON)`, or `[remote rejected]` with the server's
/// reason. For an atomic push the reason is `atomic transaction failed`, and only the server's message has the cause.
fn was_raced(porcelain: &str, messages: &str) -> bool {
    let refused = porcelain.lines().filter_map(|line| line.strip_prefix("!\t")?.split_once('\t'));
    refused.map(|(_, summary)| summary.to_lowercase()).any(|summary| match summary.strip_prefix("[rejected] ") {
        Some(reason) => ["(non-fast-forward)", "(fetch first)", "(stale info)"].contains(&reason.trim_end()),
        None => {
            let server = ["cannot lock ref", "incorrect old value", "failed to update ref"];
            let locked = || messages.lines().any(|line| line.starts_with("remote: error: cannot lock ref "));
            server.iter().any(|words| summary.contains(words)) || summary.contains("(atomic ") && locked()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_ref_that_somebody_else_moved_is_tried_again() {
        let refused = |summary: &str| format!("To ../hub.git\n!\t01ab:refs/heads/main\t{summary}\nDone\n");
        for raced in [
            "[rejected] (non-fast-forward)",
            "[rejected] (fetch first)",
            "[rejected] (stale info)",
            "[remote rejected] (cannot lock ref 'refs/heads/main': is at 2 but expected 1)",
            "[remote rejected] (incorrect old value provided)",
            "[remote rejected] (failed to update ref)",
        ] {
            assert!(was_raced(&refused(raced), ""), "{raced}");
        }
        for other in [
            "[rejected] (atomic push failed)",
            "[remote rejected] (pre-receive hook declined)",
            "[remote rejected] (protected branch hook declined)",
            "[remote failure] (remote failed to report status)",
        ] {
            assert!(!was_raced(&refused(other), ""), "{other}");
        }
        // A hook's own words are no reason of git's.
        assert!(!was_raced("remote: run `git pull`: fetch first\n", ""));
        assert!(!was_raced("", ""));
        // As git 2.47 refuses an atomic push of which another push has moved a branch.
        let atomic = refused("[remote rejected] (atomic transaction failed)");
        assert!(was_raced(&atomic, "remote: error: cannot lock ref 'refs/heads/main': is at 2 but expected 1\n"));
        assert!(!was_raced(&atomic, "remote: error: refusing to create ref with bad name\n"));
    }
}
