//! The events of a model in a compact form: there are many times more events than models.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::sync::Arc;

use super::model::CatalogModel;
use crate::model::{Action, Registry, Review, Timestamp, UserId};
use crate::ops::event::{Event, EventKind};

/// An event without its model. Users and stages are shared among the records of a model.
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
    /// Boxed, because few events have these values.
    review: Option<Box<Reviewed>>,
}

/// The values of an event that come from a review.
#[derive(Debug, Default, PartialEq)]
struct Reviewed {
    approved_by: Vec<UserId>,
    request: Option<String>,
    requested_by: Option<UserId>,
    requested_action: Option<Action>,
}

/// The users and stages that the records of a model share.
#[derive(Default)]
pub(super) struct Shared {
    people: BTreeSet<Arc<UserId>>,
    stages: BTreeSet<Arc<str>>,
    together: BTreeSet<Arc<[Arc<str>]>>,
}

impl Shared {
    /// Converts an event into a record.
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

    /// The shared name of a stage.
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

    /// The shared names of a version's stages.
    pub fn stages_of(&mut self, names: &[&str]) -> Arc<[Arc<str>]> {
        let stages: Arc<[Arc<str>]> = names.iter().map(|name| self.stage(name)).collect();
        match self.together.get(&stages) {
            Some(known) => Arc::clone(known),
            None => {
                self.together.insert(Arc::clone(&stages));
                stages
            }
        }
    }

    /// The users of all events.
    pub fn into_people(self) -> Box<[Arc<UserId>]> {
        self.people.into_iter().collect()
    }
}

/// An event of a model in the catalog.
#[derive(Clone, Copy)]
pub struct CatalogEvent<'c> {
    pub(super) model: &'c CatalogModel,
    pub(super) record: &'c Record,
}

impl<'c> CatalogEvent<'c> {
    /// The time.
    pub fn at(self) -> Timestamp {
        self.record.at
    }

    /// The user.
    pub fn by(self) -> &'c UserId {
        &self.record.by
    }

    /// The kind of event.
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

    /// Whether the move landed before its approval.
    pub fn is_emergency(self) -> bool {
        self.record.emergency
    }

    /// Whether the event is the end of a review, or a move without the review that the policy requires.
    pub fn is_decision(self, registry: &Registry) -> bool {
        let record = self.record;
        if record.kind.moved().is_none() {
            return matches!(record.kind, EventKind::Reject | EventKind::WithdrawRequest);
        }
        // The journal does not contain a forge's approvals.
        let policy = || self.stage().and_then(|stage| registry.stage(stage));
        record.emergency || record.review.is_some() || policy().is_some_and(|policy| policy.review == Review::Forge)
    }

    /// The full event.
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
