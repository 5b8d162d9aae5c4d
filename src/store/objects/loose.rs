//! Writing the git objects of a commit, flushed to the disk together.
//!
//! libgit2 flushes each object and its folder before the next one, and waits for the disk each time. No ref points to
//! the objects before all are written, so this module writes all under temporary names first, then flushes them,
//! renames them into place, and flushes their folders. The first flush does most of the work of the others.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Oid, Repository};
use sha1::{Digest as _, Sha1};
use tempfile::NamedTempFile;

use crate::model::ObjectId;
use crate::store::error::StoreError;
use crate::store::platform::{disk, mode};

/// A tree of more than this many bytes is not compressed: about 1,800 versions of a model.
const LARGE_TREE: usize = 1 << 16;

/// Written objects. Objects that were not [flushed](Self::flush) are deleted on drop.
pub(in crate::store) struct Objects {
    folder: PathBuf,
    waiting: Vec<(Oid, NamedTempFile)>,
}

impl Objects {
    /// Prepares writing to a repository.
    pub(in crate::store) fn new(git: &Repository) -> Self {
        Self { folder: git.commondir().join("objects"), waiting: Vec::new() }
    }

    /// Writes an object, which git cannot see before [`Self::flush`].
    pub(in crate::store) fn write(&mut self, kind: ObjectType, content: &[u8]) -> Result<Oid, StoreError> {
        let id = Oid::from_bytes(&object_id(kind, content)).map_err(|e| StoreError::git("writing an object", e))?;
        let file =
            self.temporary(kind, content).map_err(|e| StoreError::io("writing an object in", &self.folder, e))?;
        self.waiting.push((id, file));
        Ok(id)
    }

    fn temporary(&self, kind: ObjectType, content: &[u8]) -> io::Result<NamedTempFile> {
        // `git gc` removes files with this prefix that a killed run has left. Objects are read-only, as git's own.
        let mut file =
            tempfile::Builder::new().prefix("tmp_obj_").permissions(mode::read_only()).tempfile_in(&self.folder)?;
        // One write, so a full disk is noticed before any other step.
        let mut packed = ZlibEncoder::new(Vec::with_capacity(content.len()), compression(kind, content));
        write!(packed, "{} {}\0", kind.str(), content.len())?;
        packed.write_all(content)?;
        file.write_all(&packed.finish()?)?;
        Ok(file)
    }

    /// Moves all objects to their final paths. After this they survive a power failure.
    pub(in crate::store) fn flush(&mut self) -> Result<(), StoreError> {
        for (_, file) in &self.waiting {
            disk::sync(file.as_file()).map_err(|e| StoreError::io("flushing an object in", &self.folder, e))?;
        }
        let mut folders = BTreeSet::new();
        for (id, file) in self.waiting.drain(..) {
            let hex = id.to_string();
            let folder = self.folder.join(&hex[..2]);
            let path = folder.join(&hex[2..]);
            // An object of the same id has the same content, or is damaged and is repaired by the replacement.
            let new = place(file, &folder, &path).map_err(|e| StoreError::io("writing", &path, e))?;
            if new {
                folders.insert(self.folder.clone());
            }
            folders.insert(folder);
        }
        // The order does not matter, because no ref points to the objects yet.
        folders
            .iter()
            .try_for_each(|folder| disk::sync_folder(folder).map_err(|e| StoreError::io("flushing", folder, e)))
    }
}

/// A large tree is not compressed, because most of it is ids, which hardly shrink: level 1 saves a third, and takes as long
/// as all else that is done with the tree. `git gc` stores such a tree as a small difference from another one.
fn compression(kind: ObjectType, content: &[u8]) -> Compression {
    match kind {
        ObjectType::Tree if content.len() > LARGE_TREE => Compression::none(),
        _ => Compression::fast(),
    }
}

/// The id of an object. libgit2's own hash also detects forged collisions, which takes many times longer; git checks for
/// those when it receives objects.
pub(in crate::store) fn object_id(kind: ObjectType, content: &[u8]) -> ObjectId {
    Sha1::new().chain_update(format!("{} {}\0", kind.str(), content.len())).chain_update(content).finalize().into()
}

/// Renames the file into its folder. Returns true if the folder is new.
fn place(file: NamedTempFile, folder: &Path, path: &Path) -> io::Result<bool> {
    match file.persist(path) {
        Ok(_) => Ok(false),
        // The folder is new, or a `git gc` has just removed the empty folder, which will not happen twice in a row.
        Err(refused) if refused.error.kind() == ErrorKind::NotFound => {
            match fs::create_dir(folder) {
                Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(e),
                _ => {}
            }
            refused.file.persist(path).map(|_| true).map_err(|refused| refused.error)
        }
        Err(refused) => Err(refused.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::test_clone::Clone;

    fn clone() -> (Clone, Repository) {
        let clone = Clone::empty();
        let git = Repository::open(clone.dir()).unwrap();
        (clone, git)
    }

    fn left(git: &Repository) -> usize {
        let entries = fs::read_dir(git.path().join("objects")).unwrap();
        entries.filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().starts_with("tmp_")).count()
    }

    #[test]
    fn git_reads_what_was_written() {
        let (_clone, git) = clone();
        let mut objects = Objects::new(&git);
        let ids: Vec<Oid> =
            ["", "a", "b", "a"].iter().map(|text| objects.write(ObjectType::Blob, text.as_bytes()).unwrap()).collect();
        assert!(!git.odb().unwrap().exists(ids[1]));
        objects.flush().unwrap();
        assert_eq!(ids[1], ids[3]);
        for (id, text) in ids.iter().zip(["", "a", "b"]) {
            assert_eq!(git.find_blob(*id).unwrap().content(), text.as_bytes());
        }
        assert_eq!(left(&git), 0);
    }

    #[test]
    fn git_reads_a_large_tree() {
        let (_clone, git) = clone();
        let mut objects = Objects::new(&git);
        let blob = objects.write(ObjectType::Blob, b"a").unwrap();
        let entry = |n: u32| [format!("100644 {n:04}\0").as_bytes(), blob.as_bytes()].concat();
        let tree: Vec<u8> = (0..3_000).flat_map(entry).collect();
        assert!(tree.len() > LARGE_TREE);
        let id = objects.write(ObjectType::Tree, &tree).unwrap();
        objects.flush().unwrap();
        assert_eq!(id, Oid::hash_object(ObjectType::Tree, &tree).unwrap());
        assert_eq!(git.find_tree(id).unwrap().len(), 3_000);
    }

    #[test]
    fn nothing_is_left_of_what_was_not_flushed() {
        let (_clone, git) = clone();
        let mut objects = Objects::new(&git);
        objects.write(ObjectType::Blob, b"a").unwrap();
        assert_eq!(left(&git), 1);
        drop(objects);
        assert_eq!(left(&git), 0);
    }

    #[test]
    fn a_damaged_object_of_the_same_id_is_made_well() {
        let (_clone, git) = clone();
        let mut objects = Objects::new(&git);
        let id = objects.write(ObjectType::Blob, b"a").unwrap();
        let path = git.path().join("objects").join(&id.to_string()[..2]).join(&id.to_string()[2..]);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        objects.flush().unwrap();
        assert_eq!(git.find_blob(id).unwrap().content(), b"a");
    }
}
