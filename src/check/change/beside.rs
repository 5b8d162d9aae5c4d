//! A stage's `beside` list changes only by moves. Otherwise a version could enter the stage without a review.

use anyhow::Result;

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::codes::change::BESIDE_CHANGED;
use crate::model::{Move, Stage};

/// Compares a stage's list with the lists that the new journal entries allow. A promotion may keep the displaced
/// versions, clear the list, or keep some of them; for every other move the result is fixed.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let (before, stage) = (&change.before, &change.after.value);
    let new = stage.history.get(before.history.len()..).unwrap_or_default();
    let (least, most) = (replayed(before, new, false), replayed(before, new, true));
    let named = |why: &str, versions: &mut dyn Iterator<Item = &u64>| {
        let versions: Vec<String> = versions.map(u64::to_string).collect();
        (!versions.is_empty()).then(|| format!("{why} {}", versions.join(", ")))
    };
    let entered = named("added", &mut stage.beside.iter().filter(|version| !most.contains(version)));
    let left = named("removed", &mut least.iter().filter(|version| !stage.beside.contains(version)));
    let changed: Vec<String> = entered.into_iter().chain(left).collect();
    if !changed.is_empty() {
        let message = format!("the `beside` list of {} changed without a move: {}", stage.stage, changed.join("; "));
        let hint =
            "restore the list; use `modelreg promote --keep-existing` and `modelreg withdraw` to change the list";
        sink.key(&BESIDE_CHANGED, &change.after.source, &["beside".into()], message, hint);
    }
    Ok(())
}

/// The list after the new moves, if every promotion keeps the displaced version, or if none does.
fn replayed(before: &Stage, new: &[Move], keep: bool) -> Vec<u64> {
    new.iter().fold(before.clone(), |stage, entry| stage.moved(entry.clone(), keep)).beside
}
