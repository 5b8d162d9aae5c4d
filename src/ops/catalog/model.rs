//! The catalog's values of a model.

use std::sync::Arc;

use super::event::{CatalogEvent, Record, Shared};
use crate::model::{Entry, ModelSnapshot, ModelUri, ObjectId, Selector, Text, Timestamp, UserId};
use crate::ops::event::{Event, EventKind};
use crate::ops::history::events;
use crate::ops::list::Listed;

/// The catalog's values of a model.
#[derive(Debug, PartialEq)]
pub struct CatalogModel {
    /// The model's list entry.
    pub listed: Listed,
    /// The description, in Markdown.
    pub description: Option<Text>,
    /// The former names.
    pub former_names: Vec<String>,
    /// The versions, including deleted ones, by number.
    pub versions: Box<[CatalogVersion]>,
    /// The users of the model's events.
    pub people: Box<[Arc<UserId>]>,
    /// Whether a journal contains an emergency, which may still await approval.
    pub had_emergency: bool,
    /// The events, newest first.
    pub(super) records: Box<[Record]>,
    /// The versions that were trained from another version, each with that version.
    pub(super) parents: Box<[(u64, Parent)]>,
    /// The model's folder, and the folder's git id.
    pub(super) path: Box<str>,
    pub(super) folder: Option<ObjectId>,
    /// The text for searches, in lower case: name, project, owners, tags and description, one per line.
    search: Box<str>,
}

/// The version that another was trained from, with the name of the model at that time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Parent {
    pub model: Box<str>,
    pub version: u64,
}

/// The catalog's values of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogVersion {
    /// The number.
    pub version: u64,
    /// All stages of the version, in the policy's order. The versions of a model share them.
    pub stages: Arc<[Arc<str>]>,
    /// The time of the registration.
    pub created_at: Timestamp,
    /// Whether the version is deleted.
    pub deleted: bool,
}

impl CatalogModel {
    pub(super) fn of(model: &ModelSnapshot, folder: &Entry) -> Self {
        let file = &model.file;
        let mut shared = Shared::default();
        let mut version = |manifest: &crate::model::Manifest| CatalogVersion {
            version: manifest.version,
            stages: shared.stages_of(&model.stages_of(manifest.version)),
            created_at: manifest.created_at,
            deleted: manifest.deleted.is_some(),
        };
        let versions = model.versions.values().map(&mut version).collect();
        let parents = model.versions.values().filter_map(|manifest| {
            let parent = ModelUri::parse(manifest.lineage.parent.as_ref()?.as_str()).ok()?;
            let Selector::Version(version) = parent.selector else { return None };
            Some((manifest.version, Parent { model: parent.model.as_str().into(), version }))
        });
        let mut happened = events(model);
        happened.extend(approvals(model));
        happened.sort_by_key(|event| event.at);
        let records = happened.into_iter().rev().map(|event| shared.record(event)).collect();
        Self {
            listed: Listed::of(model),
            description: file.description.clone(),
            former_names: file.former_names.iter().map(ToString::to_string).collect(),
            versions,
            people: shared.into_people(),
            had_emergency: model.stages.iter().flat_map(|stage| &stage.history).any(|entry| entry.emergency),
            records,
            parents: parents.collect(),
            path: folder.path.as_str().into(),
            folder: folder.id,
            search: search(model).into(),
        }
    }

    /// The events, newest first.
    pub fn events(&self) -> impl ExactSizeIterator<Item = CatalogEvent<'_>> {
        self.records.iter().map(|record| CatalogEvent { model: self, record })
    }

    /// Whether every word (in lower case) is in the name, project, owners, tags or description.
    pub fn mentions(&self, words: &[&str]) -> bool {
        words.iter().all(|word| self.search.contains(word))
    }

    /// Whether a text (in lower case) is in the name.
    pub fn is_called_like(&self, text: &str) -> bool {
        self.folded_name().contains(text)
    }

    /// The sort key of models: the name in lower case, then the name.
    pub(super) fn order(&self) -> (&str, &str) {
        (self.folded_name(), &self.listed.name)
    }

    /// The name in lower case: the beginning of the search text. Names are ASCII, so the length is the same.
    fn folded_name(&self) -> &str {
        self.search.get(..self.listed.name.len()).unwrap_or_default()
    }

    /// Whether the name is the model's present name or a former one.
    pub(super) fn answers_to(&self, name: &str) -> bool {
        self.listed.name == name || self.former_names.iter().any(|former| former == name)
    }
}

fn search(model: &ModelSnapshot) -> String {
    let file = &model.file;
    let mut lines = vec![file.name.as_str()];
    lines.extend(file.project.as_ref().map(|project| project.as_str()));
    lines.extend(file.owners.iter().map(UserId::as_str));
    lines.extend(file.tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]));
    lines.extend(file.description.as_ref().map(Text::as_str));
    lines.join("\n").to_lowercase()
}

/// The approvals of moves as separate events.
fn approvals(model: &ModelSnapshot) -> Vec<Event> {
    let mut events = Vec::new();
    for stage in &model.stages {
        for entry in &stage.history {
            events.extend(entry.approvals.iter().map(|approval| Event {
                version: Some(entry.version),
                stage: Some(stage.stage.to_string()),
                from: entry.from,
                text: approval.comment.as_ref().map(ToString::to_string),
                ..Event::new(EventKind::Approve, approval.at, &approval.by, model.file.name.as_str())
            }));
        }
    }
    events
}
