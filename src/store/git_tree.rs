//! A registry's files at one commit, read from git's object database.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use git2::{ObjectType, Oid, Repository};
use thread_local::ThreadLocal;

use super::error::StoreError;
use crate::model::{Content, Entry, EntryKind, MAX_FILE, Tree};

/// The repository, opened once in each thread that asks: libgit2's handle is not to be shared.
#[derive(Default)]
pub(super) struct Handles {
    path: PathBuf,
    open: ThreadLocal<Repository>,
}

impl Handles {
    /// Keeps a handle for this thread, and its path for the others.
    pub fn new(repository: Repository) -> Self {
        let path = repository.path().to_owned();
        let open = ThreadLocal::new();
        open.get_or(|| repository);
        Self { path, open }
    }

    /// This thread's handle.
    pub fn get(&self) -> Result<&Repository, StoreError> {
        self.open.get_or_try(|| Repository::open(&self.path).map_err(|e| StoreError::git("opening the repository", e)))
    }
}

/// A registry's files at one commit.
pub struct GitTree<'s> {
    handles: &'s Handles,
    /// The tree of the registry's folder; none where the commit does not have the folder.
    root: Option<Oid>,
    /// The folders that the last search went through, from the root down: the next one often begins with the same, and
    /// a folder of 10,000 models takes milliseconds to read.
    trail: Mutex<Vec<(String, Oid)>>,
}

impl<'s> GitTree<'s> {
    pub(super) fn new(handles: &'s Handles, root: Option<Oid>) -> Self {
        Self { handles, root, trail: Mutex::default() }
    }

    /// How far the last search went along this path: the folders' ids.
    fn remembered<'p>(&self, folders: &[&'p str]) -> Vec<(&'p str, Oid)> {
        let trail = self.trail.lock().unwrap_or_else(PoisonError::into_inner);
        let common = trail.iter().zip(folders).take_while(|((name, _), folder)| name == *folder);
        common.map(|((_, id), &folder)| (folder, *id)).collect()
    }

    fn tree(&self, id: Oid) -> Result<git2::Tree<'s>> {
        Ok(self.handles.get()?.find_tree(id).map_err(|e| StoreError::object(id, &e))?)
    }
}

fn kind(mode: i32) -> EntryKind {
    match mode {
        0o100644 | 0o100664 => EntryKind::File,
        0o100755 => EntryKind::Executable,
        0o120000 => EntryKind::Symlink,
        0o040000 => EntryKind::Folder,
        0o160000 => EntryKind::Submodule,
        _ => EntryKind::Other,
    }
}

fn entry(path: String, found: &git2::TreeEntry<'_>) -> Entry {
    let id = found.id().as_bytes().try_into().ok();
    Entry { path, kind: kind(found.filemode_raw()), id }
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
        let mut tree = self.tree(trail.last().map_or(root, |&(_, id)| id))?;
        for folder in &folders[trail.len()..] {
            let found = tree.get_name(folder).filter(|e| e.kind() == Some(ObjectType::Tree)).map(|e| e.id());
            let Some(id) = found else { return Ok(None) };
            trail.push((folder, id));
            tree = self.tree(id)?;
        }
        let trail = trail.into_iter().map(|(folder, id)| (folder.to_owned(), id)).collect();
        *self.trail.lock().unwrap_or_else(PoisonError::into_inner) = trail;
        Ok(tree.get_name(name).map(|found| entry(path.to_owned(), &found)))
    }

    fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
        let tree = self.tree(oid(folder)?)?;
        let path = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            if folder.path.is_empty() { name.into_owned() } else { format!("{}/{name}", folder.path) }
        };
        Ok(tree.iter().map(|found| entry(path(found.name_bytes()), &found)).collect())
    }

    fn read(&self, file: &Entry) -> Result<Content> {
        // A link's blob is its target, and is read as what it is; the rules refuse it by its kind.
        let id = oid(file)?;
        let odb = self.handles.get()?.odb().map_err(|e| StoreError::git("opening the object database", e))?;
        // The size is in the object's header: a blob of a gigabyte is never inflated.
        let (size, _) = odb.read_header(id).map_err(|e| StoreError::object(id, &e))?;
        if size as u64 > MAX_FILE {
            return Ok(Content::TooLarge(size as u64));
        }
        let object = odb.read(id).map_err(|e| StoreError::object(id, &e))?;
        Ok(Content::Bytes(object.data().to_vec()))
    }
}

/// The tree of a folder below a commit's root; none where it is not there or no folder.
pub(super) fn folder_id(tree: &git2::Tree<'_>, folder: &str) -> Result<Option<Oid>, StoreError> {
    if folder.is_empty() {
        return Ok(Some(tree.id()));
    }
    match tree.get_path(Path::new(folder)) {
        Ok(entry) => Ok((entry.kind() == Some(ObjectType::Tree)).then(|| entry.id())),
        Err(e) if e.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(e) => Err(StoreError::git("reading a tree", e)),
    }
}
