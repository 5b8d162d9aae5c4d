//! A difference between a version's record and an artifact.

use std::fmt;

use serde::Serialize;

use crate::model::digest::Digest;
use crate::model::uri::ArtifactPath;

/// A difference between a version's record and an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Mismatch {
    /// A recorded file does not exist.
    Missing {
        /// The file.
        path: ArtifactPath,
    },
    /// A file is not in the record.
    Extra {
        /// The file.
        path: ArtifactPath,
    },
    /// A file is longer or shorter. Its digest then differs too, which is not reported in addition.
    Size {
        /// The file.
        path: ArtifactPath,
        /// Bytes, as recorded.
        recorded: u64,
        /// Bytes, as found.
        found: u64,
    },
    /// A file of the recorded size has another content.
    Digest {
        /// The file.
        path: ArtifactPath,
        /// As recorded.
        recorded: Digest,
        /// As found.
        found: Digest,
    },
    /// The artifact as a whole is larger or smaller.
    WholeSize {
        /// Bytes, as recorded.
        recorded: u64,
        /// Bytes, as found.
        found: u64,
    },
    /// The artifact as a whole has another digest.
    Whole {
        /// As recorded.
        recorded: Digest,
        /// As found.
        found: Digest,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "`{path}` is missing"),
            Self::Extra { path } => write!(f, "`{path}` is not in the record"),
            Self::Size { path, recorded, found } => {
                write!(f, "`{path}` has {found} bytes instead of the recorded {recorded}")
            }
            Self::Digest { path, recorded, found } => {
                write!(f, "`{path}` has the digest {found} instead of the recorded {recorded}")
            }
            Self::WholeSize { recorded, found } => {
                write!(f, "the artifact has {found} bytes in total instead of the recorded {recorded}")
            }
            Self::Whole { recorded, found } => {
                write!(f, "the artifact has the digest {found} instead of the recorded {recorded}")
            }
        }
    }
}
