//! What the catalog holds of a model: what is shown of it beside others.

use std::collections::BTreeMap;

use crate::model::{Key, ModelSnapshot, ModelUri, Text, Timestamp, UserId};
use crate::ops::history::{Event, events};
use crate::ops::list::Listed;

/// What the catalog holds of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogModel {
    /// Its line in the list.
    pub listed: Listed,
    /// Who registered it.
    pub created_by: UserId,
    /// What it is and what it is for. Markdown.
    pub description: Option<Text>,
    /// Key and value pairs for people and their tools.
    pub tags: BTreeMap<Key, Text>,
    /// Names it had before.
    pub former_names: Vec<String>,
    /// The versions, deleted ones too, by number.
    pub versions: Vec<CatalogVersion>,
    /// What happened to it, newest first.
    pub events: Vec<Event>,
    /// The versions that were trained from another, and which.
    pub parents: Vec<(u64, ModelUri)>,
}

/// What the catalog holds of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogVersion {
    /// The number.
    pub version: u64,
    /// The stage it is in.
    pub stage: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Whether it is deleted.
    pub deleted: bool,
}

impl CatalogModel {
    pub(super) fn of(model: &ModelSnapshot) -> Self {
        let file = &model.file;
        let version = |manifest: &crate::model::Manifest| CatalogVersion {
            version: manifest.version,
            stage: model.stage_of(manifest.version).to_owned(),
            created_at: manifest.created_at,
            deleted: manifest.deleted.is_some(),
        };
        let parents = model.versions.values().filter_map(|manifest| {
            let parent = ModelUri::parse(manifest.lineage.parent.as_ref()?.as_str()).ok()?;
            Some((manifest.version, parent))
        });
        let mut happened = events(model);
        happened.extend(approvals(model));
        happened.sort_by_key(|event| event.at);
        happened.reverse();
        Self {
            listed: Listed::of(model),
            created_by: file.created_by.clone(),
            description: file.description.clone(),
            tags: file.tags.clone(),
            former_names: file.former_names.iter().map(ToString::to_string).collect(),
            versions: model.versions.values().map(version).collect(),
            events: happened,
            parents: parents.collect(),
        }
    }

    /// Whether a stage has taken a move before its approval. Such a move may still await it.
    pub fn had_emergency(&self) -> bool {
        self.events.iter().any(|event| event.emergency)
    }
}

/// The approvals of moves, as events of their own.
fn approvals(model: &ModelSnapshot) -> Vec<Event> {
    let mut events = Vec::new();
    for stage in &model.stages {
        for entry in &stage.history {
            events.extend(entry.approvals.iter().map(|approval| Event {
                at: approval.at,
                by: approval.by.clone(),
                model: model.file.name.to_string(),
                action: "approve".into(),
                version: Some(entry.version),
                stage: Some(stage.stage.to_string()),
                from: entry.from,
                text: approval.comment.as_ref().map(ToString::to_string),
                emergency: false,
                approved_by: Vec::new(),
            }));
        }
    }
    events
}
