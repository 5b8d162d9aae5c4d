//! A stage's `beside` list changes only by moves, and each move's entry has the list that it leads to. Otherwise a version
//! could enter the stage without a review: the entry is what approvers sign.

use anyhow::Result;

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::KeyStep;
use crate::diag::codes::change::BESIDE_CHANGED;
use crate::model::Replay;

/// Compares the list of each new entry with the lists that the move allows, and the stage's list with the last entry's. A
/// promotion may keep the displaced versions, clear the list, or keep some of them; for every other move the result is
/// fixed.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let (before, stage) = (&change.before, &change.after.value);
    let mut replay = Replay::of(&before.history);
    let mut known = &before.beside;
    for (index, entry) in change.new_entries() {
        let was = replay.current();
        replay.apply(entry);
        let allowed = |keep| entry.beside_after(known, was, replay.current(), keep);
        let why = format!("the `beside` of entry {} does not follow from the move", index + 1);
        let key = if entry.beside.is_empty() { "version" } else { "beside" };
        let key = ["history".into(), index.into(), key.into()];
        compare(change, &allowed(false), &allowed(true), &entry.beside, (&why, &key), sink);
        known = &entry.beside;
    }
    let why = format!("the `beside` list of {} changed without a move", stage.stage);
    compare(change, known, known, &stage.beside, (&why, &["beside".into()]), sink);
    Ok(())
}

/// Reports the versions of a list that are not among the most that are allowed, and those that it lacks of the least.
fn compare(
    change: &StageChange<'_>,
    least: &[u64],
    most: &[u64],
    list: &[u64],
    (why, key): (&str, &[KeyStep]),
    sink: &mut Sink,
) {
    let named = |what: &str, versions: &mut dyn Iterator<Item = &u64>| {
        let versions: Vec<String> = versions.map(u64::to_string).collect();
        (!versions.is_empty()).then(|| format!("{what} {}", versions.join(", ")))
    };
    let entered = named("added", &mut list.iter().filter(|version| !most.contains(version)));
    let left = named("removed", &mut least.iter().filter(|version| !list.contains(version)));
    let changed: Vec<String> = entered.into_iter().chain(left).collect();
    if !changed.is_empty() {
        let hint =
            "restore the list; use `modelreg promote --keep-existing` and `modelreg withdraw` to change the list";
        sink.key(&BESIDE_CHANGED, &change.after.source, key, format!("{why}: {}", changed.join("; ")), hint);
    }
}
