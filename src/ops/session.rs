//! A run of the program on one registry: the repository, the environment, and the branch or revision.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use super::environment::Environment;
use super::refusal::Refusal;
use crate::diag::sanitize::for_shell;
use crate::model::{Timestamp, UserId};
use crate::store::{Branch, GitTree, Oid, Person, Store, Verdicts};

/// A run of the program on one registry.
pub struct Session {
    pub(super) store: Store,
    pub(super) environment: Environment,
    branch: Option<String>,
    revision: Option<String>,
    push: bool,
    /// Whether this run has fetched from the remote.
    fetched: AtomicBool,
    /// The cache of verified signatures; read when the first signature is checked.
    pub(super) verdicts: Arc<Verdicts>,
}

/// The registry at the commit that a query reads.
pub struct Reading<'s> {
    /// The files.
    pub tree: GitTree<'s>,
    /// The commit; none on a branch without commits.
    pub commit: Option<Oid>,
}

impl Session {
    /// Opens the registry that contains a folder.
    pub fn open(dir: &Path, environment: Environment) -> Result<Self> {
        Self::of(Store::discover(dir)?, environment)
    }

    /// Opens the registry that a folder was in at a revision.
    pub fn open_at(dir: &Path, revision: &str, environment: Environment) -> Result<Self> {
        Self::of(Store::for_revision(dir, revision)?, environment)
    }

    pub(super) fn of(store: Store, environment: Environment) -> Result<Self> {
        let store = store.with_settings(&environment.settings)?;
        let verdicts = Arc::new(Verdicts::in_folder(environment.cache.as_deref()));
        let fetched = AtomicBool::new(false);
        Ok(Self { store, environment, branch: None, revision: None, push: false, fetched, verdicts })
    }

    /// Reads from and commits to this branch instead of the checked-out one.
    pub fn on_branch(mut self, branch: Option<String>) -> Self {
        self.branch = branch;
        self
    }

    /// Whether each commit is pushed before its success is reported. Without a choice, git's `modelreg.push` decides.
    pub fn pushing(mut self, choice: Option<bool>) -> Result<Self> {
        self.push = match choice {
            Some(push) => push,
            None => self.store.is_set("modelreg.push")?,
        };
        Ok(self)
    }

    /// Whether commits are pushed.
    pub fn pushes(&self) -> bool {
        self.push
    }

    /// Fetches from the remote that this run pushes to, at most once per run.
    pub(super) fn fetch_once(&self, remote: &str) -> Result<()> {
        if !self.fetched.load(Ordering::Relaxed) {
            self.store.fetch(remote)?;
            self.fetched.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Reads at this revision instead of the branch's tip.
    pub fn at_revision(mut self, revision: Option<String>) -> Self {
        self.revision = revision;
        self
    }

    /// Whether the session reads a named revision instead of a branch's tip.
    pub(super) fn looks_back(&self) -> bool {
        self.revision.is_some()
    }

    /// The branch that the user has named.
    pub(super) fn named_branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// The branch to commit to.
    pub(super) fn target(&self) -> Result<Branch> {
        if let Some(name) = &self.branch {
            crate::model::BranchName::check(name).map_err(Refusal::from)?;
        }
        let branch = self.store.branch(self.branch.as_deref())?;
        if let Some(name) = &self.branch
            && self.store.tip(&branch)?.is_none()
        {
            let hint =
                format!("`git branch --all` lists the branches; `git branch {}` creates this branch", for_shell(name));
            return Err(Refusal::new(format!("the repository has no branch `{name}`"), hint).into());
        }
        Ok(branch)
    }

    /// The registry at the named revision, at the named branch's tip, or at the checked-out commit, in this order.
    pub fn read(&self) -> Result<Reading<'_>> {
        let commit = match (&self.revision, &self.branch) {
            (Some(revision), _) => Some(self.store.resolve(revision)?),
            (None, Some(_)) => self.store.tip(&self.target()?)?,
            (None, None) => self.store.head()?,
        };
        Ok(Reading { tree: self.store.tree(commit)?, commit })
    }

    /// Frees git's caches after a large read. They can take several times the memory of a catalog.
    pub fn rest(&mut self) {
        self.store.rest();
    }

    /// The merge or rebase that git has stopped and not finished: `merge` or `rebase`.
    pub fn stopped(&self) -> Option<&'static str> {
        self.store.stopped().ok().flatten().map(|stopped| stopped.what())
    }

    /// The registry's folder on disk; none in a bare repository.
    pub fn folder(&self) -> Result<Option<PathBuf>> {
        Ok(self.store.folder_on_disk()?)
    }

    /// The registry's folder relative to the root of the repository, with `/` at its end; empty at the root.
    pub fn prefix(&self) -> String {
        self.store.prefix()
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.environment.now()
    }

    /// The user's name and address, from the environment or from git's settings.
    pub(super) fn person(&self) -> Result<Person> {
        let (name, email) = self.store.configured_person()?;
        let email = self.environment.email.clone().or(email).ok_or_else(|| {
            Refusal::new(
                "git has no user.email, and every entry of the registry names its author",
                "git config --global user.email you@example.com",
            )
        })?;
        let name = self.environment.name.clone().or(name).unwrap_or_else(|| email.clone());
        // These characters would break the commit's header line; git removes the same ones.
        let clean = |text: &str| text.replace(['\n', '\r', '\0', '<', '>'], "").trim().to_owned();
        Ok(Person { name: clean(&name), email })
    }

    /// The user's id.
    pub(super) fn user(&self, person: &Person) -> Result<UserId> {
        let refusal = |e: crate::model::Invalid| {
            Refusal::new(
                format!("git's user.email `{}` is not a valid user id: {}", person.email.escape_debug(), e.why),
                e.hint,
            )
        };
        Ok(UserId::new(person.email.clone()).map_err(refusal)?)
    }
}
