//! Changes of the registry from its pages: the operations of the command line, as the user who started the server.
//!
//! Changes require the key that the server prints at its start, because other users of the machine can open the same
//! address. A form is accepted only from a page of this server, and only if its subject has not changed since the page
//! was rendered. A form that is sent twice makes one change.

mod act;
mod enter;
mod key;
mod outcome;
mod send;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::http::HeaderMap;

pub(super) use enter::{DOOR, enter, enter_page};
pub use key::Key;
pub(super) use outcome::Outcome;
pub(super) use send::send;

use super::query::Query;
use crate::ops::{Acting, Refusal, Session, acting};

/// The number of kept outcomes, for the page that shows an outcome and for repeated forms.
const MOST: usize = 64;

/// The permission to change the registry from its pages.
pub struct Changes {
    pub(super) key: Key,
    /// The author and the branch of every change.
    pub(super) acting: Acting,
    open: Box<dyn Fn() -> Result<Session> + Send + Sync>,
    /// Only one change runs at a time. Waiting for the turn blocks no thread, so pages are served meanwhile.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The outcomes by the digest of the form, newest last.
    done: Mutex<VecDeque<(String, Arc<Outcome>)>>,
}

impl Changes {
    /// Changes for users with the key. Each change opens the registry again.
    ///
    /// # Errors
    /// The registry cannot be opened, or git has no name and address of the user.
    pub fn new(key: Key, open: impl Fn() -> Result<Session> + Send + Sync + 'static) -> Result<Self> {
        let acting = acting(&open()?)?;
        Ok(Self { key, acting, open: Box::new(open), turn: Arc::default(), done: Mutex::default() })
    }

    /// Whether a request comes from a browser in which the key was entered.
    pub(super) fn admit(&self, headers: &HeaderMap) -> bool {
        self.key.is_in_cookies(headers)
    }

    /// The outcome of the form with this digest.
    pub(super) fn outcome(&self, id: &str) -> Option<Arc<Outcome>> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.iter().find(|(known, _)| known == id).map(|(_, outcome)| Arc::clone(outcome))
    }

    /// Waits for the change in progress, and prevents further changes.
    pub(super) async fn ended(&self) {
        std::mem::forget(Arc::clone(&self.turn).lock_owned().await);
    }

    /// Opens the registry, and checks that the author and branch are those that the pages show.
    fn session(&self) -> Result<Session> {
        let session = (self.open)()?;
        let now = acting(&session)?;
        if now != self.acting {
            let (Acting { by, branch }, Acting { by: was, branch: on }) = (now, &self.acting);
            let why =
                format!("git is configured to commit as `{by}` on `{branch}`, but the pages show `{was}` on `{on}`");
            return Err(Refusal::new(why, "restart `modelreg serve`, or restore git's configuration").into());
        }
        Ok(session)
    }

    fn keep(&self, id: &str, outcome: Outcome) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done.len() >= MOST {
            done.pop_front();
        }
        done.push_back((id.to_owned(), Arc::new(outcome)));
    }
}

/// A browser in which the key was entered, with the extra content of its page.
pub(super) struct Entered<'a> {
    pub changes: &'a Changes,
    pub notice: Option<Notice>,
    /// The refused form, whose fields are filled in again.
    pub form: Option<&'a Query>,
}

/// The outcome of a form, shown above the page.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    /// `good`, `warn` or `bad`.
    pub class: &'static str,
    pub title: String,
    pub lines: Vec<String>,
}
