//! A journal only grows, at its end, with entries that the base's policy lets in.

use anyhow::Result;

use super::approvals::{self, readable};
use super::beside;
use super::diff::Pair;
use super::facts::both;
use super::gates;
use super::{Sides, changed_files};
use crate::check::file::load;
use crate::check::layout::ModelFolder;
use crate::check::sink::{Loaded, Sink};
use crate::diag::codes::change::{
    AFTER_NOT_MET, JOURNAL_BACKDATED, JOURNAL_REWRITTEN, JOURNAL_SHORTENED, STAGE_FILE_REMOVED,
};
use crate::model::layout::{STAGES, VERSIONS};
use crate::model::{Action, FileKind, Manifest, Move, Stage};

/// Judges the stages of a model, and gives the paths of those that changed.
pub(super) fn check(
    sides: &Sides<'_>,
    old: Option<&ModelFolder>,
    new: &ModelFolder,
    sink: &mut Sink,
) -> Result<Vec<String>> {
    let changed = changed_files(sides, old, new, STAGES)?;
    for pair in &changed {
        let (before, after) = match (&pair.base, &pair.head) {
            (Some(gone), None) => {
                let hint = "put the file back; `modelreg withdraw` empties a stage and keeps its journal";
                sink.path(&STAGE_FILE_REMOVED, &gone.path, "the stage's pointer and journal are gone", hint);
                continue;
            }
            (Some(_), Some(_)) => match both::<Stage>(sides, pair, FileKind::Stage)? {
                Some((before, after)) => (before, after),
                None => continue,
            },
            (None, _) => match added(sides, pair)? {
                Some(after) => (Stage::empty(after.value.stage.clone()), after),
                None => continue,
            },
        };
        if grows(&before.history, &after, sink) {
            beside::check(&before, &after, sink);
            follows_registration(sides, new, &before.history, &after, sink)?;
            enters(sides, new, &before.history, &after, sink)?;
            gates::check(sides, new, &before.history, &after, sink)?;
            approvals::check(sides, old, new, &before.history, &after, sink)?;
        }
    }
    Ok(changed.iter().map(|pair| pair.path().to_owned()).collect())
}

fn added(sides: &Sides<'_>, pair: &Pair) -> Result<Option<Loaded<Stage>>> {
    match &pair.head {
        Some(head) if !head.is_folder() => load(sides.head, head, FileKind::Stage, &mut Sink::default()),
        _ => Ok(None),
    }
}

/// An entry without what may be added to it later: approvals of an emergency, the page it was reviewed on.
fn fixed(entry: &Move) -> Move {
    Move { approvals: Vec::new(), request: None, ..entry.clone() }
}

fn may_follow(was: &Move, is: &Move) -> bool {
    fixed(was) == fixed(is)
        && is.approvals.starts_with(&was.approvals)
        && (was.request.is_none() || was.request == is.request)
}

/// Whether the journal keeps every entry of the base's.
fn grows(before: &[Move], after: &Loaded<Stage>, sink: &mut Sink) -> bool {
    let history = &after.value.history;
    let stage = &after.value.stage;
    for (index, was) in before.iter().enumerate() {
        let entry = format!("{} of version {} at {}", was.action.word(), was.version, was.at.human());
        match history.get(index) {
            Some(is) if may_follow(was, is) => {}
            Some(_) => {
                let message = format!("entry {} of {stage}'s journal ({entry}) was rewritten", index + 1);
                let hint = "put the entry back as it was; what was wrong is corrected by a new entry";
                sink.key(&JOURNAL_REWRITTEN, &after.source, &["history".into(), index.into()], message, hint);
                return false;
            }
            None => {
                let message = format!("{stage}'s journal had {} entries and has {}", before.len(), history.len());
                let hint = format!("put the entries back, beginning with the {entry}");
                sink.key(&JOURNAL_SHORTENED, &after.source, &["history".into()], message, hint);
                return false;
            }
        }
    }
    let newest = before.iter().map(|entry| entry.at).max();
    for (index, entry) in history.iter().enumerate().skip(before.len()) {
        if let Some(newest) = newest.filter(|newest| entry.at < *newest) {
            let key = ["history".into(), index.into(), "at".into()];
            let message = format!("the new entry is dated {}, before the journal's last at {newest}", entry.at);
            sink.key(&JOURNAL_BACKDATED, &after.source, &key, message, "date it when it was made");
        }
    }
    true
}

/// Whether the new entries are dated after their versions were registered. The first entry of a journal has none before it
/// that it could not be earlier than.
fn follows_registration(
    sides: &Sides<'_>,
    model: &ModelFolder,
    before: &[Move],
    after: &Loaded<Stage>,
    sink: &mut Sink,
) -> Result<()> {
    for (index, entry) in after.value.history.iter().enumerate().skip(before.len()) {
        let path = format!("{}/{VERSIONS}/{}.toml", model.entry.path, entry.version);
        let registered = readable::<Manifest>(sides.head, &path)?.map(|manifest| manifest.created_at);
        if let Some(registered) = registered.filter(|registered| entry.at < *registered) {
            let key = ["history".into(), index.into(), "at".into()];
            let message = format!(
                "the new entry is dated {}, before version {} was registered at {registered}",
                entry.at, entry.version
            );
            sink.key(&JOURNAL_BACKDATED, &after.source, &key, message, "date it when it was made");
        }
    }
    Ok(())
}

/// Whether the new entries may enter, where the base's policy lets only versions in that have been in another stage.
fn enters(
    sides: &Sides<'_>,
    model: &ModelFolder,
    before: &[Move],
    after: &Loaded<Stage>,
    sink: &mut Sink,
) -> Result<()> {
    let stage = &after.value.stage;
    let Some(earlier) = sides.policy.stage(stage.as_str()).and_then(|policy| policy.after.as_ref()) else {
        return Ok(());
    };
    let path = format!("{}/{STAGES}/{}", model.entry.path, earlier.file_name());
    let passed = match sides.head.find(&path)? {
        Some(entry) if !entry.is_folder() => load::<Stage>(sides.head, &entry, FileKind::Stage, &mut Sink::default())?,
        _ => None,
    };
    for (index, entry) in after.value.history.iter().enumerate().skip(before.len()) {
        let has_been = passed.as_ref().is_some_and(|stage| stage.value.has_held(entry.version));
        if entry.action == Action::Promote && !has_been {
            let key = ["history".into(), index.into(), "version".into()];
            let message = format!(
                "version {} has never been in {earlier}, and {stage} takes only versions that have",
                entry.version
            );
            let hint = format!("`modelreg promote '{}' {} --to '{earlier}'` first", model.name, entry.version);
            sink.key(&AFTER_NOT_MET, &after.source, &key, message, hint);
        }
    }
    Ok(())
}
