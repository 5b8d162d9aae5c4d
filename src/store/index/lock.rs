//! Git's lock protocol: whoever creates `index.lock` may write the index, by writing the lock and renaming it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use super::error::{IndexError, io_error};

/// The pause after the first failed attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(64);

/// A lock that this program created, and removes unless it becomes the index.
pub(super) struct Lock {
    path: PathBuf,
    file: File,
    ours: bool,
}

impl Lock {
    /// Creates the lock of a file, waiting for another's to go. Another's lock is never removed: its owner may live.
    pub(super) fn acquire(target: &Path, wait: Duration) -> Result<Self, IndexError> {
        let mut name = OsString::from(target);
        name.push(".lock");
        let path = PathBuf::from(name);
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { path, file, ours: true }),
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(io_error("create", &path)(error));
                }
                Err(_) => {}
            }
            let left = wait.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(IndexError::Locked { age: age(&path), path });
            }
            sleep(pause.min(left));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Where the lock is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The lock's content.
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Makes the lock the new content of the file it locks, which ends the lock.
    pub(super) fn rename_to(mut self, target: &Path) -> Result<(), IndexError> {
        fs::rename(&self.path, target).map_err(io_error("replace", target))?;
        self.ours = false;
        Ok(())
    }

    /// Ends the lock.
    pub(super) fn release(mut self) -> Result<(), IndexError> {
        self.ours = false;
        fs::remove_file(&self.path).map_err(io_error("remove", &self.path))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.ours {
            // Nothing is left to report to: an error is on its way already.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn age(path: &Path) -> Option<Duration> {
    SystemTime::now().duration_since(fs::metadata(path).ok()?.modified().ok()?).ok()
}
