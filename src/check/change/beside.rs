//! What stays in a stage beside its pointer changes by moves alone: else a version could enter without a review.

use anyhow::Result;

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::codes::change::BESIDE_CHANGED;
use crate::model::{Move, Stage};

/// Judges the list of a stage by the base's and the new entries. A promotion may keep what it displaces, or clear the list,
/// or anything between; no other move leaves a choice.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let (before, stage) = (&change.before, &change.after.value);
    let new = stage.history.get(before.history.len()..).unwrap_or_default();
    let (least, most) = (replayed(before, new, false), replayed(before, new, true));
    let named = |why: &str, versions: &mut dyn Iterator<Item = &u64>| {
        let versions: Vec<String> = versions.map(u64::to_string).collect();
        (!versions.is_empty()).then(|| format!("{why} {}", versions.join(", ")))
    };
    let entered = named("in came", &mut stage.beside.iter().filter(|version| !most.contains(version)));
    let left = named("out went", &mut least.iter().filter(|version| !stage.beside.contains(version)));
    let changed: Vec<String> = entered.into_iter().chain(left).collect();
    if !changed.is_empty() {
        let message =
            format!("what {} keeps beside its pointer changed without a move: {}", stage.stage, changed.join("; "));
        let hint = "put the list back; versions come and go by `modelreg promote --keep-existing` and `withdraw`";
        sink.key(&BESIDE_CHANGED, &change.after.source, &["beside".into()], message, hint);
    }
    Ok(())
}

/// The list after the moves, where every promotion keeps what it displaces, or none does.
fn replayed(before: &Stage, new: &[Move], keep: bool) -> Vec<u64> {
    new.iter().fold(before.clone(), |stage, entry| stage.moved(entry.clone(), keep)).beside
}
