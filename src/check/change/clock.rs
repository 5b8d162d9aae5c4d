//! Nothing that a change adds is dated more than a day ahead of the clock. Such an entry would be the newest for ever, and
//! the end of time would leave no time for the next one.

use anyhow::Result;
use chrono::TimeDelta;

use super::model::ModelChange;
use super::sides::Sides;
use super::stage::StageChange;
use crate::check::file::readable;
use crate::check::sink::{Sink, Source};
use crate::diag::KeyStep;
use crate::diag::codes::change::TIME_AHEAD;
use crate::model::{Manifest, Move, RegisteredModel, Timestamp};

/// The times of a file, by key.
type Times = Vec<(Vec<KeyStep>, Timestamp)>;

/// The latest time that a change may add; none where there is no clock.
fn limit(sides: &Sides<'_>) -> Option<Timestamp> {
    Some(Timestamp::from_utc(sides.now()?.utc().checked_add_signed(TimeDelta::days(1))?))
}

/// Judges the times that a change adds to a model's own file and to its versions. Where the base's file itself is ahead of
/// the clock, the next millisecond is accepted: otherwise the file could not be edited.
pub(super) fn model(change: &ModelChange<'_>, sink: &mut Sink) -> Result<()> {
    let Some(limit) = limit(change.sides) else { return Ok(()) };
    if let Some(head) = &change.head {
        let before = change.base.as_ref().map(|base| of_model(base)).unwrap_or_default();
        let limit = change.base.as_ref().map_or(limit, |base| limit.max(base.last_modified().next()));
        report(&head.source, &before, of_model(&head.value), limit, sink);
    }
    for pair in &change.versions {
        let Some(head) = &pair.head else { continue };
        let Some(head) = readable::<Manifest>(change.sides.head, head)? else { continue };
        let base = match &pair.base {
            Some(base) => readable::<Manifest>(&change.sides.base.files, base)?,
            None => None,
        };
        let limit = base.as_ref().map_or(limit, |base| limit.max(base.value.last_modified().next()));
        let before = base.map(|base| of_manifest(&base.value)).unwrap_or_default();
        report(&head.source, &before, of_manifest(&head.value), limit, sink);
    }
    Ok(())
}

/// Judges the times that a change adds to a journal. Where the registry itself is ahead of the clock, the next
/// millisecond is accepted: otherwise the stage could not be moved.
pub(super) fn stage(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let Some(limit) = limit(change.model.sides) else { return Ok(()) };
    let newest = change.before.history.iter().map(|entry| entry.at.next()).max();
    for (index, entry) in change.after.value.history.iter().enumerate() {
        let before = change.before.history.get(index);
        if before.is_some() && !change.gained_approvals(index) {
            continue;
        }
        let before = before.map(|entry| of_entry(index, entry)).unwrap_or_default();
        // A command dates a move after the end of the last request, and one more millisecond later where its clock is behind.
        let version = change.model.manifest(entry.version)?.map(|manifest| manifest.last_modified().next().next());
        let limit = [newest, version].into_iter().flatten().fold(limit, Ord::max);
        report(&change.after.source, &before, of_entry(index, entry), limit, sink);
    }
    Ok(())
}

fn report(source: &Source, before: &Times, after: Times, limit: Timestamp, sink: &mut Sink) {
    for time in after.into_iter().filter(|(_, at)| *at > limit).filter(|time| !before.contains(time)) {
        let message = format!("the time {} is more than a day ahead of the clock", time.1);
        sink.key(&TIME_AHEAD, source, &time.0, message, "write the time of the change; `date -u` shows the clock");
    }
}

fn key(steps: &[&str]) -> Vec<KeyStep> {
    steps.iter().map(|step| KeyStep::from(*step)).collect()
}

fn of_model(model: &RegisteredModel) -> Times {
    let mut times = vec![(key(&["created_at"]), model.created_at)];
    times.extend(model.updated_at.map(|at| (key(&["updated_at"]), at)));
    times.extend(model.deleted.as_ref().map(|gone| (key(&["deleted", "at"]), gone.at)));
    times
}

fn of_manifest(manifest: &Manifest) -> Times {
    let mut times = vec![(key(&["created_at"]), manifest.created_at)];
    times.extend(manifest.updated_at.map(|at| (key(&["updated_at"]), at)));
    times.extend(manifest.deleted.as_ref().map(|gone| (key(&["deleted", "at"]), gone.at)));
    let item = |list: &str, index: usize| vec![list.into(), index.into(), "at".into()];
    let comments = manifest.comments.iter().enumerate();
    times.extend(comments.map(|(index, comment)| (item("comments", index), comment.at)));
    let closed = manifest.closed_requests.iter().enumerate();
    times.extend(closed.map(|(index, request)| (item("closed_requests", index), request.at)));
    times
}

fn of_entry(index: usize, entry: &Move) -> Times {
    let mut times = vec![(vec!["history".into(), index.into(), "at".into()], entry.at)];
    let approvals = entry.approvals.iter().enumerate();
    times.extend(approvals.map(|(number, approval)| {
        (vec!["history".into(), index.into(), "approvals".into(), number.into(), "at".into()], approval.at)
    }));
    times
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::check::sample::sample;
    use crate::check::{NoSignatures, change};
    use crate::model::tree::memory::MemoryTree;

    #[test]
    fn a_time_may_be_a_day_ahead_of_the_clock_and_without_a_clock_any_time() {
        const V2: &str = "models/iris/versions/2.toml";
        let with = |at: &str| {
            let mut tree = sample();
            let comment = format!("\n[[comments]]\nat = {at}\nby = \"bob@example.com\"\ntext = \"more\"\n");
            tree.0.get_mut(V2).unwrap().1.extend(comment.as_bytes());
            tree
        };
        let found = |base: &MemoryTree, head: &MemoryTree, now: Option<&str>| {
            let now = now.map(|now| Timestamp::parse(now).unwrap());
            let report = change(base, head, &[], &NoSignatures { now }).unwrap();
            report.findings.iter().map(|finding| finding.code.id).collect::<Vec<_>>()
        };
        let (now, late) = (Some("2026-01-01"), with("2026-01-02T00:00:00.001Z"));
        assert_eq!(found(&sample(), &with("2026-01-02T00:00:00Z"), now), Vec::<&str>::new());
        assert_eq!(found(&sample(), &late, now), ["time-ahead"]);
        assert_eq!(found(&sample(), &late, None), Vec::<&str>::new());
        // What the base has is not judged again.
        assert_eq!(found(&late, &late.clone().edit(V2, "Version 2", "The second"), now), Vec::<&str>::new());
    }
}
