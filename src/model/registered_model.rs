//! `model.toml`: the data that all versions of a registered model share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::Format;
use super::name::{AliasName, ModelName};
use super::text::{Key, Line, Text, UserId};
use super::time::Timestamp;

/// A registered model: the data that all its versions share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisteredModel {
    /// The version of the file format; this program supports 1.
    #[serde(skip_serializing)]
    pub format: Format,
    /// The model's name; equal to the name of its folder.
    pub name: ModelName,
    /// Project id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Line>,
    /// The model and its purpose, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// User ids of the people responsible for the model.
    #[serde(default)]
    pub owners: Vec<UserId>,
    /// When the model was registered.
    pub created_at: Timestamp,
    /// User id of the person who registered the model.
    pub created_by: UserId,
    /// When the description, the tags or other editable values last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// User id of the person who made that change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<UserId>,
    /// Former names of the model; they still resolve.
    #[serde(default)]
    pub former_names: Vec<ModelName>,
    /// Free keys and values, for people and tools.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub tags: BTreeMap<Key, Text>,
    /// Aliases, each with the version it points to.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "alias-name" }))]
    pub aliases: BTreeMap<AliasName, u64>,
    /// The tombstone of a deleted model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Tombstone>,
}

/// The record of a deletion; restoring removes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    /// When the model or version was deleted.
    pub at: Timestamp,
    /// User id of the person who deleted it.
    pub by: UserId,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// A comment on a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// When the comment was written.
    pub at: Timestamp,
    /// User id of the author.
    pub by: UserId,
    /// The text.
    pub text: Text,
}

impl RegisteredModel {
    /// The aliases of a version, sorted.
    pub fn aliases_of(&self, version: u64) -> Vec<&str> {
        self.aliases.iter().filter(|(_, v)| **v == version).map(|(alias, _)| alias.as_str()).collect()
    }

    /// The newest time in the file.
    pub fn last_modified(&self) -> Timestamp {
        [self.updated_at, self.deleted.as_ref().map(|d| d.at)].into_iter().flatten().fold(self.created_at, Ord::max)
    }
}
