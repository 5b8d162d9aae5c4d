//! The version that is in a stage for everybody who reads the registry's branch.

use anyhow::Result;

use super::moved::Moved;
use crate::model::{ArtifactUri, Digest, ModelName, Snapshot, StageName};
use crate::ops::session::Session;

/// The version that is in a stage for everybody who reads the registry's branch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Serving {
    /// The registry's branch, as this clone knows it.
    pub branch: String,
    /// The version; none if the stage is empty.
    pub version: Option<u64>,
    /// The artifact's address.
    pub uri: Option<ArtifactUri>,
    /// The artifact's digest.
    pub digest: Option<Digest>,
}

impl Serving {
    /// Reads the stage of a move. Files that `known` has read are not read again.
    pub(super) fn read(session: &Session, known: &Snapshot<'_>, moved: &Moved) -> Result<Self> {
        let (model, stage) = (&ModelName::new(moved.model.as_str())?, &StageName::new(moved.stage.as_str())?);
        let branch = session.registry_branch_of(&known.registry)?;
        let tree = session.store.tree(Some(branch.tip))?;
        let snapshot = Snapshot::beside(known, &tree)?;
        let version = snapshot.stage(model, stage)?.and_then(|stage| stage.version);
        let manifest = version.map(|version| snapshot.manifest(model, version)).transpose()?.flatten();
        let artifact = manifest.map(|manifest| manifest.artifact);
        let (uri, digest) = artifact.map_or((None, None), |artifact| (Some(artifact.uri), artifact.digest));
        Ok(Self { branch: branch.branch.name().to_owned(), version, uri, digest })
    }

    /// The version and its address, in words.
    pub(super) fn in_words(&self) -> String {
        match (self.version, &self.uri) {
            (None, _) => "nothing".into(),
            (Some(version), None) => format!("version {version}"),
            (Some(version), Some(uri)) => format!("version {version}, {uri}"),
        }
    }
}
