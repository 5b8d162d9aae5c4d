//! A folder that is filled under a temporary name, and appears under its own only when it is whole.
//!
//! Whoever fills it holds a lock on it (`flock`), which goes with its process. So what a killed process has left is told
//! from what another is filling just now, also where that runs in another container.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FlockOperation, Mode, OFlags, flock, fstat, fsync, mkdirat, openat, renameat, unlinkat,
};
use rustix::io::Errno;

use super::ArtifactError;
use crate::model::uri::ArtifactPath;

/// The temporary folder that becomes `into`. Dropped before that, it is removed.
pub(super) struct Target {
    into: PathBuf,
    /// The folder that `into` lies in.
    parent: OwnedFd,
    /// The temporary folder, opened, and its path.
    folder: OwnedFd,
    path: PathBuf,
    settled: bool,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Target {
    /// Makes the temporary folder beside `into`.
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
        let parent = openat(CWD, above, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(ArtifactError::io(&into, "create"))?;
        remove_abandoned(&parent, above, name);
        // What another process is filling under such a name is not ours to use.
        for attempt in 0..u32::MAX {
            let mut temporary = prefix(name);
            temporary.push(format!("{}-{attempt}", std::process::id()));
            let path = above.join(&temporary);
            match mkdirat(&parent, &temporary, Mode::from_raw_mode(0o755)) {
                Err(Errno::EXIST) => continue,
                made => made.map_err(ArtifactError::io(&path, "create"))?,
            }
            let folder = openat(&parent, &temporary, FOLDER, Mode::empty()).map_err(|errno| {
                let _ = unlinkat(&parent, &temporary, AtFlags::REMOVEDIR);
                ArtifactError::io(&path, "open")(errno)
            })?;
            // Between making and locking it, another may have taken it for abandoned.
            let taken = flock(&folder, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK)
                || fstat(&folder).is_ok_and(|now| now.st_nlink == 0);
            if !taken {
                return Ok(Self { into, parent, folder, path, settled: false });
            }
        }
        Err(ArtifactError::Occupied(into))
    }

    /// Opens a folder below the temporary one, making it and those above it; none for the temporary one itself. A
    /// symbolic link that somebody puts in the way is not followed.
    fn subfolder(&self, parts: &[&str]) -> Result<Option<OwnedFd>, ArtifactError> {
        let mut folder: Option<OwnedFd> = None;
        let mut shown = self.path.clone();
        for &part in parts {
            let above = folder.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
            shown.push(part);
            match mkdirat(above, part, Mode::from_raw_mode(0o755)) {
                Err(Errno::EXIST) => {}
                made => made.map_err(ArtifactError::io(&shown, "create"))?,
            }
            let opened = openat(above, part, FOLDER, Mode::empty()).map_err(ArtifactError::io(&shown, "open"))?;
            folder = Some(opened);
        }
        Ok(folder)
    }

    /// Creates a file that was not there, for writing, and gives its path too.
    pub fn create(&self, path: &ArtifactPath) -> Result<(File, PathBuf), ArtifactError> {
        let shown = self.path.join(path.as_str());
        let parts = super::parts(path.as_str());
        let (name, folders) = parts.split_last().map_or(("", &parts[..]), |(name, folders)| (*name, folders));
        let folder = self.subfolder(folders)?;
        let folder = folder.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(folder, name, flags, Mode::from_raw_mode(0o644)) {
            Err(Errno::EXIST) => Err(ArtifactError::Occupied(shown)),
            opened => Ok((File::from(opened.map_err(ArtifactError::io(&shown, "create"))?), shown)),
        }
    }

    /// Gives the folder its name once all of it is on the disk; `files` are those that were created, each synced.
    pub fn settle<'a>(mut self, files: impl Iterator<Item = &'a ArtifactPath>) -> Result<(), ArtifactError> {
        let parts: Vec<_> = files.map(|path| super::parts(path.as_str())).collect();
        let folders: BTreeSet<&[&str]> = parts.iter().flat_map(|parts| (1..parts.len()).map(|n| &parts[..n])).collect();
        for folder in folders {
            if let Some(opened) = self.subfolder(folder)? {
                fsync(opened).map_err(ArtifactError::io(&self.path, "write"))?;
            }
        }
        fsync(&self.folder).map_err(ArtifactError::io(&self.path, "write"))?;
        let (Some(from), Some(to)) = (self.path.file_name(), self.into.file_name()) else {
            return Err(ArtifactError::Unnamed(self.into.clone()));
        };
        // Takes the place of nothing or of an empty folder; the kernel refuses every other.
        renameat(&self.parent, from, &self.parent, to).map_err(|errno| match errno {
            Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR => ArtifactError::Occupied(self.into.clone()),
            errno => ArtifactError::io(&self.into, "create")(errno),
        })?;
        // Not yet sure to outlive a power loss: should that fail, it is removed under its new name.
        self.path.clone_from(&self.into);
        fsync(&self.parent).map_err(ArtifactError::io(&self.into, "write"))?;
        self.settled = true;
        Ok(())
    }
}

/// What the temporary names of a target begin with; a process id, `-` and a number follow.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".pull-");
    prefix
}

/// Removes the temporary folders of a target that nobody fills any more. What cannot be removed stays: it is in nobody's
/// way.
fn remove_abandoned(parent: &OwnedFd, above: &Path, name: &OsStr) {
    let prefix = prefix(name);
    let temporary = |name: &OsStr| {
        let rest = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes())?;
        let (pid, attempt) = std::str::from_utf8(rest).ok()?.split_once('-')?;
        (pid.parse::<u32>().is_ok() && attempt.parse::<u32>().is_ok()).then_some(())
    };
    let Ok(entries) = above.read_dir() else { return };
    for entry in entries.flatten().filter(|entry| temporary(&entry.file_name()).is_some()) {
        let Ok(folder) = openat(parent, entry.file_name(), FOLDER, Mode::empty()) else { continue };
        if flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = std::fs::remove_dir_all(above.join(entry.file_name()));
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.settled {
            // Follows no link either. Should it fail, the error that led here is the one to tell.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
