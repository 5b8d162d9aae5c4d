//! `versions/N.toml`: the manifest of a model version. All but its last group never changes once merged.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::digest::{CommitId, Digest};
use super::file::Format;
use super::registered_model::{Comment, Tombstone};
use super::scalar::{Number, Scalar};
use super::text::{Key, Line, Text, UserId};
use super::time::Timestamp;
use super::uri::{ArtifactPath, ArtifactUri, Link, RepositoryUrl};

/// The manifest of a model version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the file format; this program knows 1.
    #[serde(skip_serializing)]
    pub format: Format,
    /// The version's number, from 1 without a gap; equals the file's name.
    #[schemars(range(min = 1))]
    pub version: u64,
    /// When the version was registered.
    pub created_at: Timestamp,
    /// User id of who registered it.
    pub created_by: UserId,
    /// Project id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Line>,
    /// Where it was trained and registered from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Line>,
    /// What was trained, where it lies, and its digests.
    pub artifact: Artifact,
    /// What it was made from.
    #[serde(default, skip_serializing_if = "Lineage::is_empty")]
    pub lineage: Lineage,
    /// What was chosen before training.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub params: BTreeMap<Key, Scalar>,
    /// What was measured after it.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub metrics: BTreeMap<Key, Number>,
    /// What the model takes and gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,

    /// What this version is. Markdown. May change, as all that follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Whether the version is out of sight; absent: derived from the stages it has been in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// When what may change was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// User id of who edited it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<UserId>,
    /// Key and value pairs for people and their tools.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub tags: BTreeMap<Key, Text>,
    /// What was said of the version, oldest first; append-only.
    #[serde(default)]
    pub comments: Vec<Comment>,
    /// The tombstone of a deleted version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Tombstone>,
}

/// What was trained: where it lies, and its digests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Where it lies.
    pub uri: ArtifactUri,
    /// The library that wrote it: `sklearn`, `pytorch`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flavor: Option<Line>,
    /// Bytes in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The file's own digest, or for a folder the root digest of the OpenSSF model-signing manifest:
    /// SHA-256 over the raw digests of its files, in the order of their paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The file manifest, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ArtifactFile>,
}

/// A file of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactFile {
    /// Where it lies in the artifact.
    pub path: ArtifactPath,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub digest: Digest,
}

impl ArtifactFile {
    /// The order of a file manifest: part by part, as the OpenSSF model-signing library sorts paths.
    pub fn order(&self) -> impl Ord + '_ {
        self.path.as_str().split('/').collect::<Vec<_>>()
    }
}

/// What a version was made from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// The training run's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Line>,
    /// The experiment the run belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Line>,
    /// The run's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_link: Option<Link>,
    /// The code that trained it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// The version it was trained from: `models:/NAME/N`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ArtifactUri>,
    /// The data it was trained on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<Dataset>,
}

impl Lineage {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A commit of a source repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The repository's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryUrl>,
    /// The commit's id.
    pub commit: CommitId,
}

/// Data that a version was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// What it is called.
    pub name: Line,
    /// Where it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<ArtifactUri>,
    /// SHA-256 of its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// What a model takes and gives.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// What it takes.
    #[serde(default)]
    pub inputs: Vec<Field>,
    /// What it gives.
    #[serde(default)]
    pub outputs: Vec<Field>,
}

/// A column or tensor of a signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The column's name; a single tensor needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Line>,
    /// The element type: `double`, `float32`, `string`, ...
    #[serde(rename = "type")]
    pub kind: Line,
    /// The tensor's shape; -1 stands for any length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<i64>>,
}

/// The keys that may change after a version was merged; every other key is a fact.
pub const MUTABLE_KEYS: [&str; 7] =
    ["description", "archived", "updated_at", "updated_by", "tags", "comments", "deleted"];

impl Manifest {
    /// The manifest with nothing but its facts, for comparing.
    pub fn facts(&self) -> Self {
        Self {
            description: None,
            archived: None,
            updated_at: None,
            updated_by: None,
            tags: BTreeMap::new(),
            comments: Vec::new(),
            deleted: None,
            ..self.clone()
        }
    }

    /// The newest time in the file.
    pub fn last_modified(&self) -> Timestamp {
        let comments = self.comments.iter().map(|c| c.at);
        let deleted = self.deleted.iter().map(|d| d.at);
        self.updated_at.into_iter().chain(comments).chain(deleted).fold(self.created_at, Ord::max)
    }
}
