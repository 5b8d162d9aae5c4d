//! The registry that is shown, as it stands now.

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
use crate::ops::{Catalog, Oid, Reviews, Session, catalog, follow_remote, newest, reviews};

/// How long the branches are taken to stand where they stood. A page is never older than that, unless
/// [`Site::always_fresh`] says less.
const FRESH: Duration = Duration::from_millis(100);

/// How long a remote may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a look is taken again because a branch moved meanwhile.
const TRIES: usize = 5;

/// The registry that is shown.
pub struct Site {
    pub(super) session: Session,
    recent: RecentModels,
    /// What the registry was called when it was opened.
    name: String,
    /// Whether it is one of several.
    among: bool,
    /// Whether the newest that is known of the registry's own branch is shown, and not what the session looks at.
    newest: bool,
    remote: Mutex<Remote>,
    /// When the branches were last looked at and could be read.
    read_at: Mutex<Timestamp>,
    pub(super) filters: Filters,
    /// Where it is published, with a slash at the end; none where that is not known.
    pub(super) url: Option<String>,
    view: RwLock<Arc<View>>,
    /// How old a page may be.
    fresh: Duration,
    /// When the branches were last looked at.
    looked: Mutex<Option<Instant>>,
    changed: watch::Sender<String>,
    /// Who may change it from its pages; none where nobody may.
    pub(super) changes: Option<Changes>,
}

/// What became of asking the remote.
struct Remote {
    /// When it last answered; at first, when the registry was opened.
    answered: Timestamp,
    /// What is wrong, where it is.
    trouble: Option<String>,
}

/// The registry at one commit, and the requests that are open.
pub(super) struct View {
    pub catalog: Arc<Catalog>,
    pub reviews: Arc<Reviews>,
    /// Why this is not what the branch has now, where that cannot be read.
    pub trouble: Option<String>,
    /// Since when what the remote has could not be had, where it cannot.
    pub remote: Option<Timestamp>,
    /// Whether the registry is one of several.
    pub among: bool,
    /// How often it has changed since the start.
    turn: u64,
    summary: OnceLock<Summary>,
}

impl View {
    fn new(catalog: Arc<Catalog>, reviews: Arc<Reviews>, turn: u64) -> Self {
        Self { catalog, reviews, trouble: None, remote: None, among: false, turn, summary: OnceLock::new() }
    }

    /// What is said of the whole registry.
    pub fn summary(&self) -> &Summary {
        self.summary.get_or_init(|| Summary::of(&self.catalog))
    }

    /// Whether pages of it would say the same.
    fn is_like(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.catalog, &other.catalog)
            && Arc::ptr_eq(&self.reviews, &other.reviews)
            && self.trouble == other.trouble
            && self.remote == other.remote
    }

    /// What differs whenever a page could.
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
    /// Where the session's branch has no registry, or the repository cannot be read.
    pub fn open(session: Session) -> Result<Self> {
        Self::of(session, false)
    }

    /// The same for a clone that follows its remote: the newest is shown that is known of the registry's own branch. What is
    /// checked out nobody moves.
    ///
    /// # Errors
    /// The same, and where the clone does not have that branch.
    pub fn open_newest(session: Session) -> Result<Self> {
        Self::of(session, true)
    }

    /// A model with all its versions and stages at a commit; none where the commit has no such model.
    pub(super) fn model(&self, commit: Option<Oid>, name: &ModelName) -> Result<Option<Arc<ModelSnapshot>>> {
        self.recent.model(&self.session, commit, name)
    }

    fn of(mut session: Session, newest: bool) -> Result<Self> {
        let catalog = look(&session, newest, None)?;
        session.rest();
        let reviews = reviews(&session, &catalog, None)?;
        let name = catalog.registry.name.to_string();
        let view = View::new(catalog, reviews, 0);
        let (changed, _) = watch::channel(view.stamp());
        let remote = Mutex::new(Remote { answered: session.now(), trouble: None });
        let (view, looked) = (RwLock::new(Arc::new(view)), Mutex::new(None));
        let read_at = Mutex::new(session.now());
        Ok(Self {
            session,
            recent: RecentModels::default(),
            name,
            among: false,
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

    /// The registry's own branch, where its newest commit is shown and not what is checked out.
    pub fn followed(&self) -> Option<String> {
        self.newest.then(|| self.last().catalog.registry.branch.to_string())
    }

    /// Lets the registry be changed from its pages.
    pub fn with_changes(self, changes: Changes) -> Self {
        Self { changes: Some(changes), ..self }
    }

    /// Looks at the branches for each page, also for two pages at almost the same time.
    pub fn always_fresh(self) -> Self {
        Self { fresh: Duration::ZERO, ..self }
    }

    /// As whom its pages change the registry; none where they do not.
    pub fn changes_as(&self) -> Option<String> {
        self.changes.as_ref().map(|changes| changes.acting.by.to_string())
    }

    /// What the registry was called when it was opened. An address that has it stays one when the name changes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it shows the newest that is known, and not what is checked out.
    pub fn shows_newest(&self) -> bool {
        self.newest
    }

    /// Makes it one of several: its pages lead to the list of them, and what it writes to the log begins with its name.
    pub(super) fn place_among_others(&mut self) {
        self.among = true;
        let view = self.view.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Nobody has been given it yet.
        if let Some(view) = Arc::get_mut(view) {
            view.among = true;
        }
    }

    /// Says where it is published, so that feeds have links that hold elsewhere.
    pub fn published_at(mut self, url: Option<&Link>) -> Self {
        self.url = url.map(|url| format!("{}/", url.as_str().trim_end_matches('/')));
        self
    }

    /// How many models there are to show.
    pub fn models(&self) -> usize {
        self.last().catalog.models().len()
    }

    /// The registry as it stands now: read again where a branch has moved, and then only what that changed. Where it cannot
    /// be read, what was read last, with the trouble.
    pub(super) fn view(&self) -> Arc<View> {
        let mut looked = match self.looked.try_lock() {
            Ok(looked) => looked,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Somebody is reading what is new: the others are answered from what is there, which is whole.
            Err(TryLockError::WouldBlock) => return self.last(),
        };
        if looked.is_some_and(|at| at.elapsed() < self.fresh) {
            return self.last();
        }
        self.renew(&mut looked)
    }

    /// The same, however lately the branches were looked at: for who knows that something is new.
    pub(super) fn look(&self) -> Arc<View> {
        self.renew(&mut self.looked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn renew(&self, looked: &mut Option<Instant>) -> Arc<View> {
        let before = self.last();
        let (catalog, reviews, trouble) = match self.read(&before) {
            Ok((catalog, reviews)) => {
                *self.read_at.lock().unwrap_or_else(PoisonError::into_inner) = self.session.now();
                (catalog, reviews, None)
            }
            Err(error) => {
                let trouble = Some(told(&error));
                if before.trouble != trouble {
                    self.log(error);
                }
                (Arc::clone(&before.catalog), Arc::clone(&before.reviews), trouble)
            }
        };
        let view = View::new(catalog, reviews, before.turn + 1);
        let view = View { trouble, remote: self.remote_since(), among: self.among, ..view };
        *looked = Some(Instant::now());
        if view.is_like(&before) {
            return before;
        }
        let view = Arc::new(view);
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&view);
        self.changed.send_replace(view.stamp());
        view
    }

    /// Reads what a view has. A branch that moves between the models and the requests would give each another commit: then
    /// both are read again, and what moves all the time is taken as it comes.
    fn read(&self, before: &View) -> Result<(Arc<Catalog>, Arc<Reviews>)> {
        let (mut models, mut requests) = (Arc::clone(&before.catalog), Arc::clone(&before.reviews));
        for _ in 0..TRIES {
            models = look(&self.session, self.newest, Some(&models))?;
            requests = reviews(&self.session, &models, Some(&requests))?;
            if Arc::ptr_eq(&models, &look(&self.session, self.newest, Some(&models))?) {
                break;
            }
        }
        Ok((models, requests))
    }

    /// Asks the remote what it has. What goes wrong is told in the log once, and on the pages for as long as it lasts.
    pub(super) fn fetch(&self) {
        let trouble = follow_remote(&self.session, PATIENCE).err().map(|error| written(&error));
        let mut remote = self.remote.lock().unwrap_or_else(PoisonError::into_inner);
        match (&trouble, &remote.trouble) {
            (Some(new), old) if Some(new) != old.as_ref() => {
                self.log(anyhow::anyhow!("the remote cannot be followed: {new}"));
            }
            (None, Some(_)) => self.log(anyhow::anyhow!("the remote is followed again")),
            _ => {}
        }
        if trouble.is_none() {
            remote.answered = self.session.now();
        }
        remote.trouble = trouble;
        drop(remote);
        self.look();
    }

    /// Since when what the remote has could not be had, where it cannot.
    fn remote_since(&self) -> Option<Timestamp> {
        let remote = self.remote.lock().unwrap_or_else(PoisonError::into_inner);
        remote.trouble.is_some().then_some(remote.answered)
    }

    /// When the branches were last looked at and could be read.
    pub(super) fn read_at(&self) -> Timestamp {
        *self.read_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the remote last answered; none where it is not followed. At first, when the registry was opened.
    pub(super) fn fetched_at(&self) -> Option<Timestamp> {
        self.newest.then(|| self.remote.lock().unwrap_or_else(PoisonError::into_inner).answered)
    }

    /// Tells of each change: the stamp of what is new.
    pub(super) fn changes(&self) -> watch::Receiver<String> {
        self.changed.subscribe()
    }

    /// The registry as it was when it was looked at last.
    pub(super) fn last(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says an error in the log.
    pub(super) fn log(&self, error: impl Into<anyhow::Error>) {
        log(&self.named(error.into()));
    }

    /// An error that says the registry's name, where it is one of several.
    pub(super) fn named(&self, error: anyhow::Error) -> anyhow::Error {
        if self.among { error.context(self.name.clone()) } else { error }
    }
}

/// What a visitor is told of an error. One of the repository may name paths of the machine, and is for the log alone.
fn told(error: &anyhow::Error) -> String {
    match error.downcast_ref::<Unreadable>() {
        Some(unreadable) => format!("The newest commit cannot be read: {unreadable}. This is the one before."),
        None => {
            "The repository cannot be read at the moment; the server's log says why. This is what it held last.".into()
        }
    }
}

/// The models as they stand: at the commit that the session looks at, or at the newest that is known.
fn look(session: &Session, newest_known: bool, before: Option<&Arc<Catalog>>) -> Result<Arc<Catalog>> {
    if newest_known { newest(session, before) } else { catalog(session, before) }
}

/// Says an error in the log.
pub(super) fn log(error: &anyhow::Error) {
    let line = format!("modelreg serve: {}\n", one_line(&written(error)));
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
}

/// An error as the log has it. What git says may hold the remote's address, and that a password.
fn written(error: &anyhow::Error) -> String {
    without_secrets(&format!("{error:#}"))
}
