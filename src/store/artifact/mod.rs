//! Artifacts on this machine: taking their digests, comparing them with what a manifest records, copying them.
//!
//! A manifest is written by whoever can push a branch, and a folder may change under the program's feet. So every file
//! is opened part by part beneath its root, never through a symbolic link, and nothing is believed before it is hashed.

use sha2::{Digest as _, Sha256};

use crate::model::digest::Digest;
use crate::model::version::ArtifactFile;

mod address;
mod beneath;
mod error;
mod mismatch;
pub mod pull;
pub mod scan;
mod target;
#[cfg(test)]
mod tests;
pub mod verify;

pub use address::{file_uri, local_path};
pub use error::ArtifactError;
pub use mismatch::Mismatch;
pub use pull::{Pulled, pull};
pub use scan::{Scanned, scan};
pub use verify::{Verdict, verify};

/// Who is told how far the reading of an artifact is. Several threads may tell it at once.
pub trait Progress: Sync {
    /// There are `bytes` bytes to read in all; told once, before the first is read.
    fn total(&self, bytes: u64);
    /// Another `bytes` bytes were read.
    fn advance(&self, bytes: u64);
}

/// Nobody is told.
impl Progress for () {
    fn total(&self, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// The digest of a folder whose files are these, in the order of [`ArtifactFile::order`]: SHA-256 over their raw
/// 32-byte digests. It is the subject's digest in an OpenSSF model-signing v1 statement that lists whole files.
fn folder_digest(files: &[ArtifactFile]) -> Digest {
    let mut whole = Sha256::new();
    for file in files {
        whole.update(file.digest.bytes());
    }
    Digest::from_bytes(&whole.finalize().into())
}

/// A file's parts, which [`ArtifactFile::order`] compares too.
fn parts(path: &str) -> Vec<&str> {
    path.split('/').collect()
}
