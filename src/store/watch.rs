//! Being told that files of a registry's folder were written, created, renamed or removed.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::error::StoreError;

/// An editor writes a file in several steps; they count as one when they are this close together.
const TOGETHER: Duration = Duration::from_millis(80);

/// A folder that is watched.
pub struct FolderWatch {
    changes: Receiver<()>,
    /// It tells as long as it lives.
    _watcher: RecommendedWatcher,
}

impl FolderWatch {
    /// Watches a folder and all below it, but for git's own.
    pub fn new(folder: &Path) -> Result<Self, StoreError> {
        let failed = |e: notify::Error| StoreError::io("watching", folder, std::io::Error::other(e));
        let (tell, changes) = channel();
        let told = move |event: notify::Result<Event>| {
            let is_change = |event: &Event| {
                !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| !is_gits(path))
            };
            // What the system has lost count of may have been anything.
            if event.as_ref().map_or(true, is_change) {
                let _ = tell.send(());
            }
        };
        let mut watcher = notify::recommended_watcher(told).map_err(failed)?;
        watcher.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
        Ok(Self { changes, _watcher: watcher })
    }

    /// Waits for a change, and until the changes that come with it are over. False where none came in time.
    pub fn wait(&self, most: Duration) -> bool {
        match self.changes.recv_timeout(most) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(most);
                return false;
            }
        }
        let started = Instant::now();
        while started.elapsed() < most && self.changes.recv_timeout(TOGETHER).is_ok() {}
        true
    }
}

fn is_gits(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == ".git")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_save_is_told_once_and_what_git_does_is_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(".git")).unwrap();
        std::fs::create_dir_all(folder.path().join("models/iris")).unwrap();
        let watch = FolderWatch::new(folder.path()).unwrap();
        std::fs::write(folder.path().join(".git/index.lock"), "x").unwrap();
        assert!(!watch.wait(Duration::from_millis(200)));
        // As an editor saves: beside, then in its place.
        std::fs::write(folder.path().join("models/iris/model.toml~"), "x").unwrap();
        std::fs::rename(folder.path().join("models/iris/model.toml~"), folder.path().join("models/iris/model.toml"))
            .unwrap();
        assert!(watch.wait(Duration::from_secs(10)));
        assert!(!watch.wait(Duration::from_millis(200)));
    }
}
