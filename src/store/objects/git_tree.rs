//! A registry's files at one commit, from git's object database.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use git2::{ObjectType, Odb, OdbObject, Oid, Repository};
use thread_local::ThreadLocal;

use super::loose::object_id;
use super::pack_sizes::Sizes;
use super::trees::{self, Lately, Row};
use crate::model::{Content, Entry, EntryKind, MAX_FILE, Tree};
use crate::store::error::StoreError;
use crate::store::repository::settings::SettingsFiles;
use crate::store::trace::READ;

/// The repository's handles, one for each thread, because libgit2's handle must not be shared.
#[derive(Default)]
pub(in crate::store) struct Handles {
    path: PathBuf,
    open: ThreadLocal<Repository>,
    /// A folder of objects that are read in addition to the repository's own.
    objects: Option<PathBuf>,
    /// The files of the user's and the system's settings.
    settings: SettingsFiles,
    pub(in crate::store) lately: Lately,
    sizes: Sizes,
}

impl Handles {
    /// Keeps a handle for this thread, and its path to open handles in other threads.
    pub fn new(repository: Repository) -> Self {
        let path = repository.path().to_owned();
        let open = ThreadLocal::new();
        open.get_or(|| repository);
        Self { path, open, ..Self::default() }
    }

    /// Adds a folder of further objects.
    pub fn with_objects(self, folder: &Path) -> Result<Self, StoreError> {
        add_objects(self.get()?, folder)?;
        Ok(Self { objects: Some(folder.to_owned()), ..self })
    }

    /// Reads settings from these files.
    pub fn with_settings(self, settings: &SettingsFiles) -> Result<Self, StoreError> {
        settings.apply(self.get()?)?;
        Ok(Self { settings: settings.clone(), ..self })
    }

    /// Closes all handles and drops the caches. Each thread opens a new handle when needed.
    pub fn close(&mut self) {
        self.open.clear();
        (self.lately, self.sizes) = (Lately::default(), Sizes::default());
    }

    /// The content of a tree object.
    pub fn tree(&self, id: Oid) -> Result<Arc<[u8]>, StoreError> {
        if let Some(tree) = self.lately.get(id) {
            return Ok(tree);
        }
        let odb = self.odb()?;
        let object = odb.read(id).map_err(|e| StoreError::object(id, &e))?;
        if object.kind() != ObjectType::Tree {
            return Err(StoreError::Corrupt(format!("object {id} is not a tree")));
        }
        check_hash(id, &object)?;
        let tree = object.data().into();
        self.lately.keep(id, &tree);
        Ok(tree)
    }

    fn odb(&self) -> Result<Odb<'_>, StoreError> {
        self.get()?.odb().map_err(|e| StoreError::git("opening the object database", e))
    }

    /// Whether an object is known to be at most [`MAX_FILE`] bytes.
    fn is_small(&self, id: Oid) -> Result<bool, StoreError> {
        let objects = self.get()?.commondir().join("objects");
        Ok(self.sizes.get(&objects, id).is_some_and(|size| size <= MAX_FILE))
    }

    /// This thread's handle.
    pub fn get(&self) -> Result<&Repository, StoreError> {
        self.open.get_or_try(|| {
            let git = Repository::open(&self.path).map_err(|e| StoreError::git("opening the repository", e))?;
            self.objects.iter().try_for_each(|folder| add_objects(&git, folder))?;
            self.settings.apply(&git)?;
            Ok(git)
        })
    }
}

/// Adds a folder of further objects to a handle.
fn add_objects(git: &Repository, folder: &Path) -> Result<(), StoreError> {
    let failed = |e| StoreError::git("opening the objects of the push", e);
    let name = folder.to_str().ok_or_else(|| StoreError::Quarantine(folder.to_owned()))?;
    git.odb().and_then(|odb| odb.add_disk_alternate(name)).map_err(failed)
}

/// A registry's files at one commit.
pub struct GitTree<'s> {
    handles: &'s Handles,
    /// The tree of the registry's folder; none if the commit does not have the folder.
    root: Option<Oid>,
    /// The folders on the path of the last search, from the root down. The next path often begins with the same
    /// folders, and reading a folder of 10,000 models takes milliseconds.
    trail: Mutex<Vec<(String, Oid)>>,
}

impl<'s> GitTree<'s> {
    pub(in crate::store) fn new(handles: &'s Handles, root: Option<Oid>) -> Self {
        Self { handles, root, trail: Mutex::default() }
    }

    /// The ids of the folders that this path has in common with the last search.
    fn remembered<'p>(&self, folders: &[&'p str]) -> Vec<(&'p str, Oid)> {
        let trail = self.trail.lock().unwrap_or_else(PoisonError::into_inner);
        let common = trail.iter().zip(folders).take_while(|((name, _), folder)| name == *folder);
        common.map(|((_, id), &folder)| (folder, *id)).collect()
    }
}

/// Detects damage on the disk by the id.
fn check_hash(id: Oid, object: &OdbObject<'_>) -> Result<(), StoreError> {
    if object_id(object.kind(), object.data()) == id.as_bytes() {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!("object {id}: the content does not match the id")))
}

fn kind(mode: &[u8]) -> EntryKind {
    match mode {
        b"100644" | b"100664" => EntryKind::File,
        b"100755" => EntryKind::Executable,
        b"120000" => EntryKind::Symlink,
        b"40000" => EntryKind::Folder,
        b"160000" => EntryKind::Submodule,
        _ => EntryKind::Other,
    }
}

fn entry(path: String, found: &Row<'_>) -> Entry {
    Entry { path, kind: kind(found.mode), id: found.id.try_into().ok() }
}

fn oid(entry: &Entry) -> Result<Oid> {
    let id = entry.id.as_ref().ok_or_else(|| StoreError::Corrupt(format!("`{}` has no object id", entry.path)))?;
    Oid::from_bytes(id).map_err(|e| StoreError::git("reading an object id", e).into())
}

impl Tree for GitTree<'_> {
    fn find(&self, path: &str) -> Result<Option<Entry>> {
        let Some(root) = self.root else { return Ok(None) };
        if path.is_empty() {
            return Ok(Some(Entry {
                path: String::new(),
                kind: EntryKind::Folder,
                id: root.as_bytes().try_into().ok(),
            }));
        }
        let mut folders: Vec<&str> = path.split('/').collect();
        let name = folders.pop().unwrap_or_default();
        let mut trail = self.remembered(&folders);
        let mut tree = self.handles.tree(trail.last().map_or(root, |&(_, id)| id))?;
        for folder in &folders[trail.len()..] {
            let found = trees::find(&tree, folder.as_bytes())?.filter(Row::is_folder);
            let Some(id) = found.map(|row| row.oid()).transpose()? else { return Ok(None) };
            trail.push((folder, id));
            tree = self.handles.tree(id)?;
        }
        let trail = trail.into_iter().map(|(folder, id)| (folder.to_owned(), id)).collect();
        *self.trail.lock().unwrap_or_else(PoisonError::into_inner) = trail;
        Ok(trees::find(&tree, name.as_bytes())?.map(|found| entry(path.to_owned(), &found)))
    }

    fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
        let tree = self.handles.tree(oid(folder)?)?;
        let path = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            let mut path = String::with_capacity(folder.path.len() + 1 + name.len());
            if !folder.path.is_empty() {
                path.push_str(&folder.path);
                path.push('/');
            }
            path.push_str(&name);
            path
        };
        Ok(trees::rows(&tree).map(|found| found.map(|row| entry(path(row.name), &row))).collect::<Result<_, _>>()?)
    }

    fn read(&self, file: &Entry) -> Result<Content> {
        tracing::trace!(target: READ, "{}", file.path);
        // The blob of a link contains the link's target. The rules refuse links by their kind.
        let id = oid(file)?;
        let odb = self.handles.odb()?;
        // The size is checked first, so that a blob of a gigabyte is never inflated.
        if !self.handles.is_small(id)? {
            let (size, _) = odb.read_header(id).map_err(|e| StoreError::object(id, &e))?;
            if size as u64 > MAX_FILE {
                return Ok(Content::TooLarge(size as u64));
            }
        }
        let object = odb.read(id).map_err(|e| StoreError::object(id, &e))?;
        check_hash(id, &object)?;
        Ok(Content::Bytes(object.data().to_vec()))
    }
}
