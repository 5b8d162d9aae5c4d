//! Files below a folder, reached without ever following a symbolic link.
//!
//! Each folder on the way is opened inside the one before it, and a link there is refused. What is done then is done
//! inside the opened folder, so a link that is planted meanwhile changes nothing.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fchmod, fstat, mkdirat, openat, renameat, statat, unlinkat};
use rustix::io::Errno;
use sha1::{Digest as _, Sha1};

use crate::model::ObjectId;
use crate::store::index::Stat;

/// The end of a temporary file's name. Its beginning is a dot and the name of the file that it becomes, so that the next
/// run finds what a killed one has left.
pub const TEMPORARY: &str = ".modelreg-tmp";

/// Made by git with these bits, less the user's umask.
const FILE_MODE: Mode = Mode::from_raw_mode(0o666);
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o777);

/// What stands where a file should be.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing.
    Absent,
    /// A file.
    File(Seen),
    /// A symbolic link, here or on the way.
    Link,
    /// A folder or a device; or a file where a folder should be.
    Other,
}

/// A file as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The blob that its content would be.
    pub(super) id: ObjectId,
    /// Its stat data.
    pub(super) stat: Stat,
    mode: u32,
}

/// The folders that lead to a file, each opened inside the one before it.
pub(super) struct Place<'a> {
    names: Vec<&'a [u8]>,
    name: &'a [u8],
    /// The root first. One more than `names` when all folders are there.
    folders: Vec<OwnedFd>,
    /// What stood in the way.
    blocked: Option<Found>,
}

/// Opens the top of the working tree.
pub(super) fn open_root(path: &Path) -> io::Result<OwnedFd> {
    // The top itself may be reached through links: the user named it.
    Ok(openat(CWD, path, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)
}

impl<'a> Place<'a> {
    /// Opens as many of the folders as there are.
    pub(super) fn open(root: &OwnedFd, path: &'a [u8]) -> io::Result<Self> {
        let mut names: Vec<&[u8]> = path.split(|&b| b == b'/').collect();
        let name = names.pop().unwrap_or_default();
        let mut place = Self { names, name, folders: vec![root.try_clone()?], blocked: None };
        place.descend(false)?;
        Ok(place)
    }

    fn descend(&mut self, create: bool) -> io::Result<()> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        while let Some(&name) = self.names.get(self.folders.len() - 1) {
            let name = OsStr::from_bytes(name);
            match openat(self.last(), name, flags, Mode::empty()) {
                Ok(folder) => self.folders.push(folder),
                Err(Errno::NOENT) if create => match mkdirat(self.last(), name, FOLDER_MODE) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error.into()),
                },
                Err(Errno::NOENT) => break,
                Err(Errno::NOTDIR | Errno::LOOP) => {
                    let kind = FileType::from_raw_mode(statat(self.last(), name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode);
                    self.blocked = Some(if kind == FileType::Symlink { Found::Link } else { Found::Other });
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn last(&self) -> &OwnedFd {
        // There is the root at least.
        &self.folders[self.folders.len() - 1]
    }

    fn name(&self) -> &'a OsStr {
        OsStr::from_bytes(self.name)
    }

    /// Looks at the file and hashes it.
    pub(super) fn look(&self) -> io::Result<Found> {
        match self.blocked {
            Some(Found::Link) => return Ok(Found::Link),
            Some(_) => return Ok(Found::Other),
            None if self.folders.len() <= self.names.len() => return Ok(Found::Absent),
            None => {}
        }
        let stat = match statat(self.last(), self.name(), AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(Found::Absent),
            stat => stat?,
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {}
            FileType::Symlink => return Ok(Found::Link),
            _ => return Ok(Found::Other),
        }
        let mut file = self.reader()?;
        let stat = fstat(&file)?;
        Ok(Found::File(Seen { id: blob_id(&mut file)?, stat: git_stat(&stat), mode: stat.st_mode }))
    }

    /// Opens the file for reading; not blocking, should it have become a pipe meanwhile.
    pub(super) fn reader(&self) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(openat(self.last(), self.name(), flags, Mode::empty())?))
    }

    /// Writes the file: a temporary one beside it takes its place at once. `before` is what [`Self::look`] saw; a file
    /// that is replaced hands its permissions on.
    ///
    /// # Errors
    /// The file is then as it was, and no temporary one is left. [`ErrorKind::ResourceBusy`] says that the file is not
    /// any more what was seen.
    pub(super) fn write(&mut self, content: &[u8], before: Option<&Seen>) -> io::Result<Stat> {
        let result = self.try_write(content, before);
        if result.is_err() {
            self.prune();
        }
        result
    }

    fn try_write(&mut self, content: &[u8], before: Option<&Seen>) -> io::Result<Stat> {
        self.descend(true)?;
        if self.blocked.is_some() {
            return Err(changed());
        }
        let temporary = self.temporary();
        let mut file = self.create(&temporary)?;
        let written = file.write_all(content).and_then(|()| {
            if let Some(seen) = before {
                fchmod(&file, Mode::from_raw_mode(seen.mode))?;
            }
            self.unchanged(before)?;
            // Not synced: the content is in the commit, from which `git restore` takes it after a power cut.
            Ok(renameat(self.last(), &temporary, self.last(), self.name())?)
        });
        if let Err(error) = written {
            // The first error is the one that tells.
            let _ = unlinkat(self.last(), &temporary, AtFlags::empty());
            return Err(error);
        }
        // Renaming changed the inode's time, so the stat data are read now.
        Ok(git_stat(&fstat(&file)?))
    }

    fn temporary(&self) -> OsString {
        OsString::from_vec([b".", self.name, TEMPORARY.as_bytes()].concat())
    }

    /// Removes the temporary file that a killed run has left. The lock on the index is ours, so no other run is at work.
    pub(super) fn clear(&self) {
        if self.blocked.is_none() && self.folders.len() > self.names.len() {
            // It is hardly ever there. Where it is and cannot be removed, writing says why.
            let _ = unlinkat(self.last(), self.temporary(), AtFlags::empty());
        }
    }

    fn create(&self, temporary: &OsStr) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(openat(self.last(), temporary, flags, FILE_MODE)?))
    }

    /// Removes the file that was seen, and the folders that have become empty, as git does.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub(super) fn remove(&mut self, before: &Seen) -> io::Result<()> {
        self.unchanged(Some(before))?;
        unlinkat(self.last(), self.name(), AtFlags::empty())?;
        self.prune();
        Ok(())
    }

    /// Compares with what was seen, for an editor can save at any time. What is left between this and the rename
    /// is a few microseconds.
    fn unchanged(&self, before: Option<&Seen>) -> io::Result<()> {
        match (statat(self.last(), self.name(), AtFlags::SYMLINK_NOFOLLOW), before) {
            (Err(Errno::NOENT), None) => Ok(()),
            (Ok(now), Some(seen)) if git_stat(&now) == seen.stat && now.st_mode == seen.mode => Ok(()),
            (Err(error), _) if error != Errno::NOENT => Err(error.into()),
            _ => Err(changed()),
        }
    }

    /// Removes the opened folders that are empty, the inner ones first, never the root.
    fn prune(&mut self) {
        while self.folders.len() > 1 {
            self.folders.pop();
            let name = OsStr::from_bytes(self.names[self.folders.len() - 1]);
            // Refused for a folder that is not empty, which is how it ends.
            if unlinkat(self.last(), name, AtFlags::REMOVEDIR).is_err() {
                break;
            }
        }
    }
}

fn changed() -> io::Error {
    io::Error::new(ErrorKind::ResourceBusy, "it was changed at this very moment")
}

/// The id of the blob with the file's content as it is, without any filter or change of line ends.
fn blob_id(file: &mut File) -> io::Result<ObjectId> {
    let size = file.metadata()?.len();
    let mut hash = Sha1::new().chain_update(format!("blob {size}\0"));
    let mut buffer = vec![0; usize::try_from(size).unwrap_or(usize::MAX).clamp(1, 1 << 16)];
    loop {
        match file.read(&mut buffer) {
            // Had the size changed meanwhile, the id would be no blob's, and so no clean file's.
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Numbers are cut to 32 bits, as the index has them.
#[allow(clippy::unnecessary_cast, reason = "the types differ from system to system")]
fn git_stat(stat: &rustix::fs::Stat) -> Stat {
    Stat {
        ctime: (stat.st_ctime as u32, stat.st_ctime_nsec as u32),
        mtime: (stat.st_mtime as u32, stat.st_mtime_nsec as u32),
        dev: stat.st_dev as u32,
        ino: stat.st_ino as u32,
        uid: stat.st_uid as u32,
        gid: stat.st_gid as u32,
        size: stat.st_size as u32,
    }
}
