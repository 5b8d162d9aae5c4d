//! The registry that is shown, as it stands now.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, TryLockError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::watch;

use super::filters::Filters;
use super::summary::Summary;
use crate::model::{Link, Unreadable};
use crate::ops::{Catalog, Reviews, Session, catalog, reviews};

/// How long the branches are taken to stand where they stood. A page is never older than that.
const FRESH: Duration = Duration::from_millis(100);

/// The registry that is shown.
pub struct Site {
    pub(super) session: Session,
    pub(super) filters: Filters,
    /// Where it is published, with a slash at the end; none where that is not known.
    pub(super) url: Option<String>,
    view: RwLock<Arc<View>>,
    /// When the branches were last looked at.
    looked: Mutex<Option<Instant>>,
    changed: watch::Sender<String>,
}

/// The registry at one commit, and the requests that are open.
pub(super) struct View {
    pub catalog: Arc<Catalog>,
    pub reviews: Arc<Reviews>,
    /// Why this is not what the branch has now, where that cannot be read.
    pub trouble: Option<String>,
    /// How often it has changed since the start.
    turn: u64,
    summary: OnceLock<Summary>,
}

impl View {
    fn new(catalog: Arc<Catalog>, reviews: Arc<Reviews>, turn: u64) -> Self {
        Self { catalog, reviews, trouble: None, turn, summary: OnceLock::new() }
    }

    /// What is said of the whole registry.
    pub fn summary(&self) -> &Summary {
        self.summary.get_or_init(|| Summary::of(&self.catalog))
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
    pub fn open(mut session: Session) -> Result<Self> {
        let catalog = catalog(&session, None)?;
        session.rest();
        let reviews = reviews(&session, &catalog, None)?;
        let view = View::new(catalog, reviews, 0);
        let (changed, _) = watch::channel(view.stamp());
        let (view, looked) = (RwLock::new(Arc::new(view)), Mutex::new(None));
        Ok(Self { session, filters: Filters::default(), url: None, view, looked, changed })
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
        let before = self.last();
        if looked.is_some_and(|at| at.elapsed() < FRESH) {
            return before;
        }
        let view = match self.read(&before) {
            Ok((catalog, reviews)) => {
                let same = Arc::ptr_eq(&catalog, &before.catalog) && Arc::ptr_eq(&reviews, &before.reviews);
                (!same || before.trouble.is_some()).then(|| View::new(catalog, reviews, before.turn + 1))
            }
            Err(error) => {
                let trouble = told(&error);
                (before.trouble.as_ref() != Some(&trouble)).then(|| {
                    log(&error);
                    let view = View::new(Arc::clone(&before.catalog), Arc::clone(&before.reviews), before.turn + 1);
                    View { trouble: Some(trouble), ..view }
                })
            }
        };
        *looked = Some(Instant::now());
        let Some(view) = view.map(Arc::new) else { return before };
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&view);
        self.changed.send_replace(view.stamp());
        view
    }

    fn read(&self, before: &View) -> Result<(Arc<Catalog>, Arc<Reviews>)> {
        let catalog = catalog(&self.session, Some(&before.catalog))?;
        let reviews = reviews(&self.session, &catalog, Some(&before.reviews))?;
        Ok((catalog, reviews))
    }

    /// Tells of each change: the stamp of what is new.
    pub(super) fn changes(&self) -> watch::Receiver<String> {
        self.changed.subscribe()
    }

    fn last(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
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

/// Says an error in the log.
pub(super) fn log(error: &anyhow::Error) {
    let text = crate::diag::sanitize::one_line(&format!("{error:#}"));
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("modelreg serve: {text}\n").as_bytes());
}
