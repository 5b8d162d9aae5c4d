//! Artifacts on this machine: computing their digests, comparing them with a manifest, and copying them.
//!
//! Every user who can push a branch can write a manifest, and a folder can change while the program reads it. So every
//! file is opened part by part below its root, never through a symbolic link, and no file is trusted before it is
//! hashed.

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

/// Receives the progress of reading an artifact, possibly from several threads at once.
pub trait Progress: Sync {
    /// The total number of bytes. Called once, before reading.
    fn total(&self, bytes: u64);
    /// Another `bytes` bytes were read.
    fn advance(&self, bytes: u64);
}

/// Ignores the progress.
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
