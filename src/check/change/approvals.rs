//! The approvals that a move needs, by the policy of the base.

use anyhow::Result;

use super::count::missing;
use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::KeyStep;
use crate::diag::codes::change::{
    APPROVAL_NOT_COUNTED, APPROVALS_MISSING, EMERGENCY_NOT_ALLOWED, LATE_APPROVAL_NOT_COUNTED,
};
use crate::model::{Action, Replay, StagePolicy, request_id};

/// Judges the new entries of a stage's journal, and the approvals that were added to old ones.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let (before, stage, source) = (&change.before.history, &change.after.value, &change.after.source);
    let Some(policy) = change.policy() else { return Ok(()) };
    if !policy.counts_approvals() {
        uncounted_stage(change, policy, sink);
        if !stage.history.iter().any(|entry| entry.emergency) {
            return Ok(());
        }
    }
    let mut replay = Replay::of(before);
    for (index, entry) in stage.history.iter().enumerate() {
        let is_new = index >= before.len();
        if !is_new && !change.gained_approvals(index) {
            continue;
        }
        let count = change.count(policy, index)?;
        let known = before.get(index).map_or(0, |was| was.approvals.len());
        // What came in earlier was judged then. Where no approvals are counted, each was reported already.
        let is_added = |(at, _): &&(usize, String)| *at >= known && policy.counts_approvals();
        for (at, why) in count.not_counted.iter().filter(is_added) {
            let message = format!("the approval by `{}` does not count: {why}", entry.approvals[*at].by);
            let code = if is_new { &APPROVAL_NOT_COUNTED } else { &LATE_APPROVAL_NOT_COUNTED };
            let hint =
                "remove the approval, or make the request again; an approver whom the policy names has to approve";
            sink.key(code, source, &approval_key(index, *at), message, hint);
        }
        let key = |key: &'static str| -> [KeyStep; 3] { ["history".into(), index.into(), key.into()] };
        if is_new && entry.emergency {
            if let Some((message, hint)) = no_emergency(change, policy, &replay, index)? {
                sink.key(&EMERGENCY_NOT_ALLOWED, source, &key("emergency"), message, hint);
            }
        } else if is_new && !count.enough() {
            let id = request_id(change.model.name().as_str(), &stage.stage, entry.version);
            let hint = format!("ask for approval: `modelreg approve '{id}'`");
            sink.key(&APPROVALS_MISSING, source, &key("version"), missing(policy, &count), hint);
        }
        if is_new {
            replay.apply(entry);
        }
    }
    Ok(())
}

/// Reports the approvals that the change adds to a stage that counts none. Each would look like the result of a review
/// that nobody checks.
fn uncounted_stage(change: &StageChange<'_>, policy: &StagePolicy, sink: &mut Sink) {
    let before = &change.before.history;
    for (index, entry) in change.after.value.history.iter().enumerate() {
        let known = before.get(index).map_or(0, |was| was.approvals.len());
        if known >= entry.approvals.len() {
            continue;
        }
        let (place, name) = (index + 1, &policy.name);
        let message = format!("an approval was added to entry {place} of {name}, which counts no approvals");
        let (code, hint) = if index < before.len() {
            (
                &LATE_APPROVAL_NOT_COUNTED,
                "remove the approval: approvals precede the move, except those of an emergency",
            )
        } else {
            (&APPROVAL_NOT_COUNTED, "remove the approval; if the policy has changed, make the request again")
        };
        sink.key(code, &change.after.source, &approval_key(index, known), message, hint);
    }
}

fn approval_key(index: usize, approval: usize) -> [KeyStep; 4] {
    ["history".into(), index.into(), "approvals".into(), approval.into()]
}

/// The reason why a move cannot be an emergency, and the hint.
fn no_emergency(
    change: &StageChange<'_>,
    policy: &StagePolicy,
    replay: &Replay,
    index: usize,
) -> Result<Option<(String, String)>> {
    let entry = &change.after.value.history[index];
    let ask = "request the move with `modelreg rollback`, and ask for approval".to_owned();
    if !policy.emergency {
        return Ok(Some((
            format!("the policy of {} allows no emergencies (registry.toml: emergency)", policy.name),
            ask,
        )));
    }
    if entry.action != Action::Rollback || replay.prior() != Some(entry.version) {
        let prior = replay.prior().map_or("which does not exist".to_owned(), |prior| format!("which is {prior}"));
        return Ok(Some((format!("an emergency is a rollback to the prior version, {prior}"), ask)));
    }
    for (index, earlier) in change.after.value.history[..index].iter().enumerate() {
        if earlier.emergency && !change.count(policy, index)?.enough() {
            let message = format!("the emergency of {} still needs approval", earlier.at.human());
            let id = request_id(change.model.name().as_str(), &policy.name, earlier.version);
            return Ok(Some((message, format!("first ask for approval of that emergency: `modelreg approve '{id}'`"))));
        }
    }
    Ok(None)
}
