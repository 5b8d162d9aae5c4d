//! `model.toml`: what stays the same from version to version of a registered model.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::Format;
use super::name::{AliasName, ModelName};
use super::text::{Key, Line, Text, UserId};
use super::time::Timestamp;

/// What stays the same from version to version of a registered model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisteredModel {
    /// The version of the file format; this program knows 1.
    #[serde(skip_serializing)]
    pub format: Format,
    /// The model's name; equals its folder's.
    pub name: ModelName,
    /// Project id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Line>,
    /// What the model is and what it is for. Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// User ids of those who answer for the model.
    #[serde(default)]
    pub owners: Vec<UserId>,
    /// When the model was registered.
    pub created_at: Timestamp,
    /// User id of who registered it.
    pub created_by: UserId,
    /// When what may change was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// User id of who edited it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<UserId>,
    /// Names the model had before; they still resolve.
    #[serde(default)]
    pub former_names: Vec<ModelName>,
    /// Key and value pairs for people and their tools.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub tags: BTreeMap<Key, Text>,
    /// Names that point to a version each.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "alias-name" }))]
    pub aliases: BTreeMap<AliasName, u64>,
    /// The tombstone of a deleted model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Tombstone>,
}

/// What deleting leaves; restoring takes it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    /// When it was deleted.
    pub at: Timestamp,
    /// User id of who deleted it.
    pub by: UserId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// A remark on a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// When it was made.
    pub at: Timestamp,
    /// User id of who made it.
    pub by: UserId,
    /// What was said.
    pub text: Text,
}

impl RegisteredModel {
    /// The newest time in the file.
    pub fn last_modified(&self) -> Timestamp {
        [self.updated_at, self.deleted.as_ref().map(|d| d.at)].into_iter().flatten().fold(self.created_at, Ord::max)
    }
}
