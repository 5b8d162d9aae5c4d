//! The shown registry: its current state, and reading it again when a branch moves.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, TryLockError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::watch;

use super::changes::Changes;
use super::filters::Filters;
use super::recent::RecentModels;
use super::summary::Summary;
use crate::diag::sanitize::{one_line, without_secrets};
use crate::model::{Link, ModelName, ModelSnapshot, Timestamp, Unreadable};
use crate::ops::{Catalog, CatalogRequests, Oid, Session, catalog, catalog_requests, follow_remote, newest};

/// The time for which the last read of the branches counts as current, and so the maximum age of a page;
/// [`Site::always_fresh`] sets it to zero.
const FRESH: Duration = Duration::from_millis(100);

/// The timeout of a fetch.
const PATIENCE: Duration = Duration::from_secs(120);
/// The maximum of repeated reads because a branch moved meanwhile.
const TRIES: usize = 5;

/// A shown registry.
pub struct Site {
    pub(super) session: Session,
    recent: RecentModels,
    /// The registry's name when it was opened.
    name: String,
    /// Whether the server shows several registries.
    one_of_several: bool,
    /// Whether the newest known commit of the registry's own branch is shown, instead of the session's.
    newest: bool,
    remote: Mutex<Remote>,
    /// The time of the last successful read of the branches.
    read_at: Mutex<Timestamp>,
    pub(super) filters: Filters,
    /// The address of the published site, with a final slash; none if unknown.
    pub(super) url: Option<String>,
    view: RwLock<Arc<View>>,
    /// The maximum age of a page.
    fresh: Duration,
    /// The time of the last read of the branches.
    looked: Mutex<Option<Instant>>,
    changed: watch::Sender<String>,
    /// The permission to change the registry from its pages; none for a read-only site.
    pub(super) changes: Option<Changes>,
}

/// The state of fetching from the remote.
struct Remote {
    /// The time of the last successful fetch; initially the time when the registry was opened.
    answered: Timestamp,
    /// The error of the last fetch, if it failed.
    error: Option<String>,
}

/// The registry at one commit, and the open requests.
pub(super) struct View {
    pub catalog: Arc<Catalog>,
    pub requests: Arc<CatalogRequests>,
    /// The reason why the view is stale, if the newest commit cannot be read.
    pub error: Option<String>,
    /// The time of the last successful fetch, if fetching fails now.
    pub remote: Option<Timestamp>,
    /// Whether the server shows several registries.
    pub one_of_several: bool,
    /// The number of changes since the start.
    turn: u64,
    summary: OnceLock<Summary>,
}

impl View {
    fn new(catalog: Arc<Catalog>, requests: Arc<CatalogRequests>, turn: u64) -> Self {
        Self { catalog, requests, error: None, remote: None, one_of_several: false, turn, summary: OnceLock::new() }
    }

    /// The summary of the whole registry.
    pub fn summary(&self) -> &Summary {
        self.summary.get_or_init(|| Summary::of(&self.catalog))
    }

    /// Whether pages of both views are the same.
    fn is_like(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.catalog, &other.catalog)
            && Arc::ptr_eq(&self.requests, &other.requests)
            && self.error == other.error
            && self.remote == other.remote
    }

    /// A text that differs whenever a page could differ.
    pub fn stamp(&self) -> String {
        format!("{}-{}", self.commit().map_or("none", |commit| &commit[..commit.len().min(12)]), self.turn)
    }

    /// The commit's id; none on a branch without one.
    pub fn commit(&self) -> Option<&str> {
        self.catalog.commit_id.as_deref()
    }
}

impl Site {
    /// Reads the registry of a session.
    ///
    /// # Errors
    /// The session's branch has no registry, or the repository cannot be read.
    pub fn open(session: Session) -> Result<Self> {
        Self::of(session, false)
    }

    /// Like [`Self::open`], for a clone that follows its remote: the site shows the newest known commit of the
    /// registry's own branch. The working tree and the local branch stay unchanged.
    ///
    /// # Errors
    /// As [`Self::open`], or the clone does not have that branch.
    pub fn open_newest(session: Session) -> Result<Self> {
        Self::of(session, true)
    }

    /// A model with all its versions and stages at a commit; none if the commit does not have the model.
    pub(super) fn model(&self, commit: Option<Oid>, name: &ModelName) -> Result<Option<Arc<ModelSnapshot>>> {
        self.recent.model(&self.session, commit, name)
    }

    fn of(mut session: Session, newest: bool) -> Result<Self> {
        let catalog = look(&session, newest, None)?;
        session.rest();
        let requests = catalog_requests(&session, &catalog, None)?;
        let name = catalog.registry.name.to_string();
        let view = View::new(catalog, requests, 0);
        let (changed, _) = watch::channel(view.stamp());
        let remote = Mutex::new(Remote { answered: session.now(), error: None });
        let (view, looked) = (RwLock::new(Arc::new(view)), Mutex::new(None));
        let read_at = Mutex::new(session.now());
        Ok(Self {
            session,
            recent: RecentModels::default(),
            name,
            one_of_several: false,
            newest,
            remote,
            read_at,
            filters: Filters::default(),
            url: None,
            view,
            fresh: FRESH,
            looked,
            changed,
            changes: None,
        })
    }

    /// The registry's own branch, if the site shows the branch's newest commit instead of the checked-out one.
    pub fn followed(&self) -> Option<String> {
        self.newest.then(|| self.last().catalog.registry.branch.to_string())
    }

    /// Allows changes of the registry from its pages.
    pub fn with_changes(self, changes: Changes) -> Self {
        Self { changes: Some(changes), ..self }
    }

    /// Reads the branches for every page, even for pages at almost the same time.
    pub fn always_fresh(self) -> Self {
        Self { fresh: Duration::ZERO, ..self }
    }

    /// The user whom changes from the pages name; none for a read-only site.
    pub fn changes_as(&self) -> Option<String> {
        self.changes.as_ref().map(|changes| changes.acting.by.to_string())
    }

    /// The registry's name when it was opened. Addresses with this name stay valid when the name changes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the site shows the newest known commit, instead of the checked-out one.
    pub fn shows_newest(&self) -> bool {
        self.newest
    }

    /// Marks the registry as one of several: its pages link to the list of registries, and its log lines begin with its
    /// name.
    pub(super) fn place_among_others(&mut self) {
        self.one_of_several = true;
        let view = self.view.get_mut().unwrap_or_else(PoisonError::into_inner);
        // No other thread has the view yet.
        if let Some(view) = Arc::get_mut(view) {
            view.one_of_several = true;
        }
    }

    /// Sets the address of the published site, for absolute links in feeds.
    pub fn published_at(mut self, url: Option<&Link>) -> Self {
        self.url = url.map(|url| format!("{}/", url.as_str().trim_end_matches('/')));
        self
    }

    /// The number of models.
    pub fn models(&self) -> usize {
        self.last().catalog.models().len()
    }

    /// The current view. If a branch has moved, the changed files are read again. If the registry cannot be read, the
    /// last view with the reason.
    pub(super) fn view(&self) -> Arc<View> {
        let mut looked = match self.looked.try_lock() {
            Ok(looked) => looked,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Another thread reads the new state. Until then the last view serves all other requests.
            Err(TryLockError::WouldBlock) => return self.last(),
        };
        if looked.is_some_and(|at| at.elapsed() < self.fresh) {
            return self.last();
        }
        self.renew(&mut looked)
    }

    /// Like [`Self::view`], but always reads the branches, for callers that know of a change.
    pub(super) fn look(&self) -> Arc<View> {
        self.renew(&mut self.looked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn renew(&self, looked: &mut Option<Instant>) -> Arc<View> {
        let before = self.last();
        let (catalog, requests, error) = match self.read(&before) {
            Ok((catalog, requests)) => {
                *self.read_at.lock().unwrap_or_else(PoisonError::into_inner) = self.session.now();
                (catalog, requests, None)
            }
            Err(why) => {
                let error = Some(explained(&why));
                if before.error != error {
                    self.log(why);
                }
                (Arc::clone(&before.catalog), Arc::clone(&before.requests), error)
            }
        };
        let view = View::new(catalog, requests, before.turn + 1);
        let view = View { error, remote: self.remote_since(), one_of_several: self.one_of_several, ..view };
        *looked = Some(Instant::now());
        if view.is_like(&before) {
            return before;
        }
        let view = Arc::new(view);
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&view);
        self.changed.send_replace(view.stamp());
        view
    }

    /// Reads the models and the requests. If a branch moves between the two reads, both are repeated, so that they
    /// belong to one commit. After [`TRIES`] the last result counts.
    fn read(&self, before: &View) -> Result<(Arc<Catalog>, Arc<CatalogRequests>)> {
        let (mut models, mut requests) = (Arc::clone(&before.catalog), Arc::clone(&before.requests));
        for _ in 0..TRIES {
            models = look(&self.session, self.newest, Some(&models))?;
            requests = catalog_requests(&self.session, &models, Some(&requests))?;
            if Arc::ptr_eq(&models, &look(&self.session, self.newest, Some(&models))?) {
                break;
            }
        }
        Ok((models, requests))
    }

    /// Fetches from the remote. An error is logged once, and shown on the pages until a fetch succeeds.
    pub(super) fn fetch(&self) {
        let error = follow_remote(&self.session, PATIENCE).err().map(|error| written(&error));
        let mut remote = self.remote.lock().unwrap_or_else(PoisonError::into_inner);
        match (&error, &remote.error) {
            (Some(new), old) if Some(new) != old.as_ref() => {
                self.log(anyhow::anyhow!("fetching from the remote failed: {new}"));
            }
            (None, Some(_)) => self.log(anyhow::anyhow!("fetching from the remote works again")),
            _ => {}
        }
        if error.is_none() {
            remote.answered = self.session.now();
        }
        remote.error = error;
        drop(remote);
        self.look();
    }

    /// The time of the last successful fetch, if fetching fails now.
    fn remote_since(&self) -> Option<Timestamp> {
        let remote = self.remote.lock().unwrap_or_else(PoisonError::into_inner);
        remote.error.is_some().then_some(remote.answered)
    }

    /// The time of the last successful read of the branches.
    pub(super) fn read_at(&self) -> Timestamp {
        *self.read_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the last successful fetch, initially when the registry was opened; none without fetching.
    pub(super) fn fetched_at(&self) -> Option<Timestamp> {
        self.newest.then(|| self.remote.lock().unwrap_or_else(PoisonError::into_inner).answered)
    }

    /// A channel that receives the stamp of each new view.
    pub(super) fn changes(&self) -> watch::Receiver<String> {
        self.changed.subscribe()
    }

    /// The view of the last read.
    pub(super) fn last(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Logs an error.
    pub(super) fn log(&self, error: impl Into<anyhow::Error>) {
        log(&self.named(error.into()));
    }

    /// Adds the registry's name to an error, if the server shows several registries.
    pub(super) fn named(&self, error: anyhow::Error) -> anyhow::Error {
        if self.one_of_several { error.context(self.name.clone()) } else { error }
    }
}

/// The message for visitors. Errors of the repository may contain paths of the machine, so only the log has them.
fn explained(error: &anyhow::Error) -> String {
    match error.downcast_ref::<Unreadable>() {
        Some(unreadable) => format!("The newest commit cannot be read: {unreadable}. This page shows the previous commit."),
        None => {
            "The repository cannot be read at the moment. See the server's log for the error. This page shows the last state.".into()
        }
    }
}

/// The models at the session's commit, or at the newest known commit.
fn look(session: &Session, newest_known: bool, before: Option<&Arc<Catalog>>) -> Result<Arc<Catalog>> {
    if newest_known { newest(session, before) } else { catalog(session, before) }
}

/// Logs an error.
pub(super) fn log(error: &anyhow::Error) {
    let line = format!("modelreg serve: {}\n", one_line(&written(error)));
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
}

/// The log's text for an error. Git's messages may contain the remote's address with a password, which is removed.
fn written(error: &anyhow::Error) -> String {
    without_secrets(&format!("{error:#}"))
}
