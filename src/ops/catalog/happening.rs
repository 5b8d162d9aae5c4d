//! What happened to a model, as the catalog keeps it: small, for there are many times as many events as models.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::sync::Arc;

use super::model::CatalogModel;
use crate::model::{Action, Registry, Review, Timestamp, UserId};
use crate::ops::event::{Event, EventKind};

/// What is kept of an event: all but its model, and what many have in common once.
#[derive(Debug, PartialEq)]
pub(super) struct Record {
    pub at: Timestamp,
    by: Arc<UserId>,
    pub kind: EventKind,
    emergency: bool,
    /// Versions are counted from 1.
    version: Option<NonZeroU64>,
    from: Option<NonZeroU64>,
    pub stage: Option<Arc<str>>,
    text: Option<Box<str>>,
    /// Few have any.
    review: Option<Box<Reviewed>>,
}

/// What an event has of a review.
#[derive(Debug, Default, PartialEq)]
struct Reviewed {
    approved_by: Vec<UserId>,
    request: Option<String>,
    requested_by: Option<UserId>,
    requested_action: Option<Action>,
}

/// What the records of a model have in common.
#[derive(Default)]
pub(super) struct Shared {
    people: BTreeSet<Arc<UserId>>,
    stages: BTreeSet<Arc<str>>,
}

impl Shared {
    /// Keeps an event.
    pub fn record(&mut self, event: Event) -> Record {
        let Event { at, by, action, version, stage, from, text, emergency, model: _, .. } = event;
        let Event { approved_by, request, requested_by, requested_action, .. } = event;
        let review = Reviewed { approved_by, request, requested_by, requested_action };
        Record {
            at,
            by: self.person(by),
            kind: action,
            emergency,
            version: version.and_then(NonZeroU64::new),
            from: from.and_then(NonZeroU64::new),
            stage: stage.map(|stage| self.stage(&stage)),
            text: text.map(String::into_boxed_str),
            review: (review != Reviewed::default()).then(|| Box::new(review)),
        }
    }

    fn person(&mut self, by: UserId) -> Arc<UserId> {
        match self.people.get(&by) {
            Some(known) => Arc::clone(known),
            None => {
                let new = Arc::new(by);
                self.people.insert(Arc::clone(&new));
                new
            }
        }
    }

    /// A stage's name.
    pub fn stage(&mut self, name: &str) -> Arc<str> {
        match self.stages.get(name) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<str> = name.into();
                self.stages.insert(Arc::clone(&new));
                new
            }
        }
    }

    /// Everybody who did something.
    pub fn into_people(self) -> Box<[Arc<UserId>]> {
        self.people.into_iter().collect()
    }
}

/// Something that happened to a model of the catalog.
#[derive(Clone, Copy)]
pub struct Happening<'c> {
    pub(super) model: &'c CatalogModel,
    pub(super) record: &'c Record,
}

impl<'c> Happening<'c> {
    /// When.
    pub fn at(self) -> Timestamp {
        self.record.at
    }

    /// Who.
    pub fn by(self) -> &'c UserId {
        &self.record.by
    }

    /// What.
    pub fn kind(self) -> EventKind {
        self.record.kind
    }

    /// The model.
    pub fn model(self) -> &'c CatalogModel {
        self.model
    }

    /// The stage.
    pub fn stage(self) -> Option<&'c str> {
        self.record.stage.as_deref()
    }

    /// Whether it landed before its approval.
    pub fn is_emergency(self) -> bool {
        self.record.emergency
    }

    /// Whether it ended a review, or went around one, by the policy.
    pub fn is_decision(self, registry: &Registry) -> bool {
        let record = self.record;
        if record.kind.moved().is_none() {
            return matches!(record.kind, EventKind::Reject | EventKind::WithdrawRequest);
        }
        // Who approved on a forge is the forge's business, and in no journal.
        let policy = || self.stage().and_then(|stage| registry.stage(stage));
        record.emergency || record.review.is_some() || policy().is_some_and(|policy| policy.review == Review::Forge)
    }

    /// All of it.
    pub fn event(self) -> Event {
        let record = self.record;
        let review = record.review.as_deref();
        Event {
            version: record.version.map(NonZeroU64::get),
            stage: self.stage().map(str::to_owned),
            from: record.from.map(NonZeroU64::get),
            text: record.text.as_deref().map(str::to_owned),
            emergency: record.emergency,
            approved_by: review.map_or(Vec::new(), |review| review.approved_by.clone()),
            request: review.and_then(|review| review.request.clone()),
            requested_by: review.and_then(|review| review.requested_by.clone()),
            requested_action: review.and_then(|review| review.requested_action),
            ..Event::new(record.kind, record.at, &record.by, &self.model.listed.name)
        }
    }
}
