//! Changing the registry from its pages: the same operations as the command line's, as the user who started the server.
//!
//! Who may do that has the key that the server printed at its start, for the machine's other users reach the same address.
//! A form is taken only from a page of this server, and only where nothing that it speaks of has changed since that page was
//! made. A form that is sent twice is done once.

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

/// How many outcomes are kept, for pages that tell of them and for forms that are sent again.
const MOST: usize = 64;

/// Who may change the registry from its pages, and as whom.
pub struct Changes {
    pub(super) key: Key,
    /// The user whom every change names, and the branch that it is on.
    pub(super) acting: Acting,
    open: Box<dyn Fn() -> Result<Session> + Send + Sync>,
    /// Changes come one after the other. Whoever waits for a turn holds no thread, so that pages are answered meanwhile.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// What was done, each by the digest of its form: the newest last.
    done: Mutex<VecDeque<(String, Arc<Outcome>)>>,
}

impl Changes {
    /// Changes for those who have the key. Each one opens the registry anew.
    ///
    /// # Errors
    /// Where the registry cannot be opened, or git does not know who the user is.
    pub fn new(key: Key, open: impl Fn() -> Result<Session> + Send + Sync + 'static) -> Result<Self> {
        let acting = acting(&open()?)?;
        Ok(Self { key, acting, open: Box::new(open), turn: Arc::default(), done: Mutex::default() })
    }

    /// Whether a request comes from a browser that has shown the key.
    pub(super) fn admit(&self, headers: &HeaderMap) -> bool {
        self.key.is_in_cookies(headers)
    }

    /// What came of the form with this digest.
    pub(super) fn outcome(&self, id: &str) -> Option<Arc<Outcome>> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.iter().find(|(known, _)| known == id).map(|(_, outcome)| Arc::clone(outcome))
    }

    /// Waits until no change is being made, and lets none begin.
    pub(super) async fn ended(&self) {
        std::mem::forget(Arc::clone(&self.turn).lock_owned().await);
    }

    /// The registry, to change it as the pages say.
    fn session(&self) -> Result<Session> {
        let session = (self.open)()?;
        let now = acting(&session)?;
        if now != self.acting {
            let (Acting { by, branch }, Acting { by: was, branch: on }) = (now, &self.acting);
            let why = format!("git is set to commit as `{by}` on `{branch}`, and the pages say `{was}` on `{on}`");
            return Err(Refusal::new(why, "start `modelreg serve` anew, or set it back").into());
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

/// A browser that has shown the key, and what its page says beside what it shows.
pub(super) struct Entered<'a> {
    pub changes: &'a Changes,
    pub notice: Option<Notice>,
    /// The form that was refused, to be filled in again.
    pub form: Option<&'a Query>,
}

/// What came of a form, above the page.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    /// `good`, `warn` or `bad`.
    pub class: &'static str,
    pub title: String,
    pub lines: Vec<String>,
}
