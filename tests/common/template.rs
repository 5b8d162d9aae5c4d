//! A test's folder that is prepared once, kept in memory, and copied for each test that needs it. Otherwise the preparation, with
//! ten runs of the program and of git for each of hundreds of tests, would take longer than the tests.

use std::collections::HashMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::TestEnvironment;

/// The folders and files below a test's folder.
pub struct Template {
    root: PathBuf,
    entries: Vec<Entry>,
    /// The working trees.
    checked_out: Vec<PathBuf>,
}

struct Entry {
    path: PathBuf,
    mode: u32,
    /// None for a folder.
    content: Option<Vec<u8>>,
}

type Slots = HashMap<String, Arc<OnceLock<Template>>>;

/// The slot of a template. Each slot has its own lock, so tests with different templates do not wait for each other.
fn slot(name: &str) -> Arc<OnceLock<Template>> {
    static SLOTS: OnceLock<Mutex<Slots>> = OnceLock::new();
    let mut slots = SLOTS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(slots.entry(name.to_owned()).or_default())
}

/// A template that has been made.
pub struct Held(Arc<OnceLock<Template>>);

impl Template {
    /// The template with this name, which is made on first use.
    pub fn get(name: &str, make: impl FnOnce() -> TestEnvironment) -> Held {
        let slot = slot(name);
        slot.get_or_init(|| Self::of(&make()));
        Held(slot)
    }

    fn of(env: &TestEnvironment) -> Self {
        let root = env.path("");
        let (mut entries, mut checked_out) = (Vec::new(), Vec::new());
        for entry in walkdir::WalkDir::new(&root).min_depth(1).sort_by_file_name() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            assert!(!metadata.is_symlink(), "links are not copied");
            let path = entry.path().strip_prefix(&root).unwrap().to_owned();
            if path.ends_with(".git/index") {
                checked_out.push(path.parent().and_then(Path::parent).unwrap().to_owned());
            }
            let content = metadata.is_file().then(|| fs::read(entry.path()).unwrap());
            entries.push(Entry { path, mode: metadata.permissions().mode(), content });
        }
        Self { root, entries, checked_out }
    }
}

impl Held {
    /// Copies everything into an empty environment. The folder's name in configurations is replaced by the new folder's.
    pub fn unpack(&self, env: &TestEnvironment) {
        let template = self.0.get().unwrap();
        let (old, new) = (template.root.to_str().unwrap(), env.path(""));
        for Entry { path, mode, content } in &template.entries {
            let target = new.join(path);
            match content {
                None => fs::create_dir(&target).unwrap(),
                Some(content) if path.ends_with("config") => {
                    let text = std::str::from_utf8(content).unwrap().replace(old, new.to_str().unwrap());
                    fs::write(&target, text).unwrap();
                }
                Some(content) => fs::write(&target, content).unwrap(),
            }
            fs::set_permissions(&target, Permissions::from_mode(*mode)).unwrap();
        }
        // The index records the time and the inode of each file, which differ in the copy.
        for folder in &template.checked_out {
            env.git(folder, &["update-index", "-q", "--refresh"]);
        }
    }
}
