//! Opening the files of an artifact, never through a symbolic link below its root.

use std::fs::{File, Metadata};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use super::{ArtifactError, Progress};
use crate::model::uri::ArtifactPath;

/// What is read at once: large enough to keep the system calls few, small enough for a thread's cache.
const BUFFER: usize = 128 * 1024;

/// An artifact on this machine: one file, or an opened folder.
pub(super) struct Root {
    /// The path as the caller gave it, without a trailing slash.
    pub path: PathBuf,
    folder: Option<OwnedFd>,
}

impl Root {
    /// Opens the file or folder. The path's last part must be no symbolic link; the folders above it may be.
    pub fn open(path: &Path) -> Result<Self, ArtifactError> {
        // With a slash or `/.` at its end the kernel would follow a link all the same.
        let path: PathBuf = path.components().collect();
        let (opened, metadata) = open_part(CWD, &path, &path)?;
        Ok(Self { path, folder: metadata.is_dir().then_some(opened) })
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Where a file of the artifact lies, for messages; a single file is itself, whatever the name.
    pub fn shown(&self, path: &ArtifactPath) -> PathBuf {
        if self.is_folder() { self.path.join(path.as_str()) } else { self.path.clone() }
    }

    /// Opens a file of the artifact for reading.
    pub fn file(&self, path: &ArtifactPath) -> Result<(File, Metadata), ArtifactError> {
        let (opened, metadata) = match &self.folder {
            Some(folder) => open_parts(folder, path, &self.path)?,
            None => open_part(CWD, &self.path, &self.path)?,
        };
        if !metadata.is_file() {
            return Err(ArtifactError::Kind { path: self.shown(path), needed: "a file" });
        }
        Ok((File::from(opened), metadata))
    }
}

fn open_parts(root: &OwnedFd, path: &ArtifactPath, shown: &Path) -> Result<(OwnedFd, Metadata), ArtifactError> {
    let mut shown = shown.to_owned();
    let mut opened: Option<(OwnedFd, Metadata)> = None;
    for part in path.as_str().split('/') {
        let folder = match &opened {
            None => root.as_fd(),
            Some((folder, metadata)) if metadata.is_dir() => folder.as_fd(),
            Some(_) => return Err(ArtifactError::Kind { path: shown, needed: "a folder" }),
        };
        shown.push(part);
        opened = Some(open_part(folder, Path::new(part), &shown)?);
    }
    opened.ok_or(ArtifactError::Unnamed(shown))
}

/// Opens one part for reading: a file or a folder, and no symbolic link.
fn open_part(folder: impl AsFd, part: &Path, shown: &Path) -> Result<(OwnedFd, Metadata), ArtifactError> {
    // To open a device can already do something (rewind a tape), so look first; then look at what was opened.
    let before = statat(folder.as_fd(), part, AtFlags::SYMLINK_NOFOLLOW).map_err(ArtifactError::io(shown, "read"))?;
    match FileType::from_raw_mode(before.st_mode) {
        FileType::RegularFile | FileType::Directory => {}
        FileType::Symlink => return Err(ArtifactError::Symlink(shown.to_owned())),
        _ => return Err(ArtifactError::Special(shown.to_owned())),
    }
    // NONBLOCK: should a named pipe take the file's place just now, wait for no writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = openat(folder, part, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::LOOP => ArtifactError::Symlink(shown.to_owned()),
        errno => ArtifactError::io(shown, "open")(errno),
    })?;
    let file = File::from(opened);
    let metadata = file.metadata().map_err(ArtifactError::io(shown, "read"))?;
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(ArtifactError::Special(shown.to_owned()));
    }
    Ok((file.into(), metadata))
}

/// What changes when a file is written to or replaced: size, time of change (ns), and which file it is.
pub(super) fn stamp(metadata: &Metadata) -> (u64, i64, i64, u64, u64) {
    (metadata.size(), metadata.mtime(), metadata.mtime_nsec(), metadata.ino(), metadata.dev())
}

/// Reads a file to its end, or until it proves longer than `most` bytes; what is read also goes to `sink`, and `wrote`
/// is the sink's path for messages. Gives the bytes read, which are more than `most` only for a longer file, and their
/// SHA-256.
pub(super) fn digest(
    file: &mut File,
    shown: &Path,
    most: u64,
    mut sink: Option<(&mut File, &Path)>,
    progress: &dyn Progress,
) -> Result<(u64, [u8; 32]), ArtifactError> {
    let mut buffer = vec![0; BUFFER];
    let mut hasher = Sha256::new();
    let mut read = 0;
    while read <= most {
        let got = match file.read(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            got => got.map_err(ArtifactError::io(shown, "read"))?,
        };
        if got == 0 {
            break;
        }
        hasher.update(&buffer[..got]);
        if let Some((sink, wrote)) = &mut sink {
            sink.write_all(&buffer[..got]).map_err(ArtifactError::io(wrote, "write"))?;
        }
        read += got as u64;
        progress.advance(got as u64);
    }
    Ok((read, hasher.finalize().into()))
}
