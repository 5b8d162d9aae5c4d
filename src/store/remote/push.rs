//! Fetching and pushing, by the `git` program: it knows the user's credentials, agents and proxies.

use std::process::{Command, Output, Stdio};

use git2::Oid;

use crate::store::error::StoreError;
use crate::store::repository::store::{Branch, Store};

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The remote has the commit, and said this.
    Done(String),
    /// Somebody else was faster: fetch, and plan again.
    Lost,
}

/// What a push takes along.
#[derive(Debug, Clone, Default)]
pub struct PushOptions {
    /// Words for the forge (`git push -o`).
    pub options: Vec<String>,
    /// A branch that goes with it.
    pub removed: Option<String>,
    /// The full name of a ref that takes it in the branch's place, such as one by which a forge takes reviews.
    pub to: Option<String>,
}

impl Store {
    /// The remote of a branch: the one that it follows, else `origin`, where there is one.
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

    /// A setting of the user's or of the clone's.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let config = self.git()?.config().and_then(|mut config| config.snapshot());
        Ok(config.map_err(|e| StoreError::git("reading git's configuration", e))?.get_string(key).ok())
    }

    /// Asks a remote for its branches.
    pub fn fetch(&self, remote: &str) -> Result<(), StoreError> {
        let fetched = self.run_git(&["fetch", "--quiet", "--prune", remote])?;
        if fetched.status.success() { Ok(()) } else { Err(failed("git fetch", &fetched)) }
    }

    /// Takes over what a remote's branch, as it was fetched, has more than the one here.
    pub fn catch_up(&self, remote: &str, branch: &Branch) -> Result<(), StoreError> {
        let theirs = self.tip(&self.remote_branch(remote, branch.name()))?;
        let (Some(ours), Some(theirs)) = (self.tip(branch)?, theirs) else { return Ok(()) };
        let base = self.merge_base(ours, theirs)?;
        if base == Some(theirs) {
            return Ok(());
        }
        if base != Some(ours) {
            let message = format!("`{}` here and on {remote} have each what the other has not", branch.name());
            return Err(StoreError::Diverged { message, branch: branch.name().to_owned(), remote: remote.to_owned() });
        }
        if branch.checked_out {
            let merged = self.run_git(&["merge", "--quiet", "--ff-only", &theirs.to_string()])?;
            return if merged.status.success() { Ok(()) } else { Err(failed("git merge --ff-only", &merged)) };
        }
        // Lost to another process of this clone is as good: it had the same to do.
        self.advance(branch, Some(ours), theirs, "modelreg: fast-forward").map(drop)
    }

    /// Pushes a commit to a remote's branch, all or nothing.
    pub fn push(&self, remote: &str, commit: Oid, branch: &str, with: &PushOptions) -> Result<Pushed, StoreError> {
        let mut args = vec!["push".to_owned(), "--quiet".into(), "--porcelain".into()];
        if with.removed.is_some() {
            args.push("--atomic".into());
        }
        for option in &with.options {
            args.extend(["-o".into(), option.clone()]);
        }
        let to = with.to.clone().unwrap_or_else(|| format!("refs/heads/{branch}"));
        args.extend([remote.to_owned(), format!("{commit}:{to}")]);
        let there = |name: &String| self.tip(&self.remote_branch(remote, name)).is_ok_and(|tip| tip.is_some());
        args.extend(with.removed.iter().filter(|name| there(name)).map(|name| format!(":refs/heads/{name}")));
        let output = self.run_git(&args.iter().map(String::as_str).collect::<Vec<_>>())?;
        if output.status.success() {
            return Ok(Pushed::Done(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let said = String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).to_lowercase();
        let raced = [
            "non-fast-forward",
            "fetch first",
            "stale info",
            "cannot lock ref",
            "incorrect old value",
            "failed to update ref",
        ];
        if raced.iter().any(|word| said.contains(word)) { Ok(Pushed::Lost) } else { Err(failed("git push", &output)) }
    }

    /// Runs GitHub's own program in the working tree; none where it is not installed.
    pub fn gh(&self, args: &[&str]) -> Result<Option<String>, StoreError> {
        let git = self.git()?;
        let mut command = Command::new("gh");
        command.current_dir(git.workdir().unwrap_or(git.path())).args(args).env("GH_PROMPT_DISABLED", "1");
        match command.stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned())),
            Ok(output) => Err(failed("gh", &output)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StoreError::Program { program: "gh".into(), message: e.to_string() }),
        }
    }

    fn run_git(&self, args: &[&str]) -> Result<Output, StoreError> {
        let mut command = self.git_command(args)?;
        command.stdin(Stdio::inherit()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.output().map_err(|e| StoreError::Program { program: "git".into(), message: e.to_string() })
    }

    /// The `git` program on this repository, with its messages in the words that are looked for here.
    pub(in crate::store) fn git_command(&self, args: &[&str]) -> Result<Command, StoreError> {
        let git = self.git()?;
        let mut command = Command::new("git");
        // What would lead git to another repository than the one that was found.
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_NAMESPACE",
        ] {
            command.env_remove(name);
        }
        command.arg("-C").arg(git.workdir().unwrap_or(git.path())).args(["-c", "core.fsmonitor=false"]).args(args);
        command.env("LC_ALL", "C");
        Ok(command)
    }
}

fn failed(program: &str, output: &Output) -> StoreError {
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    StoreError::Program { program: program.to_owned(), message }
}
