//! What can go wrong with an artifact, and how to fix it.

use std::io;
use std::path::{Path, PathBuf};

use super::mismatch::Mismatch;
use crate::diag::sanitize::one_line;
use crate::model::Invalid;
use crate::model::uri::ArtifactPath;
use crate::store::platform::folder::Refused;
use crate::store::platform::walk::Stop;

/// The most files that an artifact may have.
pub const MOST_FILES: usize = 5_000;
/// The most bytes that a file list may take in a manifest, which as a whole stays under 1 MiB.
pub const MOST_LIST_BYTES: usize = 960 * 1024;

/// Why an artifact could not be read, addressed or copied.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The operating system refused.
    #[error("cannot {doing} `{}`: {source}", shown(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as a verb.
        doing: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// A symbolic link: what it shows is not the artifact's own, and can be turned elsewhere.
    #[error("`{}` is a symbolic link", shown(.0))]
    Symlink(PathBuf),
    /// A socket, a device or a named pipe.
    #[error("`{}` is neither a file nor a folder", shown(.0))]
    Special(PathBuf),
    /// A file stands where a folder is needed, or the other way round.
    #[error("`{}` is not {needed}", shown(path))]
    Kind {
        /// What is of the wrong kind.
        path: PathBuf,
        /// What it should be.
        needed: &'static str,
    },
    /// A manifest cannot hold the file's name.
    #[error("`{}` cannot be recorded: {why}", shown(path))]
    Name {
        /// The file.
        path: PathBuf,
        /// What is wrong with its name.
        why: Invalid,
    },
    /// The folder holds no file.
    #[error("`{}` holds no file", shown(.0))]
    Empty(PathBuf),
    /// A manifest of the folder's files would be too long.
    #[error(
        "`{}` holds too many files for a manifest: at most {MOST_FILES} files, whose list has at most {MOST_LIST_BYTES} bytes",
        shown(.0)
    )]
    TooMany(PathBuf),
    /// The file changed while it was read, so that its digest would be of no file that ever was.
    #[error("`{}` changed while it was read", shown(.0))]
    Changed(PathBuf),
    /// The path makes no address.
    #[error("`{}` makes no address: {why}", shown(path))]
    Address {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: Invalid,
    },
    /// There is something where the artifact, or a file of it, shall be put.
    #[error("`{}` is there already, and is no empty folder", shown(.0))]
    Occupied(PathBuf),
    /// The path names no folder that could be made.
    #[error("`{}` names no new folder", shown(.0))]
    Unnamed(PathBuf),
    /// The manifest records too little for the copy to be checked.
    #[error("the version records no {missing}, so a copy of `{}` could not be checked", shown(path))]
    Unrecorded {
        /// Where the artifact lies.
        path: PathBuf,
        /// What is not recorded.
        missing: &'static str,
    },
    /// The manifest names the same file twice, or one as a file and as a folder.
    #[error("the version's file list has `{}` twice, or also as a folder", one_line(.0))]
    Twice(String),
    /// The file system takes the names of two files, or of a file and a folder, for one.
    #[error(
        "`{}` and `{}` are one name on this file system, where case and the form of accents do not count",
        one_line(first),
        one_line(second)
    )]
    OneName {
        /// The file whose name was free.
        first: String,
        /// The file whose name was not.
        second: String,
    },
    /// The manifest's digest is not that of its own file list.
    #[error("the version's digest is not the one that its own file list gives")]
    Contradiction,
    /// The source is not what the manifest records.
    #[error("`{}` is not what the version records: {mismatch}", shown(path))]
    Differs {
        /// Where the artifact lies.
        path: PathBuf,
        /// The first difference.
        mismatch: Mismatch,
    },
}

impl ArtifactError {
    /// What to do about it; none where only the reader can know.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Io { source, doing, .. } => return hint_io(source, doing),
            Self::Symlink(_) => "put the file that it points to in its place, or name that file or folder itself",
            Self::Special(_) => "remove it from the artifact",
            Self::Kind { .. } => "name the file or folder that was registered",
            Self::Name { why, .. } | Self::Address { why, .. } => &why.hint,
            Self::Empty(_) => "name the folder that the model was saved to",
            Self::TooMany(_) => "pack the folder into one archive, and register that",
            Self::Changed(_) => "wait until whatever writes the file is done, then try again",
            Self::Occupied(_) => "name a folder that does not exist yet",
            Self::Unnamed(_) => "write the name of the folder to make, as in `./model`",
            Self::Unrecorded { .. } => "register a version with the artifact's digests",
            Self::Twice(_) | Self::Contradiction => "do not use this version: register the artifact again as a new one",
            Self::OneName { .. } => {
                "pull to a file system where case counts, or register the artifact with other names"
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
        io::ErrorKind::NotFound if doing == "create" => "make the folder that it shall be put in first",
        io::ErrorKind::NotFound => "check the path; is the disk or share that it lies on mounted?",
        io::ErrorKind::PermissionDenied => "ask its owner for access, or run as a user who has it",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the disk, or choose another",
        _ => return None,
    };
    Some(text.to_owned())
}

/// A path that a terminal can be shown: file names may hold escapes.
fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}
