//! Sums over all models, kept by adding what a changed model has now and taking off what it had.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::model::CatalogModel;
use crate::model::{Action, Timestamp, UserId};

/// Whether something is added or taken off.
#[derive(Debug, Clone, Copy)]
enum Sign {
    Plus,
    Minus,
}

/// How often each key was counted; none with a count of nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<K: Ord>(BTreeMap<K, usize>);

impl<K: Ord> Default for Tally<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Tally<K> {
    fn count(&mut self, key: K, sign: Sign) {
        match sign {
            Sign::Plus => *self.0.entry(key).or_default() += 1,
            Sign::Minus => {
                if let Some(count) = self.0.get_mut(&key) {
                    *count -= 1;
                    if *count == 0 {
                        self.0.remove(&key);
                    }
                }
            }
        }
    }

    /// The keys with their counts, in the order of the keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, usize)> {
        self.0.iter().map(|(key, count)| (key, *count))
    }

    /// The keys, in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.0.keys()
    }

    /// How many keys there are.
    pub fn distinct(&self) -> usize {
        self.0.len()
    }

    /// All counts together.
    pub fn sum(&self) -> usize {
        self.0.values().sum()
    }
}

/// Sums over all models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many models are deleted.
    pub deleted: usize,
    /// Models that are not, by the day on which they were registered.
    pub models: Tally<NaiveDate>,
    /// Their versions, but for deleted ones, by the day on which they were registered.
    pub versions: Tally<NaiveDate>,
    /// Those versions by the stage they are in.
    pub in_stages: Tally<Arc<str>>,
    /// Models that are not deleted by the stages that something is in, in the spelling of their files.
    pub holding: Tally<String>,
    /// All moves, by the day, and by stage and what was done.
    pub moves: Tally<(NaiveDate, Action)>,
    /// See `moves`.
    pub moves_of: Tally<(Arc<str>, Action)>,
    /// Everybody who did something, by how many models it was to.
    pub people: Tally<Arc<UserId>>,
    /// Everybody who owns a model.
    pub owners: Tally<String>,
    /// All projects.
    pub projects: Tally<String>,
}

impl Totals {
    /// Adds what a model has.
    pub(super) fn add(&mut self, model: &CatalogModel) {
        self.count(model, Sign::Plus);
    }

    /// Takes off what a model had, which was added before.
    pub(super) fn take(&mut self, model: &CatalogModel) {
        self.count(model, Sign::Minus);
    }

    fn count(&mut self, model: &CatalogModel, sign: Sign) {
        let listed = &model.listed;
        model.people.iter().for_each(|person| self.people.count(Arc::clone(person), sign));
        listed.owners.iter().for_each(|owner| self.owners.count(owner.to_string(), sign));
        listed.project.iter().for_each(|project| self.projects.count(project.clone(), sign));
        for record in &model.records {
            if let (Some(action), Some(stage)) = (record.kind.moved(), &record.stage) {
                self.moves.count((day(record.at), action), sign);
                self.moves_of.count((Arc::clone(stage), action), sign);
            }
        }
        if listed.deleted {
            match sign {
                Sign::Plus => self.deleted += 1,
                Sign::Minus => self.deleted -= 1,
            }
            return;
        }
        self.models.count(day(listed.created_at), sign);
        listed.stages.iter().for_each(|held| self.holding.count(held.stage.clone(), sign));
        for version in model.versions.iter().filter(|version| !version.deleted) {
            self.versions.count(day(version.created_at), sign);
            self.in_stages.count(Arc::clone(&version.stage), sign);
        }
    }
}

fn day(at: Timestamp) -> NaiveDate {
    at.utc().date_naive()
}
