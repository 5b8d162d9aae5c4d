//! What pages say of the whole registry, made once for each commit and not for each page.

use std::collections::BTreeSet;

use super::charts::moves_chart;
use super::site::View;
use crate::model::{Action, Registry, Review, Timestamp};
use crate::ops::{Catalog, Event};

/// How many decisions are kept, the newest.
const MOST_DECIDED: usize = 50;

/// What pages say of the whole registry.
pub(super) struct Summary {
    /// The chart of all transitions and what a bar of it stands for; none where nothing has moved.
    pub moves: Option<(String, &'static str)>,
    /// How many transitions there were, and how many were rollbacks.
    pub transitions: usize,
    pub rollbacks: usize,
    /// Everybody who did something.
    pub people: BTreeSet<String>,
    /// Everybody who owns a model, and all projects.
    pub owners: BTreeSet<String>,
    pub projects: BTreeSet<String>,
    /// Moves that were reviewed, emergencies, and requests that were rejected: newest first.
    pub decided: Vec<Event>,
}

/// How much there is in a registry, and how much waits.
pub(super) struct Counts {
    /// Models and versions that are not deleted.
    pub models: usize,
    pub versions: usize,
    /// Requests that wait, and since when the oldest does.
    pub waiting: usize,
    pub oldest: Option<Timestamp>,
    /// Emergencies that await their approval.
    pub emergencies: usize,
}

impl Counts {
    pub fn of(view: &View) -> Self {
        let live = || view.catalog.models().filter(|model| !model.listed.deleted);
        let requests = || view.reviews.open.iter().map(|review| &review.request);
        Self {
            models: live().count(),
            versions: live().map(|model| model.listed.versions).sum(),
            waiting: requests().filter(|request| !request.landed).count(),
            oldest: requests().filter(|request| !request.landed).map(|request| request.entry.at).min(),
            emergencies: requests().filter(|request| request.landed).count(),
        }
    }
}

impl Summary {
    pub fn of(catalog: &Catalog) -> Self {
        let moves: Vec<_> = catalog.activity().filter_map(transition).collect();
        let mut people = BTreeSet::new();
        for event in catalog.activity() {
            if !people.contains(event.by.as_str()) {
                people.insert(event.by.to_string());
            }
        }
        let owners = catalog.models().flat_map(|model| &model.listed.owners).map(ToString::to_string);
        Self {
            moves: moves_chart(&moves),
            transitions: moves.len(),
            rollbacks: moves.iter().filter(|(_, action)| *action == Action::Rollback).count(),
            people,
            owners: owners.collect(),
            decided: catalog
                .activity()
                .filter(|event| decided(event, &catalog.registry))
                .take(MOST_DECIDED)
                .cloned()
                .collect(),
            projects: catalog.models().filter_map(|model| model.listed.project.clone()).collect(),
        }
    }
}

/// When something moved, and how; none for an event that is no move.
fn transition(event: &Event) -> Option<(Timestamp, Action)> {
    let action =
        [Action::Promote, Action::Rollback, Action::Withdraw].into_iter().find(|a| a.word() == event.action)?;
    Some((event.at, action))
}

/// Whether an event ended a review, or went around one.
fn decided(event: &Event, registry: &Registry) -> bool {
    if !event.is_move() {
        // A rejected request leaves a comment that begins so.
        return event.action == "comment" && event.text.as_deref().is_some_and(|text| text.starts_with("Request to "));
    }
    // Who approved on a forge is the forge's business, and in no journal.
    let policy = event.stage.as_deref().and_then(|stage| registry.stage(stage));
    event.emergency || !event.approved_by.is_empty() || policy.is_some_and(|policy| policy.review == Review::Forge)
}
