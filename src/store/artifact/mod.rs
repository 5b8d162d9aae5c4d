//! stub
use crate::model::*;
use std::path::*;
pub trait Progress: Sync {
    fn total(&self, bytes: u64);
    fn advance(&self, bytes: u64);
}
impl Progress for () {
    fn total(&self, _: u64) {}
    fn advance(&self, _: u64) {}
}
#[derive(Debug, Clone)]
pub struct Scanned {
    pub size: u64,
    pub digest: Digest,
    pub files: Vec<ArtifactFile>,
}
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct ArtifactError;
impl ArtifactError {
    pub fn mend(&self) -> Option<String> {
        None
    }
}
#[derive(Debug, Clone, serde::Serialize)]
pub struct Mismatch;
impl std::fmt::Display for Mismatch {
    fn fmt(&self, _: &mut std::fmt::Formatter) -> std::fmt::Result {
        Ok(())
    }
}
pub enum Verdict {
    Same { files: usize, bytes: u64 },
    Differs(Vec<Mismatch>),
    Nothing,
}
pub struct Pulled {
    pub files: usize,
    pub bytes: u64,
}
pub fn scan(_: &Path, _: &dyn Progress) -> Result<Scanned, ArtifactError> {
    Err(ArtifactError)
}
pub fn verify(_: &Path, _: &Artifact, _: &dyn Progress) -> Result<Verdict, ArtifactError> {
    Err(ArtifactError)
}
pub fn pull(_: &Path, _: &Artifact, _: &Path, _: &dyn Progress) -> Result<Pulled, ArtifactError> {
    Err(ArtifactError)
}
pub fn local_path(_: &ArtifactUri) -> Option<PathBuf> {
    None
}
pub fn file_uri(_: &Path) -> Result<ArtifactUri, ArtifactError> {
    Err(ArtifactError)
}
