//! One stage's file on both sides of a change.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;

use super::count::{Count, Subject};
use super::diff::{Pair, both};
use super::model::ModelChange;
use crate::check::file::readable;
use crate::check::sink::Loaded;
use crate::model::{ModelName, Move, Stage, StageName, StagePolicy};

/// A stage's file that a change adds or edits.
pub(super) struct StageChange<'c> {
    /// The model.
    pub model: &'c ModelChange<'c>,
    /// The stage in the base; an empty stage if the change adds the file.
    pub before: Arc<Stage>,
    /// The stage in the head.
    pub after: Loaded<Stage>,
    /// The counts of approvals so far, by the entry's index.
    counts: RefCell<BTreeMap<usize, Count>>,
}

/// A move that a change adds, or a landed move to which the change adds approvals.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedMove {
    /// The model's name in the head.
    pub model: ModelName,
    /// The stage.
    pub stage: StageName,
    /// The entry's place in the journal, from 1.
    pub place: usize,
    /// The entry.
    pub entry: Move,
    /// Whether the base's journal has the entry already.
    pub landed: bool,
    /// The count of the entry's approvals.
    pub count: Count,
}

impl<'c> StageChange<'c> {
    /// Reads both sides. None if either cannot be read, or if the change removes the file.
    pub fn of(model: &'c ModelChange<'c>, pair: &Pair) -> Result<Option<Self>> {
        let sides = match (&pair.base, &pair.head) {
            (Some(_), Some(_)) => both::<Stage>(model.sides, pair)?,
            (None, Some(head)) => readable::<Stage>(model.sides.head, head)?
                .map(|after| (Arc::new(Stage::empty(after.value.stage.clone())), after)),
            (_, None) => None,
        };
        Ok(sides.map(|(before, after)| Self { model, before, after, counts: RefCell::default() }))
    }

    /// The entries that the change adds, each with its index in the journal.
    pub fn new_entries(&self) -> impl Iterator<Item = (usize, &Move)> {
        self.after.value.history.iter().enumerate().skip(self.before.history.len())
    }

    /// The stage's policy in the base.
    pub fn policy(&self) -> Option<&'c StagePolicy> {
        self.model.sides.policy().stage(self.after.value.stage.as_str())
    }

    /// Whether the change adds approvals to an entry of the base.
    pub fn gained_approvals(&self, index: usize) -> bool {
        let (was, is) = (self.before.history.get(index), self.after.value.history.get(index));
        was.zip(is).is_some_and(|(was, is)| was.approvals.len() < is.approvals.len())
    }

    /// Counts the approvals of the entry at an index. The count is kept, because verifying a signature runs a program.
    pub fn count(&self, policy: &StagePolicy, index: usize) -> Result<Count> {
        if let Some(count) = self.counts.borrow().get(&index) {
            return Ok(count.clone());
        }
        let entry = &self.after.value.history[index];
        let landed = self.before.history.get(index).map_or(0, |was| was.approvals.len());
        let count = self.model.sides.judge()?.count(policy, &self.subject(entry)?, index + 1, entry, landed)?;
        self.counts.borrow_mut().insert(index, count.clone());
        Ok(count)
    }

    /// Whether the requester of the entry at an index has signed the move. Otherwise the reason.
    pub fn requester(&self, index: usize) -> Result<Result<(), String>> {
        let entry = &self.after.value.history[index];
        self.model.sides.judge()?.requester(&self.subject(entry)?, index + 1, entry)
    }

    /// The moves that the change adds, or to which it adds approvals, with the counts of their approvals. None where the
    /// policy counts no approvals: each signature would cost the start of a program.
    pub fn moves(&self) -> Result<Vec<JudgedMove>> {
        let Some(policy) = self.policy().filter(|policy| policy.counts_approvals()) else { return Ok(Vec::new()) };
        let mut moves = Vec::new();
        for (index, entry) in self.after.value.history.iter().enumerate() {
            let landed = index < self.before.history.len();
            if landed && !self.gained_approvals(index) {
                continue;
            }
            moves.push(JudgedMove {
                model: self.model.name().clone(),
                stage: policy.name.clone(),
                place: index + 1,
                entry: entry.clone(),
                landed,
                count: self.count(policy, index)?,
            });
        }
        Ok(moves)
    }

    /// The parts of a signed statement that are not in the entry itself.
    fn subject(&self, entry: &Move) -> Result<Subject<'_>> {
        let (model, sides) = (self.model, self.model.sides);
        let mut names = vec![model.name().to_string()];
        for name in model.head.iter().flat_map(|head| &head.value.former_names) {
            // A model that lists the name of another model must not get that model's approvals.
            let is_own = model.old.as_ref().is_some_and(|old| old.name == *name);
            if is_own || sides.base.tree.find(&sides.base.layout().model_file(name))?.is_none() {
                names.push(name.to_string());
            }
        }
        let is_signed =
            entry.signature.is_some() || entry.approvals.iter().any(|approval| approval.signature.is_some());
        let manifest = if is_signed { model.manifest(entry.version)? } else { None };
        Ok(Subject {
            names,
            owners: model.base.as_ref().map(|base| base.owners.clone()).unwrap_or_default(),
            stage: &self.after.value.stage,
            facts: manifest.into_iter().map(|manifest| (entry.version, manifest.facts_digest())).collect(),
        })
    }
}
