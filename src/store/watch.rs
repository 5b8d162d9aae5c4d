//! Watching a registry's folder for changed files, and a repository for moved branches.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::store::error::StoreError;
use crate::store::repository::store::Store;

/// An editor writes a file in several steps. Steps within this time are one change.
const TOGETHER: Duration = Duration::from_millis(80);

/// A watched folder.
pub struct FolderWatch {
    changes: Receiver<()>,
    /// Notifies until it is dropped.
    _watcher: RecommendedWatcher,
}

impl FolderWatch {
    /// Watches a folder and its subfolders, except `.git`.
    pub fn new(folder: &Path) -> Result<Self, StoreError> {
        let failed = |e: notify::Error| StoreError::io("watching", folder, std::io::Error::other(e));
        let (sender, changes) = channel();
        let on_event = move |event: notify::Result<Event>| {
            let is_change = |event: &Event| {
                !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| !is_gits(path))
            };
            // If the system has lost events, any file may have changed.
            if event.as_ref().map_or(true, is_change) {
                let _ = sender.send(());
            }
        };
        let mut watcher = notify::recommended_watcher(on_event).map_err(failed)?;
        watcher.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
        Ok(Self { changes, _watcher: watcher })
    }

    /// Waits for a change, and for the end of a series of changes. False if no change happened in time.
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

/// A watch on a repository's refs: the checked-out branch, and the tips of all branches.
pub struct RefWatch {
    /// Notifies until it is dropped.
    _watcher: RecommendedWatcher,
}

impl RefWatch {
    /// Watches the refs of a store's repository. `notify` is called on another thread, sometimes more than once for one
    /// change, and never for a read.
    pub fn new(store: &Store, notify: impl Fn() + Send + 'static) -> Result<Self, StoreError> {
        let git = store.git()?;
        // A linked working tree has its own HEAD, and the refs of the repository that it is linked to.
        // FSEvents reports resolved paths.
        let resolved = |path: &Path| path.canonicalize().map_err(|e| StoreError::io("opening", path, e));
        let (own, common) = (resolved(git.path())?, resolved(git.commondir())?);
        let top = common.clone();
        let on_event = move |event: notify::Result<Event>| {
            let is_change = |event: &Event| {
                let mut paths = event.paths.iter().map(|path| path.strip_prefix(&top).unwrap_or(path));
                !matches!(event.kind, EventKind::Access(_)) && paths.any(is_ref)
            };
            // If the system has lost events, any file may have changed.
            if event.as_ref().map_or(true, |event| event.need_rescan() || is_change(event)) {
                notify();
            }
        };
        let failed = |path: &Path, e| StoreError::io("watching", path, std::io::Error::other(e));
        let mut watcher = notify::recommended_watcher(on_event).map_err(|e| failed(&common, e))?;
        let mut watch = |path: &Path, mode| watcher.watch(path, mode).map_err(|e| failed(path, e));
        watch(&common, RecursiveMode::NonRecursive)?;
        if own != common {
            watch(&own, RecursiveMode::NonRecursive)?;
        }
        for folder in ["refs", "reftable"].map(|name| common.join(name)) {
            if folder.is_dir() {
                watch(&folder, RecursiveMode::Recursive)?;
            }
        }
        Ok(Self { _watcher: watcher })
    }
}

/// Whether a path in the git directory belongs to a ref. A lock file does not, because the ref has not moved yet.
fn is_ref(path: &Path) -> bool {
    let is_lock = path.extension().is_some_and(|end| end == "lock");
    let file = path.file_name().unwrap_or_default();
    !is_lock && (file == "HEAD" || file == "packed-refs" || path.starts_with("refs") || path.starts_with("reftable"))
}

fn is_gits(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == ".git")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::test_clone::Clone;

    #[test]
    fn a_save_gives_one_signal_and_git_gives_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(".git")).unwrap();
        std::fs::create_dir_all(folder.path().join("models/iris")).unwrap();
        let watch = FolderWatch::new(folder.path()).unwrap();
        std::fs::write(folder.path().join(".git/index.lock"), "x").unwrap();
        assert!(!watch.wait(Duration::from_millis(200)));
        // As editors save: write another file, then rename it.
        std::fs::write(folder.path().join("models/iris/model.toml~"), "x").unwrap();
        std::fs::rename(folder.path().join("models/iris/model.toml~"), folder.path().join("models/iris/model.toml"))
            .unwrap();
        assert!(watch.wait(Duration::from_secs(10)));
        assert!(!watch.wait(Duration::from_millis(200)));
    }

    /// A watch of a repository's refs, with the signals that it sends.
    struct Signals {
        received: Receiver<()>,
        _watch: RefWatch,
    }

    impl Signals {
        fn of(store: &Store) -> Self {
            let (send, received) = channel();
            let on_change = move || {
                let _ = send.send(());
            };
            Self { received, _watch: RefWatch::new(store, on_change).unwrap() }
        }

        fn some(&self) -> bool {
            let some = self.received.recv_timeout(Duration::from_secs(10)).is_ok();
            while self.received.recv_timeout(TOGETHER).is_ok() {}
            some
        }

        fn none(&self) -> bool {
            self.received.recv_timeout(Duration::from_millis(200)).is_err()
        }
    }

    #[test]
    fn a_moved_ref_gives_a_signal_and_a_read_one_does_not() {
        // The repository is below a folder with the name of a folder of git's own.
        let top = Clone::empty();
        top.git(&["init", "-q", "-b", "main", "refs/clone"]);
        let git = |args: &[&str]| {
            top.git_with("refs/clone/.git/index", &[&["-C", "refs/clone"], args].concat(), b"");
        };
        let change = |text: &str| top.write("refs/clone/registry.toml", text);
        change("format = 1\n");
        git(&["add", "-A"]);
        git(&["commit", "-qm", "first"]);
        let store = Store::discover(&top.path("refs/clone")).unwrap();
        let signals = Signals::of(&store);
        for _ in 0..20 {
            store.head().unwrap();
            store.request_branches().unwrap();
        }
        // Git's writes to other files give no signal.
        change("format = 1\n\n");
        git(&["config", "user.name", "Ada"]);
        git(&["add", "-A"]);
        assert!(signals.none());
        git(&["commit", "-qm", "more"]);
        assert!(signals.some(), "a commit");
        git(&["branch", "requests/iris/Production/2"]);
        assert!(signals.some(), "a branch in folders of its own");
        git(&["pack-refs", "--all", "--prune"]);
        assert!(signals.some(), "packed refs");
        git(&["switch", "-q", "requests/iris/Production/2"]);
        assert!(signals.some(), "the checked-out branch");
        git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        assert!(signals.some(), "a fetched branch");
        assert!(signals.none());
    }

    #[test]
    fn the_watch_of_a_linked_working_tree_covers_its_own_head_and_the_shared_refs() {
        let clone = Clone::with(&[("registry.toml", "format = 1\n")]);
        clone.git(&["worktree", "add", "-q", "linked", "-b", "other"]);
        let store = Store::discover(&clone.path("linked")).unwrap();
        let signals = Signals::of(&store);
        clone.git(&["-C", "linked", "checkout", "-q", "--detach"]);
        assert!(signals.some(), "its own HEAD");
        clone.git(&["commit", "-q", "--allow-empty", "-m", "more"]);
        assert!(signals.some(), "a branch");
    }

    #[test]
    fn a_repository_behind_a_link_is_watched() {
        let clone = Clone::with(&[("registry.toml", "format = 1\n")]);
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(clone.dir(), folder.path().join("link")).unwrap();
        let signals = Signals::of(&Store::discover(&folder.path().join("link")).unwrap());
        clone.git(&["commit", "-q", "--allow-empty", "-m", "more"]);
        assert!(signals.some());
    }
}
