//! Counts over all models. For a changed model, the old counts are subtracted and the new ones added.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::model::CatalogModel;
use crate::model::{Action, Timestamp, UserId};

/// Whether a count is added or subtracted.
#[derive(Debug, Clone, Copy)]
enum Sign {
    Plus,
    Minus,
}

/// A count per key; keys with a count of 0 are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts<K: Ord>(BTreeMap<K, usize>);

impl<K: Ord> Default for Counts<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Counts<K> {
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

    /// The number of keys.
    pub fn distinct(&self) -> usize {
        self.0.len()
    }

    /// The sum of all counts.
    pub fn sum(&self) -> usize {
        self.0.values().sum()
    }
}

/// Counts over all models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of deleted models.
    pub deleted: usize,
    /// Models that are not deleted, by the day of registration.
    pub models: Counts<NaiveDate>,
    /// The versions of these models that are not deleted, by the day of registration.
    pub versions: Counts<NaiveDate>,
    /// The same versions by stage; a version counts in each of its stages.
    pub in_stages: Counts<Arc<str>>,
    /// Models that are not deleted, by each stage that has a version; stage names as in the files.
    pub models_by_stage: Counts<String>,
    /// All moves, by day and kind.
    pub moves: Counts<(NaiveDate, Action)>,
    /// All moves, by stage and kind.
    pub moves_of: Counts<(Arc<str>, Action)>,
    /// The users of events, each with the number of models.
    pub people: Counts<Arc<UserId>>,
    /// The owners, each with the number of models.
    pub owners: Counts<String>,
    /// The projects, each with the number of models.
    pub projects: Counts<String>,
}

impl Totals {
    /// Adds a model's counts.
    pub(super) fn add(&mut self, model: &CatalogModel) {
        self.count(model, Sign::Plus);
    }

    /// Subtracts a model's counts, which were added before.
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
        listed.stages.iter().for_each(|held| self.models_by_stage.count(held.stage.clone(), sign));
        for version in model.versions.iter().filter(|version| !version.deleted) {
            self.versions.count(day(version.created_at), sign);
            version.stages.iter().for_each(|stage| self.in_stages.count(Arc::clone(stage), sign));
        }
    }
}

fn day(at: Timestamp) -> NaiveDate {
    at.utc().date_naive()
}
