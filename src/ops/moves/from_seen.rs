//! A move from the version that its maker saw in the stage. The move is refused if the stage holds another version now.

use anyhow::Result;

use super::resolved::{ResolvedMove, StageMove, stage_of};
use crate::diag::sanitize::one_line;
use crate::model::{ModelName, RequestId, Snapshot, Stage, StagePolicy};
use crate::ops::commit::{Attempt, Precondition};
use crate::ops::find;
use crate::ops::refusal::Refusal;

/// A move, and the version that its maker saw in the stage.
pub(super) struct FromSeen<'a> {
    asked: &'a dyn StageMove,
    /// The version, or that the stage was empty; none if the maker's view does not matter.
    seen: Option<Seen>,
}

/// What the maker of a move saw in the stage.
struct Seen {
    version: Option<u64>,
    /// Whether the maker named the version.
    named: bool,
}

impl<'a> FromSeen<'a> {
    /// `shown` is the registry as the maker saw it: before a fetch. What a page showed is part of the precondition.
    pub fn new(asked: &'a dyn StageMove, shown: &Snapshot<'_>, precondition: &Precondition) -> Self {
        let named = asked.from().map(|version| Seen { version: Some(version), named: true });
        let in_clone = || match precondition {
            Precondition::None if asked.depends_on_pointer() => {
                pointer(asked, shown).ok().map(|version| Seen { version, named: false })
            }
            _ => None,
        };
        Self { asked, seen: named.or_else(in_clone) }
    }

    /// Resolves the move for an attempt. An attempt that repeats an earlier run finds the pointer where that run has put
    /// it, so the maker's view does not matter.
    pub fn resolve_for(&self, snapshot: &Snapshot<'_>, attempt: &Attempt) -> Result<ResolvedMove> {
        if attempt.earlier.is_some() { self.asked.resolve(snapshot) } else { self.resolve(snapshot) }
    }

    /// Refuses the move if the stage holds another version than its maker saw.
    fn check(&self, snapshot: &Snapshot<'_>) -> Result<()> {
        let Some(seen) = &self.seen else { return Ok(()) };
        let policy = self.asked.policy(snapshot)?;
        let model = find::live_file(snapshot, self.asked.model())?.name;
        let stage = stage_of(snapshot, &model, policy)?;
        if stage.version == seen.version { Ok(()) } else { Err(moved(&model, &stage, seen).into()) }
    }
}

impl StageMove for FromSeen<'_> {
    fn model(&self) -> &ModelName {
        self.asked.model()
    }

    fn policy<'r>(&self, snapshot: &'r Snapshot<'_>) -> Result<&'r StagePolicy> {
        self.asked.policy(snapshot)
    }

    fn resolve(&self, snapshot: &Snapshot<'_>) -> Result<ResolvedMove> {
        self.check(snapshot)?;
        self.asked.resolve(snapshot)
    }

    fn as_request(&self) -> bool {
        self.asked.as_request()
    }

    fn is_emergency(&self) -> bool {
        self.asked.is_emergency()
    }
}

/// The version that is in the stage; none if the stage is empty or the model is not there yet.
fn pointer(asked: &dyn StageMove, shown: &Snapshot<'_>) -> Result<Option<u64>> {
    let policy = asked.policy(shown)?;
    let Ok(model) = find::live_file(shown, asked.model()) else { return Ok(None) };
    Ok(stage_of(shown, &model.name, policy)?.version)
}

/// Who moved the pointer last, when and why, as the end of a sentence.
pub(in crate::ops) fn last_move(model: &ModelName, stage: &Stage) -> Option<String> {
    let last = stage.history.last()?;
    let id = RequestId { model: model.clone(), stage: stage.stage.clone(), version: last.version };
    let reason = last.reason.as_ref().map(|reason| format!(", {}", one_line(reason.as_str()))).unwrap_or_default();
    let (words, by, at) = (id.in_words(last.action, last.from), &last.by, last.at.human());
    Some(format!("; the last move: {words}, by {by} at {at} UTC{reason}"))
}

/// The refusal: who moved the pointer, when and why.
fn moved(model: &ModelName, stage: &Stage, seen: &Seen) -> Refusal {
    let shown = |version: Option<u64>| version.map_or("no version".to_owned(), |version| format!("version {version}"));
    let source = if seen.named { "you named" } else { "this clone showed" };
    let name = &stage.stage;
    let mut why =
        format!("{} is in {name} of `{model}` now, and {source} {}", shown(stage.version), shown(seen.version));
    why.extend(last_move(model, stage));
    let mut hint = format!("`git pull` and `modelreg history '{model}'` show the moves");
    if let Some(version) = stage.version {
        hint.push_str(&format!("; to go on from there, add `--from {version}` to the command"));
    }
    Refusal::new(why, hint)
}
