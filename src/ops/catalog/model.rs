//! What the catalog holds of a model: what is shown of it beside others.

use std::sync::Arc;

use super::happening::{Happening, Record, Shared};
use crate::model::{Entry, ModelSnapshot, ModelUri, ObjectId, Selector, Text, Timestamp, UserId};
use crate::ops::event::{Event, EventKind};
use crate::ops::history::events;
use crate::ops::list::Listed;

/// What the catalog holds of a model.
#[derive(Debug, PartialEq)]
pub struct CatalogModel {
    /// Its line in the list.
    pub listed: Listed,
    /// What it is and what it is for. Markdown.
    pub description: Option<Text>,
    /// Names it had before.
    pub former_names: Vec<String>,
    /// The versions, deleted ones too, by number.
    pub versions: Box<[CatalogVersion]>,
    /// Everybody who did something to it.
    pub people: Box<[Arc<UserId>]>,
    /// Whether a stage has taken a move before its approval. Such a move may still await it.
    pub had_emergency: bool,
    /// What happened to it, newest first.
    pub(super) records: Box<[Record]>,
    /// The versions that were trained from another, and which.
    pub(super) parents: Box<[(u64, Parent)]>,
    /// The folder that it was read from, and its git id.
    pub(super) path: Box<str>,
    pub(super) folder: Option<ObjectId>,
    /// In lower case, what a search looks into: the name and all else that says what the model is, a line each.
    search: Box<str>,
}

/// The version that another was trained from, as the model was called then.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Parent {
    pub model: Box<str>,
    pub version: u64,
}

/// What the catalog holds of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogVersion {
    /// The number.
    pub version: u64,
    /// The stage it is in.
    pub stage: Arc<str>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Whether it is deleted.
    pub deleted: bool,
}

impl CatalogModel {
    pub(super) fn of(model: &ModelSnapshot, folder: &Entry) -> Self {
        let file = &model.file;
        let mut shared = Shared::default();
        let mut version = |manifest: &crate::model::Manifest| CatalogVersion {
            version: manifest.version,
            stage: shared.stage(model.stage_of(manifest.version)),
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

    /// What happened to it, newest first.
    pub fn happenings(&self) -> impl ExactSizeIterator<Item = Happening<'_>> {
        self.records.iter().map(|record| Happening { model: self, record })
    }

    /// Whether every word, in lower case, is somewhere in its name, project, owners, description and tags.
    pub fn mentions(&self, words: &[&str]) -> bool {
        words.iter().all(|word| self.search.contains(word))
    }

    /// Whether a text, in lower case, is in its name.
    pub fn is_called_like(&self, text: &str) -> bool {
        self.folded_name().contains(text)
    }

    /// By what models are in order: the name in lower case, then as it is.
    pub(super) fn order(&self) -> (&str, &str) {
        (self.folded_name(), &self.listed.name)
    }

    /// It begins the text of the search, and is as long as the name, which is plain ASCII.
    fn folded_name(&self) -> &str {
        self.search.get(..self.listed.name.len()).unwrap_or_default()
    }

    /// Whether the name is its own, or was in former times.
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

/// The approvals of moves, as events of their own.
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
