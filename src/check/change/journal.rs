//! A journal changes only by new entries at its end.

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::codes::change::{JOURNAL_BACKDATED, JOURNAL_REWRITTEN, JOURNAL_SHORTENED};
use crate::model::Move;

/// An entry without the parts that may be added later: the approvals of an emergency, and the address of the review.
fn fixed(entry: &Move) -> Move {
    Move { approvals: Vec::new(), request: None, ..entry.clone() }
}

fn may_follow(was: &Move, is: &Move) -> bool {
    fixed(was) == fixed(is)
        && is.approvals.starts_with(&was.approvals)
        && (was.request.is_none() || was.request == is.request)
}

/// Whether the journal keeps all entries of the base. The other rules judge only such a journal. Also reports new
/// entries that are dated before the base's newest entry.
pub(super) fn grows(change: &StageChange<'_>, sink: &mut Sink) -> bool {
    let (before, after) = (&change.before.history, &change.after);
    let history = &after.value.history;
    let stage = &after.value.stage;
    for (index, was) in before.iter().enumerate() {
        let entry = format!("{} of version {} at {}", was.action.word(), was.version, was.at.human());
        match history.get(index) {
            Some(is) if may_follow(was, is) => {}
            Some(_) => {
                let message = format!("entry {} of {stage}'s journal ({entry}) was rewritten", index + 1);
                let hint = "restore the entry; correct an error with a new entry";
                sink.key(&JOURNAL_REWRITTEN, &after.source, &["history".into(), index.into()], message, hint);
                return false;
            }
            None => {
                let message = format!("{stage}'s journal had {} entries and has {}", before.len(), history.len());
                let hint = format!("restore the entries, beginning with the {entry}");
                sink.key(&JOURNAL_SHORTENED, &after.source, &["history".into()], message, hint);
                return false;
            }
        }
    }
    let newest = before.iter().map(|entry| entry.at).max();
    for (index, entry) in change.new_entries() {
        if let Some(newest) = newest.filter(|newest| entry.at < *newest) {
            let key = ["history".into(), index.into(), "at".into()];
            let message = format!("the new entry is dated {}, before the journal's last at {newest}", entry.at);
            sink.key(&JOURNAL_BACKDATED, &after.source, &key, message, "date the entry when the move was made");
        }
    }
    true
}
