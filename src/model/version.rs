//! `versions/N.toml`: the manifest of a model version. Once merged, only the keys in [`MUTABLE_KEYS`] may change.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::digest::{CommitId, Digest};
use super::file::Format;
use super::name::StageName;
use super::registered_model::{Comment, Tombstone};
use super::scalar::{Number, Scalar};
use super::stage::Action;
use super::text::{Key, Line, Text, UserId};
use super::time::Timestamp;
use super::uri::{ArtifactPath, ArtifactUri, Link, RepositoryUrl};

/// The manifest of a model version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the file format; this program supports 1.
    #[serde(skip_serializing)]
    pub format: Format,
    /// The version's number: 1, 2, 3, ... without gaps; equal to the number in the file name.
    #[schemars(range(min = 1))]
    pub version: u64,
    /// When the version was registered.
    pub created_at: Timestamp,
    /// User id of the person who registered it.
    pub created_by: UserId,
    /// Project id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Line>,
    /// The environment in which it was trained and registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Line>,
    /// The artifact: its address, size and digests.
    pub artifact: Artifact,
    /// The origin of the version: run, code, parent and datasets.
    #[serde(default, skip_serializing_if = "Lineage::is_empty")]
    pub lineage: Lineage,
    /// Parameters of the training.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub params: BTreeMap<Key, Scalar>,
    /// Measured values.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub metrics: BTreeMap<Key, Number>,
    /// The inputs and outputs of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,

    /// A description in Markdown. This key and all keys below may change after the merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Whether the version is archived; if absent, derived from the stages it has been in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// When the description, the tags or other editable values last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// User id of the person who made that change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<UserId>,
    /// Free keys and values, for people and tools.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub tags: BTreeMap<Key, Text>,
    /// Comments on the version, oldest first; append-only.
    #[serde(default)]
    pub comments: Vec<Comment>,
    /// Requests to move the version that did not land, oldest first; append-only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_requests: Vec<ClosedRequest>,
    /// The tombstone of a deleted version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Tombstone>,
}

/// An artifact: its address, size and digests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Its address.
    pub uri: ArtifactUri,
    /// The library that wrote the artifact: `sklearn`, `pytorch`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flavor: Option<Line>,
    /// The total size in bytes.
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
    /// The path in the artifact.
    pub path: ArtifactPath,
    /// The size in bytes.
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

/// The origin of a version.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// The training run's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Line>,
    /// The experiment the run belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Line>,
    /// The address of the run's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_link: Option<Link>,
    /// The training code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// The version from which this version was trained: `models:/NAME/N`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ArtifactUri>,
    /// The training data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<Dataset>,
}

impl Lineage {
    /// Whether no key is set.
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

/// A dataset that a version was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// Its name.
    pub name: Line,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<ArtifactUri>,
    /// A digest of its content, in the form that its source gives: `md5:...`, a short hash, an ETag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Line>,
}

impl Dataset {
    /// The digest for people: of a SHA-256 digest the first twelve digits, else the whole text.
    pub fn short_digest(&self) -> Option<String> {
        let digest = self.digest.as_ref()?.as_str();
        Some(Digest::new(digest).map_or_else(|_| digest.to_owned(), |digest| digest.short().to_owned()))
    }
}

/// The inputs and outputs of a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The inputs.
    #[serde(default)]
    pub inputs: Vec<Field>,
    /// The outputs.
    #[serde(default)]
    pub outputs: Vec<Field>,
    /// The params that the model takes beside its inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<Field>,
}

/// A column, tensor or param of a signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name; optional for a single tensor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Line>,
    /// The element type: `double`, `float32`, `string`, ...
    #[serde(rename = "type")]
    pub kind: Line,
    /// Whether there must be a value; absent: not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// The tensor's shape; -1 means any length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<i64>>,
    /// The fields of an object, or the one field without a name that each item of an array is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// The value of a param that is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Scalar>,
}

impl Field {
    /// The type with nested fields, the default, and whether the field is optional, but without the shape:
    /// `object{a: double, b: array<long>}`.
    pub fn type_without_shape(&self) -> String {
        self.type_text(false)
    }

    /// The whole type in a line, with the shape: `float32[-1, 28]`.
    pub fn whole_type(&self) -> String {
        self.type_text(true)
    }

    fn type_text(&self, shape: bool) -> String {
        let mut text = self.kind.to_string();
        let nested = |field: &Self| match &field.name {
            Some(name) => format!("{name}: {}", field.whole_type()),
            None => field.whole_type(),
        };
        match self.fields.as_slice() {
            [] => {}
            [item] if item.name.is_none() => text.push_str(&format!("<{}>", nested(item))),
            fields => text.push_str(&format!("{{{}}}", fields.iter().map(nested).collect::<Vec<_>>().join(", "))),
        }
        if let Some(shape) = self.shape.as_ref().filter(|_| shape) {
            text.push_str(&format!("{shape:?}"));
        }
        if let Some(default) = &self.default {
            text.push_str(&format!(" = {default}"));
        }
        if self.required == Some(false) {
            text.push_str(" (optional)");
        }
        text
    }
}

/// A request to move a version that did not land.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedRequest {
    /// When the request was closed.
    pub at: Timestamp,
    /// User id of the person who closed the request.
    pub by: UserId,
    /// Why the request did not land.
    pub outcome: Outcome,
    /// The stage of the move.
    pub stage: StageName,
    /// The kind of move.
    pub action: Action,
    /// The version that was in the stage when the move was requested; absent: none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub from: Option<u64>,
    /// When the move was requested.
    pub requested_at: Timestamp,
    /// User id of the requester.
    pub requested_by: UserId,
    /// The reason for closing the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl ClosedRequest {
    /// The outcome, the move and the requester in a line.
    pub fn in_words(&self) -> String {
        let Self { stage, outcome, requested_by, .. } = self;
        let from = self.from.map_or(String::new(), |from| format!(" (was {from})"));
        let asked = match self.action {
            Action::Promote => format!("promotion to {stage}{from}"),
            Action::Rollback => format!("rollback in {stage}{from}"),
            Action::Withdraw => format!("withdrawal from {stage}"),
        };
        format!("{asked} {}, requested by {requested_by}", outcome.word())
    }
}

/// Why a request did not land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Another person than the requester rejected the request.
    Rejected,
    /// The requester withdrew the request.
    Withdrawn,
}

impl Outcome {
    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The keys that may change after a version was merged; every other key is a fact.
pub const MUTABLE_KEYS: [&str; 8] =
    ["description", "archived", "updated_at", "updated_by", "tags", "comments", "closed_requests", "deleted"];

impl Manifest {
    /// The manifest without its mutable keys, for comparison.
    pub fn facts(&self) -> Self {
        Self {
            description: None,
            archived: None,
            updated_at: None,
            updated_by: None,
            tags: BTreeMap::new(),
            comments: Vec::new(),
            closed_requests: Vec::new(),
            deleted: None,
            ..self.clone()
        }
    }

    /// The newest time in the file.
    pub fn last_modified(&self) -> Timestamp {
        let comments = self.comments.iter().map(|c| c.at);
        let closed = self.closed_requests.iter().map(|request| request.at);
        let deleted = self.deleted.iter().map(|d| d.at);
        self.updated_at.into_iter().chain(comments).chain(closed).chain(deleted).fold(self.created_at, Ord::max)
    }
}
