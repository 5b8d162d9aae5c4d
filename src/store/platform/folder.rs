//! Opened folders, and opening files without following a symbolic link.
//!
//! Every method works inside the opened folder and takes the name of one entry. A link that another user plants
//! meanwhile, in the folder or above it, has no effect.
//!
//! # Why not `cap-std`
//! `cap-std` 4.0.3 was tried for this module, and rejected:
//! - It follows links that stay inside the folder. `FollowSymlinks::No` covers the last part of a path only: opening
//!   `a/link/b`, reading its metadata and renaming it all went through the link. So this module would still
//!   need the walk part by part, and the rule that refuses links.
//! - A folder that `open_dir_nofollow` has opened (with `O_PATH`) can be neither flushed nor locked (`EBADF`).
//! - It is not faster: opening 45,000 files three parts down and replacing 9,000 took the same number of system calls
//!   (876,574), and the same time within the noise of the measurement.
//! - It adds eleven crates, which take as long to compile as `rustix` (32 and 34 s on that machine).
//!
//! The benefit would be Windows. Every method below corresponds to one call of `cap_std::fs::Dir`, so `cap-std` can
//! replace this implementation when the rest of the program is ported to Windows.

use std::ffi::OsStr;
use std::fs::{File, Metadata, TryLockError};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawMode, mkdirat, openat, renameat, statat, unlinkat};
use rustix::io::Errno;

/// The permission bits of new files and of new folders, before the user's umask, as in git.
pub(crate) const FILE_MODE: u32 = 0o666;
pub(crate) const FOLDER_MODE: u32 = 0o777;

/// An opened folder.
#[derive(Debug)]
pub(crate) struct Folder(File);

/// The kind of a folder's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a socket or a named pipe.
    Special,
}

/// Why a file or a folder was not opened.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The entry is a symbolic link.
    Link,
    /// The entry is a device, a socket or a named pipe.
    Special,
    /// The entry is a file where a folder is needed.
    File,
    /// The operating system refused.
    Failed {
        /// The attempt, as a verb.
        doing: &'static str,
        /// The system's error; of the kind `NotFound` if the entry does not exist.
        source: io::Error,
    },
}

impl Refused {
    /// Whether the entry does not exist.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Failed { source, .. } if source.kind() == ErrorKind::NotFound)
    }

    pub(super) fn failed<E: Into<io::Error>>(doing: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::Failed { doing, source: error.into() }
    }
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        let why = match refused {
            Refused::Failed { source, .. } => return source,
            Refused::Link => "the entry is a symbolic link",
            Refused::Special => "the entry is neither a file nor a folder",
            Refused::File => "the entry is a file where a folder is needed",
        };
        Self::new(ErrorKind::InvalidInput, why)
    }
}

/// The metadata of a file or folder. Times are seconds and nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) kind: Kind,
    /// The permission bits, as in `chmod`.
    pub(crate) mode: u32,
    /// In bytes.
    pub(crate) size: u64,
    /// When the content was last changed.
    pub(crate) mtime: (i64, i64),
    /// When the content, the name or the permissions were last changed.
    pub(crate) ctime: (i64, i64),
    /// The device and the file's number on the device: two names with equal numbers are the same file.
    pub(crate) dev: u64,
    pub(crate) ino: u64,
    /// The owner and the group.
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl From<&Metadata> for Status {
    fn from(metadata: &Metadata) -> Self {
        let file_type = metadata.file_type();
        Self {
            kind: if file_type.is_file() {
                Kind::File
            } else if file_type.is_dir() {
                Kind::Folder
            } else if file_type.is_symlink() {
                Kind::Link
            } else {
                Kind::Special
            },
            mode: metadata.mode() & 0o7777,
            size: metadata.size(),
            mtime: (metadata.mtime(), metadata.mtime_nsec()),
            ctime: (metadata.ctime(), metadata.ctime_nsec()),
            dev: metadata.dev(),
            ino: metadata.ino(),
            uid: metadata.uid(),
            gid: metadata.gid(),
        }
    }
}

/// The types of these fields depend on the system; the standard library widens them in the same way.
#[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "needed on the other systems")]
impl From<&rustix::fs::Stat> for Status {
    fn from(stat: &rustix::fs::Stat) -> Self {
        Self {
            kind: match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Link,
                _ => Kind::Special,
            },
            mode: stat.st_mode as u32 & 0o7777,
            size: stat.st_size as u64,
            mtime: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            ctime: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            dev: stat.st_dev as u64,
            ino: stat.st_ino as u64,
            uid: stat.st_uid as u32,
            gid: stat.st_gid as u32,
        }
    }
}

impl Folder {
    /// Opens a folder that the user named. Links on the path are followed.
    pub(crate) fn named(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(openat(CWD, path, flags, Mode::empty())?.into()))
    }

    /// Wraps a folder that was opened as a file.
    pub(crate) fn from_file(file: File) -> Self {
        Self(file)
    }

    /// The metadata of an entry; none if the entry does not exist.
    pub(crate) fn look(&self, name: &OsStr) -> io::Result<Option<Status>> {
        match statat(&self.0, one(name)?, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Status::from(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a file or a folder for reading.
    pub(crate) fn open(&self, name: &OsStr) -> Result<(File, Status), Refused> {
        open_at(&self.0, Path::new(one(name).map_err(Refused::failed("open"))?))
    }

    /// Opens a folder.
    pub(crate) fn folder(&self, name: &OsStr) -> Result<Self, Refused> {
        let failed = Refused::failed("open");
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let name = one(name).map_err(Refused::failed("open"))?;
        match openat(&self.0, name, flags, Mode::empty()) {
            Ok(folder) => Ok(Self(folder.into())),
            // For a link, Linux returns the first error, and a Mac either of them.
            Err(error @ (Errno::NOTDIR | Errno::LOOP)) => match self.look(name).map_err(Refused::failed("read"))? {
                Some(Status { kind: Kind::Link, .. }) => Err(Refused::Link),
                Some(Status { kind: Kind::Special, .. }) => Err(Refused::Special),
                Some(Status { kind: Kind::File, .. }) => Err(Refused::File),
                // The entry has changed meanwhile.
                Some(Status { kind: Kind::Folder, .. }) | None => Err(failed(error)),
            },
            Err(error) => Err(failed(error)),
        }
    }

    /// Creates a folder. Returns an error of the kind `AlreadyExists` if an entry has this name.
    pub(crate) fn make_folder(&self, name: &OsStr, mode: u32) -> io::Result<()> {
        Ok(mkdirat(&self.0, one(name)?, bits(mode))?)
    }

    /// Creates a file for writing. Returns an error of the kind `AlreadyExists` if an entry has this name.
    pub(crate) fn create(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.0, one(name)?, flags, bits(mode))?.into())
    }

    /// Renames an entry of this folder. A file can replace a file, a folder can replace an empty folder.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.0, one(from)?, &self.0, one(to)?)?)
    }

    /// Removes an entry that is not a folder.
    pub(crate) fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, one(name)?, AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub(crate) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, one(name)?, AtFlags::REMOVEDIR)?)
    }

    /// Flushes the names in the folder to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        super::disk::sync(&self.0)
    }

    /// Takes the folder's lock, which the system releases when this process ends.
    pub(crate) fn try_lock(&self) -> Result<(), TryLockError> {
        self.0.try_lock()
    }

    /// Whether an entry of another folder is this folder.
    pub(crate) fn is(&self, parent: &Self, name: &OsStr) -> io::Result<bool> {
        let own = Status::from(&self.0.metadata()?);
        Ok(parent.look(name)?.is_some_and(|named| (named.dev, named.ino) == (own.dev, own.ino)))
    }
}

/// Opens a file or a folder for reading. The last part of the path must not be a symbolic link; the folders
/// above may be.
pub(crate) fn open_named(path: &Path) -> Result<(File, Status), Refused> {
    // With a final slash or `/.` the kernel would follow a link in spite of `NOFOLLOW`.
    let path: std::path::PathBuf = path.components().collect();
    open_at(CWD, &path)
}

fn open_at(folder: impl AsFd, name: &Path) -> Result<(File, Status), Refused> {
    // Opening a device can have effects (rewind a tape), so the kind is checked first, and again after opening.
    let before = statat(folder.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW).map_err(Refused::failed("read"))?;
    match Status::from(&before).kind {
        Kind::File | Kind::Folder => {}
        Kind::Link => return Err(Refused::Link),
        Kind::Special => return Err(Refused::Special),
    }
    // NONBLOCK: do not wait for a writer if a named pipe has just replaced the file.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = openat(folder, name, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::LOOP => Refused::Link,
        errno => Refused::failed("open")(errno),
    })?;
    let file = File::from(opened);
    let status = Status::from(&file.metadata().map_err(Refused::failed("read"))?);
    if matches!(status.kind, Kind::File | Kind::Folder) { Ok((file, status)) } else { Err(Refused::Special) }
}

/// Checks that a text is the name of one entry.
fn one(name: &OsStr) -> io::Result<&OsStr> {
    let mut parts = Path::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(part)), None) if part == name => Ok(name),
        _ => Err(io::Error::new(ErrorKind::InvalidInput, "not the name of an entry of a folder")),
    }
}

#[allow(clippy::unnecessary_cast, reason = "the type differs from system to system")]
fn bits(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as RawMode)
}
