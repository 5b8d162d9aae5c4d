//! Pushing a noted commit.

use std::thread::sleep;
use std::time::Duration;

use crate::store::{Oid, PushOptions, Pushed, Store, StoreError};

/// The maximum number of pushes after lost races; with the pauses between them, about half a minute.
const PUSHES: usize = 60;

/// Pushes a commit of which the note was written, and returns the remote's answer; none after a lost race. The note stays
/// if the remote may have the commit.
pub(in crate::ops) fn push_noted(
    store: &Store,
    remote: &str,
    commit: Oid,
    branch: &str,
    options: &PushOptions,
    attempt: usize,
) -> Result<Option<String>, StoreError> {
    let pushed = store.push(remote, commit, branch, options);
    match pushed {
        Ok(Pushed::Done(said)) => return Ok(Some(said)),
        // The next run asks the remote.
        Err(StoreError::PushUnknown { .. }) => {}
        _ => store.forget_pending()?,
    }
    match pushed? {
        Pushed::Lost if attempt >= PUSHES => Err(StoreError::Contended(attempt)),
        _ => {
            pause(20, 20, attempt);
            Ok(None)
        }
    }
}

/// Waits after a lost race: `first` milliseconds, and `step` more for each earlier attempt, up to 20.
pub(super) fn pause(first: u64, step: u64, attempt: usize) {
    sleep(Duration::from_millis(first + (attempt as u64).min(20) * step));
}
