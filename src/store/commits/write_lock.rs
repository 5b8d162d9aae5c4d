//! One writer at a time in one clone.
//!
//! The compare-and-swap of the branch alone keeps the registry correct. The lock saves the losers of that race their
//! work, and orders the updates of the working tree. It is the operating system's lock (`flock` on the git directory):
//! a killed writer leaves no lock behind, and on a file system without such locks writers go without.

use std::fs::{File, TryLockError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::store::error::StoreError;
use crate::store::platform::process::is_alive;
use crate::store::repository::store::Store;
use crate::store::trace::RETRY;

/// How long a writer waits for the previous writer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The lock of a writer, released on drop.
#[derive(Debug)]
pub struct WriteLock {
    folder: Option<File>,
}

impl WriteLock {
    /// Without a lock.
    pub(in crate::store) fn none() -> Self {
        Self { folder: None }
    }

    /// Whether no other process writes; false on a file system without locks.
    pub fn is_alone(&self) -> bool {
        self.folder.is_some()
    }
}

impl Store {
    /// Takes the lock, after the previous writers have released it.
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
                        tracing::debug!(target: RETRY, "waiting for another command that writes in this clone");
                    }
                    sleep(Duration::from_millis(2));
                }
            }
        }
    }

    /// Waits while `git gc` runs, because `git gc` could prune new objects to which no ref points yet. A `gc.pid` of a
    /// dead process is ignored. After the time limit the write continues: the branch's compare-and-swap refuses a
    /// missing commit.
    pub fn wait_for_gc(&self) -> Result<(), StoreError> {
        let path = self.git()?.commondir().join("gc.pid");
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let Ok(text) = std::fs::read_to_string(&path) else { return Ok(()) };
            let pid = text.split_whitespace().next().and_then(|pid| pid.parse().ok());
            if !pid.is_some_and(is_alive) {
                return Ok(());
            }
            tracing::trace!(target: RETRY, "waiting for `git gc`");
            sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}
