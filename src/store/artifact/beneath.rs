//! Opening the files of an artifact, without following symbolic links below its root.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{ArtifactError, Progress};
use crate::model::uri::ArtifactPath;
use crate::store::platform::folder::{Folder, Kind, Status, open_named};
use crate::store::platform::walk::Walk;

/// The size of a read: large enough for few system calls, small enough for the processor's cache.
const BUFFER: usize = 128 * 1024;

/// An artifact on this machine: one file, or an opened folder.
pub(super) struct Root {
    /// The caller's path, without a trailing slash.
    pub path: PathBuf,
    folder: Option<Folder>,
}

impl Root {
    /// Opens the file or folder. The last part of the path must not be a symbolic link; the folders above may be.
    pub fn open(path: &Path) -> Result<Self, ArtifactError> {
        let path: PathBuf = path.components().collect();
        let (opened, status) = open_named(&path).map_err(ArtifactError::refused(&path))?;
        Ok(Self { path, folder: (status.kind == Kind::Folder).then(|| Folder::from_file(opened)) })
    }

    /// Whether the artifact is a folder.
    pub fn is_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// The path of a file of the artifact, for messages; for a single file, the artifact's own path.
    pub fn shown(&self, path: &ArtifactPath) -> PathBuf {
        if self.is_folder() { self.path.join(path.as_str()) } else { self.path.clone() }
    }

    /// Opens a file of the artifact for reading.
    pub fn file(&self, path: &ArtifactPath) -> Result<(File, Status), ArtifactError> {
        let opened = match &self.folder {
            Some(root) => {
                let (folders, name) = way(path);
                let mut walk = Walk::new(root, folders);
                walk.descend(None).map_err(|stop| ArtifactError::stopped(&self.path, path, stop))?.open(name)
            }
            None => open_named(&self.path),
        };
        let (file, status) = opened.map_err(|refused| ArtifactError::refused(&self.shown(path))(refused))?;
        if status.kind == Kind::File {
            Ok((file, status))
        } else {
            Err(ArtifactError::Kind { path: self.shown(path), needed: "a file" })
        }
    }
}

/// The names of the folders on the path of a file of an artifact, and the file's name.
pub(super) fn way(path: &ArtifactPath) -> (Vec<&OsStr>, &OsStr) {
    let mut parts: Vec<&OsStr> = path.as_str().split('/').map(OsStr::new).collect();
    let name = parts.pop().unwrap_or_default();
    (parts, name)
}

/// The metadata that change when a file is written or replaced: size, time of change, and the file's identity.
pub(super) fn stamp(status: &Status) -> (u64, (i64, i64), u64, u64) {
    (status.size, status.mtime, status.ino, status.dev)
}

/// Reads a file to its end, or until more than `most` bytes are read, and copies the bytes to `sink` (a file and its
/// path for messages). Returns the number of bytes, which exceeds `most` only for a longer file, and their SHA-256.
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
