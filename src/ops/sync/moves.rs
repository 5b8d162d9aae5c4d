//! Making the moves of a commit again on another journal of the stage.

use anyhow::Result;

use super::numbers::Numbers;
use crate::model::write::stage_text;
use crate::model::{Action, ModelName, Move, RequestId, Stage, read_text};
use crate::ops::moves::last_move;
use crate::ops::refusal::Refusal;

/// A stage's file before a commit, after the commit, and on the other tip.
pub(super) struct Journals<'a> {
    pub model: &'a ModelName,
    pub path: &'a str,
    pub before: Option<&'a str>,
    pub after: &'a str,
    pub onto: Option<&'a str>,
}

/// The stage with the moves made again.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// The file; none if nothing is left to do.
    pub text: Option<String>,
    /// The moves that were left out.
    pub dropped: Vec<String>,
}

/// Makes the moves of a commit again. A move from a version that is not in the stage any more is refused or left out.
///
/// With `drop_all`, an earlier move of the stage was left out, and so are these.
pub(super) fn again(journals: &Journals<'_>, numbers: &Numbers, drop_moves: bool, drop_all: bool) -> Result<Made> {
    let &Journals { model, path, .. } = journals;
    let after: Stage = read_text(journals.after, path)?;
    let read = |text: Option<&str>| match text {
        Some(text) => read_text(text, path),
        None => Ok(Stage::empty(after.stage.clone())),
    };
    let (before, mut next) = (read(journals.before)?, read(journals.onto)?);
    let mut made = Made::default();
    let mut changed = review(&before, &after, &mut next);
    for own in after.history.iter().skip(before.history.len()) {
        let entry = renumbered(own, model, numbers);
        // An earlier run published the move and was stopped.
        let is_there = |there: &Move| (there.at, &there.by, there.version) == (entry.at, &entry.by, entry.version);
        if next.history.iter().skip(before.history.len()).any(is_there) {
            continue;
        }
        let has_left = own.action == Action::Withdraw && !next.holds(entry.version);
        if entry.from != next.version || has_left || drop_all || !made.dropped.is_empty() {
            if !drop_moves {
                return Err(does_not_apply(model, &next, &entry).into());
            }
            made.dropped.push(words(model, &next, &entry));
            continue;
        }
        let entry = in_time(entry, &next);
        let keeps = own.action == Action::Withdraw || own.from.is_some_and(|from| own.beside.contains(&from));
        let moved = next.moved(entry, keeps);
        let is_same = moved.history.last() == Some(own) && next.history.len() == before.history.len();
        if (own.signature.is_some() || !own.approvals.is_empty()) && !is_same {
            if !drop_moves {
                return Err(approved(model, &next, own).into());
            }
            made.dropped.push(words(model, &next, own));
            continue;
        }
        next = moved;
        changed = true;
    }
    if changed {
        made.text = Some(stage_text(&next, journals.onto, path)?);
    }
    Ok(made)
}

/// Adds the approvals and addresses that a commit added to entries of both journals. Returns whether there were any.
fn review(before: &Stage, after: &Stage, next: &mut Stage) -> bool {
    let mut changed = false;
    for ((was, is), there) in before.history.iter().zip(&after.history).zip(&mut next.history) {
        for approval in is.approvals.iter().skip(was.approvals.len()) {
            if !there.approvals.contains(approval) {
                there.approvals.push(approval.clone());
                changed = true;
            }
        }
        if is.request != was.request && is.request != there.request {
            there.request = is.request.clone();
            changed = true;
        }
    }
    changed
}

/// A move with the new numbers of its versions.
fn renumbered(own: &Move, model: &ModelName, numbers: &Numbers) -> Move {
    let now = |version| numbers.now(model, version);
    Move { version: now(own.version), from: own.from.map(now), ..own.clone() }
}

/// The move at a time that is not before the journal's last entry.
fn in_time(entry: Move, stage: &Stage) -> Move {
    match stage.history.last() {
        Some(last) if entry.at < last.at => Move { at: last.at.next(), ..entry },
        _ => entry,
    }
}

fn words(model: &ModelName, stage: &Stage, entry: &Move) -> String {
    let id = RequestId { model: model.clone(), stage: stage.stage.clone(), version: entry.version };
    id.in_words(entry.action, entry.from)
}

/// The refusal of a move from a version that is not in the stage any more.
fn does_not_apply(model: &ModelName, stage: &Stage, entry: &Move) -> Refusal {
    let there = stage.version.map_or("no version is".to_owned(), |version| format!("version {version} is"));
    let mut why =
        format!("`{}` does not apply any more: {there} in {} on the remote", words(model, stage, entry), stage.stage);
    why.extend(last_move(model, stage));
    Refusal::new(why, "`modelreg sync --drop-moves` leaves out such moves and keeps the rest")
}

/// The refusal of a signed or approved move on another journal: the signatures and approvals are of the old entry.
fn approved(model: &ModelName, stage: &Stage, entry: &Move) -> Refusal {
    let why = format!("`{}` was signed or approved for another state of the stage", words(model, stage, entry));
    Refusal::new(why, "`modelreg sync --drop-moves` leaves the move out; then make the request again")
}
