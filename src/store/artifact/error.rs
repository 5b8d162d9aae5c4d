//! Errors of an artifact, each with a hint.

use std::io;
use std::path::{Path, PathBuf};

use super::mismatch::Mismatch;
use crate::diag::sanitize::one_line;
use crate::model::Invalid;
use crate::model::uri::ArtifactPath;
use crate::store::platform::folder::Refused;
use crate::store::platform::walk::Stop;

/// The maximum number of files of an artifact.
pub const MOST_FILES: usize = 5_000;
/// The maximum size of the file list in a manifest, in bytes. A whole manifest has at most 1 MiB.
pub const MOST_LIST_BYTES: usize = 960 * 1024;

/// Why an artifact could not be read, addressed or copied.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The operating system refused.
    #[error("cannot {doing} `{}`: {source}", shown(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The attempt, as a verb.
        doing: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// A symbolic link: its target is not the artifact's own, and can be changed.
    #[error("`{}` is a symbolic link", shown(.0))]
    Symlink(PathBuf),
    /// A socket, a device or a named pipe.
    #[error("`{}` is neither a file nor a folder", shown(.0))]
    Special(PathBuf),
    /// A file in place of a folder, or the other way round.
    #[error("`{}` is not {needed}", shown(path))]
    Kind {
        /// The file or folder of the wrong kind.
        path: PathBuf,
        /// The kind that is needed.
        needed: &'static str,
    },
    /// The file's name is not allowed in a manifest.
    #[error("`{}` cannot be recorded: {why}", shown(path))]
    Name {
        /// The file.
        path: PathBuf,
        /// What is wrong with its name.
        why: Invalid,
    },
    /// The folder has no files.
    #[error("`{}` has no files", shown(.0))]
    Empty(PathBuf),
    /// A manifest of the folder's files would be too long.
    #[error(
        "`{}` has too many files for a manifest: at most {MOST_FILES} files, in a list of at most {MOST_LIST_BYTES} bytes",
        shown(.0)
    )]
    TooMany(PathBuf),
    /// The file changed while it was read, so the digest would mix two states of the file.
    #[error("`{}` changed while it was read", shown(.0))]
    Changed(PathBuf),
    /// The path cannot be written as an address.
    #[error("`{}` cannot be written as an address: {why}", shown(path))]
    Address {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: Invalid,
    },
    /// The destination of the artifact, or of one of its files, exists.
    #[error("`{}` exists already and is not an empty folder", shown(.0))]
    Occupied(PathBuf),
    /// The path has no last part to name a new folder by, such as `/` or `..`.
    #[error("`{}` is not the name of a new folder", shown(.0))]
    Unnamed(PathBuf),
    /// The manifest records too little for the copy to be checked.
    #[error("the version does not record {missing}, so a copy of `{}` could not be checked", shown(path))]
    Unrecorded {
        /// The artifact.
        path: PathBuf,
        /// The missing entry, such as `its digest`.
        missing: &'static str,
    },
    /// The manifest lists a path twice, or both as a file and as a folder.
    #[error("the version's file list has `{}` twice, or both as a file and as a folder", one_line(.0))]
    Twice(String),
    /// The file system treats the names of two files, or of a file and a folder, as the same name.
    #[error(
        "`{}` and `{}` are the same name on this file system, which ignores case and the form of accents",
        one_line(first),
        one_line(second)
    )]
    OneName {
        /// The file that was copied first.
        first: String,
        /// The file that could not be copied beside the first.
        second: String,
    },
    /// The manifest's digest is not that of its own file list.
    #[error("the version's digest does not match the version's own file list")]
    Contradiction,
    /// The source differs from the manifest.
    #[error("`{}` differs from the version's record: {mismatch}", shown(path))]
    Differs {
        /// The artifact.
        path: PathBuf,
        /// The first difference.
        mismatch: Mismatch,
    },
}

impl ArtifactError {
    /// The way out of the error; none where it depends on the machine.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Io { source, doing, .. } => return hint_io(source, doing),
            Self::Symlink(_) => "replace the link with a copy of its target, or name the target itself",
            Self::Special(_) => "remove this entry from the artifact",
            Self::Kind { .. } => "name the file or folder that was registered",
            Self::Name { why, .. } | Self::Address { why, .. } => &why.hint,
            Self::Empty(_) => "name the folder to which the model was saved",
            Self::TooMany(_) => "pack the folder into one archive, and register the archive",
            Self::Changed(_) => "wait until no program writes to the file, then run the command again",
            Self::Occupied(_) => "name a folder that does not exist yet",
            Self::Unnamed(_) => "write the name of the folder to create, for example `./model`",
            Self::Unrecorded { .. } => "register a version with the artifact's digests",
            Self::Twice(_) | Self::Contradiction => "do not use this version: register the artifact again as a new one",
            Self::OneName { .. } => {
                "pull to a file system that distinguishes case, or register the artifact with other names"
            }
            Self::Differs { .. } => "restore the artifact from a backup, or find out who changed it",
        };
        Some(text.to_owned())
    }

    /// An [`ArtifactError::Io`] of this path, for `map_err`.
    pub(super) fn io<E: Into<io::Error>>(path: &Path, doing: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Io { path: path.to_owned(), doing, source: error.into() }
    }

    /// The error of a path that was not opened, for `map_err`.
    pub(super) fn refused(path: &Path) -> impl FnOnce(Refused) -> Self {
        move |refused| match refused {
            Refused::Link => Self::Symlink(path.to_owned()),
            Refused::Special => Self::Special(path.to_owned()),
            Refused::File => Self::Kind { path: path.to_owned(), needed: "a folder" },
            Refused::Failed { doing, source } => Self::io(path, doing)(source),
        }
    }

    /// The error of a walk from `root` to a file that stopped on its way.
    pub(super) fn stopped(root: &Path, file: &ArtifactPath, stop: Stop) -> Self {
        let mut path = root.to_owned();
        path.extend(file.as_str().split('/').take(stop.depth));
        Self::refused(&path)(stop.why)
    }
}

fn hint_io(error: &io::Error, doing: &str) -> Option<String> {
    let text = match error.kind() {
        io::ErrorKind::NotFound if doing == "create" => "create the parent folder first",
        io::ErrorKind::NotFound => "check the path, and whether its disk or share is mounted",
        io::ErrorKind::PermissionDenied => "ask the owner for access, or run the command as a user with access",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free space on the disk, or choose another disk",
        _ => return None,
    };
    Some(text.to_owned())
}

/// A path that is safe to print on a terminal: file names may contain escape sequences.
fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}
