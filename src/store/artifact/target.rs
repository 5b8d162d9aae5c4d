//! A folder that is filled under a temporary name, and renamed when complete.
//!
//! The process that fills the folder has a lock on it (`flock`), which the system releases when the process ends. So an
//! abandoned folder can be distinguished from one in use, even by a process in another container.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::ArtifactError;
use super::beneath::way;
use crate::model::uri::ArtifactPath;
use crate::store::platform::folder::Folder;
use crate::store::platform::walk::Walk;

/// The permission bits of the copies, independent of the original: no copy is executable.
const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

/// The temporary folder that becomes `into`. Removed on drop, unless settled.
pub(super) struct Target {
    into: PathBuf,
    /// The parent folder of `into`.
    parent: Folder,
    /// The temporary folder, opened, and its path.
    folder: Folder,
    path: PathBuf,
    settled: bool,
}

impl Target {
    /// Creates the temporary folder beside `into`.
    pub fn make(into: &Path) -> Result<Self, ArtifactError> {
        let into: PathBuf = into.components().collect();
        let (Some(name), Some(above)) = (into.file_name(), into.parent()) else {
            return Err(ArtifactError::Unnamed(into));
        };
        if into.symlink_metadata().is_ok() {
            let empty = !into.is_symlink() && into.read_dir().is_ok_and(|mut entries| entries.next().is_none());
            if !empty {
                return Err(ArtifactError::Occupied(into));
            }
        }
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        let parent = Folder::named(above).map_err(ArtifactError::io(&into, "create"))?;
        remove_abandoned(&parent, above, name);
        // A folder of this name may belong to another process.
        for attempt in 0..u32::MAX {
            let mut temporary = prefix(name);
            temporary.push(format!("{}-{attempt}", std::process::id()));
            let path = above.join(&temporary);
            match parent.make_folder(&temporary, FOLDER_MODE) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                made => made.map_err(ArtifactError::io(&path, "create"))?,
            }
            let folder = parent.folder(&temporary).map_err(|refused| {
                let _ = parent.remove_folder(&temporary);
                ArtifactError::refused(&path)(refused)
            })?;
            // Before the folder was locked, another process may have removed it as abandoned.
            let taken = matches!(folder.try_lock(), Err(TryLockError::WouldBlock))
                || folder.is(&parent, &temporary).is_ok_and(|same| !same);
            if !taken {
                return Ok(Self { into, parent, folder, path, settled: false });
            }
        }
        Err(ArtifactError::Occupied(into))
    }

    /// Creates a new file for writing, with its parent folders. Returns the file and its path.
    pub fn create(&self, path: &ArtifactPath) -> Result<(File, PathBuf), ArtifactError> {
        let shown = self.path.join(path.as_str());
        let (folders, name) = way(path);
        let mut walk = Walk::new(&self.folder, folders);
        let folder = walk.descend(Some(FOLDER_MODE)).map_err(|stop| ArtifactError::stopped(&self.path, path, stop))?;
        match folder.create(name, FILE_MODE) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(ArtifactError::Occupied(shown)),
            file => Ok((file.map_err(ArtifactError::io(&shown, "create"))?, shown)),
        }
    }

    /// Flushes the folders and renames the folder to `into`. `files` are the created files, which are already synced.
    pub fn settle<'a>(mut self, files: impl Iterator<Item = &'a ArtifactPath>) -> Result<(), ArtifactError> {
        let ways: Vec<_> = files.map(|path| (way(path).0, path)).collect();
        let folders: BTreeMap<&[&OsStr], &ArtifactPath> =
            ways.iter().flat_map(|(way, path)| (1..=way.len()).map(|n| (&way[..n], *path))).collect();
        for (way, path) in folders {
            let mut walk = Walk::new(&self.folder, way.to_vec());
            let folder = walk.descend(None).map_err(|stop| ArtifactError::stopped(&self.path, path, stop))?;
            folder.sync().map_err(ArtifactError::io(&self.path, "write"))?;
        }
        self.folder.sync().map_err(ArtifactError::io(&self.path, "write"))?;
        let (Some(from), Some(to)) = (self.path.file_name(), self.into.file_name()) else {
            return Err(ArtifactError::Unnamed(self.into.clone()));
        };
        // The kernel allows replacing an empty folder only.
        self.parent.rename(from, to).map_err(|error| match error.kind() {
            ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                ArtifactError::Occupied(self.into.clone())
            }
            _ => ArtifactError::io(&self.into, "create")(error),
        })?;
        // The rename is not durable before the sync. If the sync fails, drop removes the folder under its new name.
        self.path.clone_from(&self.into);
        self.parent.sync().map_err(ArtifactError::io(&self.into, "write"))?;
        self.settled = true;
        Ok(())
    }
}

/// The prefix of a target's temporary names, before a process id, `-` and a number.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".pull-");
    prefix
}

/// Removes the abandoned temporary folders of a target. Folders that cannot be removed stay and do no harm.
fn remove_abandoned(parent: &Folder, above: &Path, name: &OsStr) {
    let prefix = prefix(name);
    let temporary = |name: &OsStr| {
        let rest = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes())?;
        let (pid, attempt) = std::str::from_utf8(rest).ok()?.split_once('-')?;
        (pid.parse::<u32>().is_ok() && attempt.parse::<u32>().is_ok()).then_some(())
    };
    let Ok(entries) = above.read_dir() else { return };
    for entry in entries.flatten().filter(|entry| temporary(&entry.file_name()).is_some()) {
        let Ok(folder) = parent.folder(&entry.file_name()) else { continue };
        if folder.try_lock().is_ok() {
            let _ = std::fs::remove_dir_all(above.join(entry.file_name()));
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.settled {
            // `remove_dir_all` follows no link. If it fails, the original error is the one to report.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
