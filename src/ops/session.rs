//! A run of the program on one registry: the repository, the user, the time, and the branch or revision.

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
    /// Whether the remote has been asked already.
    fetched: AtomicBool,
    /// What is remembered of signatures; read once, when the first is judged.
    pub(super) verdicts: Arc<Verdicts>,
}

/// The registry at the commit that is looked at.
pub struct Reading<'s> {
    /// The files.
    pub tree: GitTree<'s>,
    /// The commit; none on a branch without one.
    pub commit: Option<Oid>,
}

impl Session {
    /// Opens the registry that a folder belongs to.
    pub fn open(dir: &Path, environment: Environment) -> Result<Self> {
        Self::of(Store::discover(dir)?, environment)
    }

    pub(super) fn of(store: Store, environment: Environment) -> Result<Self> {
        let store = store.with_settings(&environment.settings)?;
        let verdicts = Arc::new(Verdicts::in_folder(environment.cache.as_deref()));
        let fetched = AtomicBool::new(false);
        Ok(Self { store, environment, branch: None, revision: None, push: false, fetched, verdicts })
    }

    /// Commits to this branch instead of the one that is checked out, and reads from it.
    pub fn on_branch(mut self, branch: Option<String>) -> Self {
        self.branch = branch;
        self
    }

    /// Pushes what is committed, before anything is told.
    pub fn pushing(mut self, push: bool) -> Self {
        self.push = push;
        self
    }

    /// Whether what is committed is pushed.
    pub(super) fn pushes(&self) -> bool {
        self.push
    }

    /// Fetches from the remote that this run pushes to, once.
    pub(super) fn fetch_once(&self, remote: &str) -> Result<()> {
        if !self.fetched.load(Ordering::Relaxed) {
            self.store.fetch(remote)?;
            self.fetched.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Reads at this revision instead.
    pub fn at_revision(mut self, revision: Option<String>) -> Self {
        self.revision = revision;
        self
    }

    /// Whether a named revision is looked at, and not the present.
    pub(super) fn looks_back(&self) -> bool {
        self.revision.is_some()
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
                format!("`git branch --all` shows the branches; `git branch {}` makes this one", for_shell(name));
            return Err(Refusal::new(format!("there is no branch `{name}`"), hint).into());
        }
        Ok(branch)
    }

    /// The registry at the commit that is looked at: the revision's, the named branch's, else the checked-out one.
    pub fn read(&self) -> Result<Reading<'_>> {
        let commit = match (&self.revision, &self.branch) {
            (Some(revision), _) => Some(self.store.resolve(revision)?),
            (None, Some(_)) => self.store.tip(&self.target()?)?,
            (None, None) => self.store.head()?,
        };
        Ok(Reading { tree: self.store.tree(commit)?, commit })
    }

    /// Lets go of what git keeps after much was read: several times what a catalog of it holds.
    pub fn rest(&mut self) {
        self.store.rest();
    }

    /// The registry's folder on disk; none in a bare repository.
    pub fn folder(&self) -> Result<Option<PathBuf>> {
        Ok(self.store.folder_on_disk()?)
    }

    /// What stands before the registry's paths in those of the repository.
    pub fn prefix(&self) -> String {
        self.store.prefix()
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.environment.now()
    }

    /// The user, as git knows them.
    pub(super) fn person(&self) -> Result<Person> {
        let (name, email) = self.store.configured_person()?;
        let email = self.environment.email.clone().or(email).ok_or_else(|| {
            Refusal::new(
                "git does not know who you are, and every entry of the registry names who made it",
                "git config --global user.email you@example.com",
            )
        })?;
        let name = self.environment.name.clone().or(name).unwrap_or_else(|| email.clone());
        // What would break a commit's header line ends the name; git strips the same characters.
        let clean = |text: &str| text.replace(['\n', '\r', '\0', '<', '>'], "").trim().to_owned();
        Ok(Person { name: clean(&name), email })
    }

    /// The user's id.
    pub(super) fn user(&self, person: &Person) -> Result<UserId> {
        let refusal = |e: crate::model::Invalid| {
            Refusal::new(format!("git's user.email `{}` is no user id: {}", person.email.escape_debug(), e.why), e.hint)
        };
        Ok(UserId::new(person.email.clone()).map_err(refusal)?)
    }
}
