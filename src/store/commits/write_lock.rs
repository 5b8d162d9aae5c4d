//! One writer at a time in one clone.
//!
//! The compare-and-swap of the branch alone keeps the registry right. This lock only spares those who would lose that
//! race the work, and orders what comes after it in the working tree. It is the operating system's (`flock` on git's
//! own folder): a writer that dies leaves nothing behind, and a file system without such locks merely goes without.

use std::fs::{File, TryLockError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::store::error::StoreError;
use crate::store::platform::process::is_alive;
use crate::store::repository::store::Store;
use crate::store::trace::RETRY;

/// How long a writer waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The right to write; given back when dropped.
#[derive(Debug)]
pub struct WriteLock {
    folder: Option<File>,
}

impl WriteLock {
    /// No right at all.
    pub(in crate::store) fn none() -> Self {
        Self { folder: None }
    }

    /// Whether nobody else writes; false where the file system has no such locks.
    pub fn is_alone(&self) -> bool {
        self.folder.is_some()
    }
}

impl Store {
    /// Waits for the writers before this one.
    pub fn lock(&self) -> Result<WriteLock, StoreError> {
        let path = self.git()?.commondir().to_owned();
        let folder = File::open(&path).map_err(|e| StoreError::io("opening", &path, e))?;
        let started = Instant::now();
        let mut waits = false;
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(WriteLock { folder: Some(folder) }),
                Err(TryLockError::Error(_)) => return Ok(WriteLock { folder: None }),
                Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => return Err(StoreError::locked(path)),
                Err(TryLockError::WouldBlock) => {
                    if !std::mem::replace(&mut waits, true) {
                        tracing::debug!(target: RETRY, "waits for another command that writes in this clone");
                    }
                    sleep(Duration::from_millis(2));
                }
            }
        }
    }

    /// Waits while `git gc` is at work, for what nothing points to yet could be pruned by it. A `gc.pid` whose process
    /// is gone is nobody's. Patience ends: the branch's compare-and-swap still refuses a commit that is not there.
    pub fn wait_for_gc(&self) -> Result<(), StoreError> {
        let path = self.git()?.commondir().join("gc.pid");
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let Ok(text) = std::fs::read_to_string(&path) else { return Ok(()) };
            let pid = text.split_whitespace().next().and_then(|pid| pid.parse().ok());
            if !pid.is_some_and(is_alive) {
                return Ok(());
            }
            tracing::trace!(target: RETRY, "waits for `git gc`");
            sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}
