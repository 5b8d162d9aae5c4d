//! A stage of one model: the pointer, what is kept beside it, and the journal that says how they came there.

use std::collections::HashSet;

use super::sink::{Loaded, Sink, Source};
use super::version::Versions;
use crate::diag::KeyStep;
use crate::diag::codes::stage::{
    APPROVAL_TIME, BAD_BESIDE, EMERGENCY_UNAPPROVED, JOURNAL_BEFORE_VERSION, JOURNAL_ILLEGAL, JOURNAL_TIME_ORDER,
    JOURNAL_VERSION_MISSING, POINTER_TO_ARCHIVED, POINTER_TO_DELETED, POINTER_TO_MISSING, POINTER_UNTRUE,
    STAGE_FILE_MISMATCH, UNKNOWN_STAGE_FILE,
};
use crate::model::{Action, Move, Registry, Replay, Review, Stage, StagePolicy};

/// What a stage is judged by: the files that stand around it.
pub(super) struct Company<'a> {
    /// The policy, where it can be read.
    pub registry: Option<&'a Registry>,
    /// The model's versions.
    pub versions: &'a Versions,
    /// Whether the model has a tombstone.
    pub model_deleted: bool,
}

impl Company<'_> {
    /// Why a version cannot be in a stage: it is missing, deleted or archived.
    fn unfit(&self, version: u64) -> Option<Unfit> {
        match self.versions.get(&version) {
            None => Some(Unfit::Missing),
            Some(_) if self.model_deleted => Some(Unfit::Deleted),
            Some(Some(known)) if known.deleted => Some(Unfit::Deleted),
            Some(Some(known)) if known.archived => Some(Unfit::Archived),
            Some(_) => None,
        }
    }
}

/// Why a version cannot be in a stage.
enum Unfit {
    Missing,
    Deleted,
    Archived,
}

/// Judges a stage's file.
pub(super) fn check(loaded: &Loaded<Stage>, company: &Company<'_>, sink: &mut Sink) {
    let Loaded { value: stage, source } = loaded;
    check_name(stage, source, company, sink);
    let (replay, held) = check_journal(stage, source, company, sink);
    check_pointer(stage, source, &replay, company, sink);
    check_beside(stage, source, &held, company, sink);
}

fn check_name(stage: &Stage, source: &Source, company: &Company<'_>, sink: &mut Sink) {
    let file = source.file_name();
    if let Some(registry) = company.registry
        && !registry.stages.iter().any(|policy| policy.name.file_name() == file)
    {
        let names: Vec<_> = registry.stages.iter().map(|policy| format!("`{}`", policy.name.file_name())).collect();
        let message = format!("the registry has no stage whose file is `{file}`");
        let hint = match names.as_slice() {
            [] => "declare the stage in `registry.toml`, or remove the file".to_owned(),
            _ => format!("name the file one of {}, or declare the stage", names.join(", ")),
        };
        sink.path(&UNKNOWN_STAGE_FILE, &source.path, message, hint);
    }
    if stage.stage.file_name() != file {
        let message =
            format!("the file is of the stage `{}`, whose file is `{}`", stage.stage, stage.stage.file_name());
        sink.key(&STAGE_FILE_MISMATCH, source, &["stage".into()], message, "correct the stage, or the file's name");
    }
}

fn shown(version: Option<u64>) -> String {
    version.map_or("nothing".into(), |version| format!("version {version}"))
}

fn entry_key(at: usize, key: &str) -> [KeyStep; 3] {
    ["history".into(), at.into(), key.into()]
}

/// Replays the journal, and judges each entry by the ones before it. Gives also the versions that were ever there.
fn check_journal(stage: &Stage, source: &Source, company: &Company<'_>, sink: &mut Sink) -> (Replay, HashSet<u64>) {
    let mut replay = Replay::default();
    let mut held = HashSet::new();
    for (at, entry) in stage.history.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).map(|before| &stage.history[before])
            && entry.at < before.at
        {
            let message = format!("{} is before the entry above it, at {}", entry.at, before.at);
            let hint = format!("put new entries at the end; the next time is {}", before.at.next());
            sink.key(&JOURNAL_TIME_ORDER, source, &entry_key(at, "at"), message, hint);
        }
        check_entry(entry, at, source, company, sink);
        check_emergency(stage, entry, at, source, company, sink);
        if let Err(illegal) = replay.refuse(entry, |version| held.contains(&version)) {
            let key = if matches!(illegal, crate::model::Illegal::From { .. }) { "from" } else { "version" };
            let message = format!("this {} cannot come here: {illegal}", entry.action.word());
            let hint = "correct the entry if it is new; write moves with `modelreg promote`, `rollback` and `withdraw`";
            // `from` may be what is missing, and then the place is the entry's number.
            let key = if key == "from" && entry.from.is_none() { "version" } else { key };
            sink.key(&JOURNAL_ILLEGAL, source, &entry_key(at, key), message, hint);
        }
        replay.apply(entry);
        if entry.action != Action::Withdraw {
            held.insert(entry.version);
        }
    }
    (replay, held)
}

fn check_entry(entry: &Move, at: usize, source: &Source, company: &Company<'_>, sink: &mut Sink) {
    match company.versions.get(&entry.version) {
        None => {
            let message = format!("the model has no version {}", entry.version);
            let hint = "correct the number, or restore the manifest";
            sink.key(&JOURNAL_VERSION_MISSING, source, &entry_key(at, "version"), message, hint);
        }
        Some(Some(known)) if entry.at < known.created_at => {
            let message = format!(
                "version {} was moved at {}, before it was registered at {}",
                entry.version, entry.at, known.created_at
            );
            sink.key(&JOURNAL_BEFORE_VERSION, source, &entry_key(at, "at"), message, "check the two times");
        }
        Some(_) => {}
    }
    for (n, approval) in entry.approvals.iter().enumerate() {
        if approval.at < entry.at {
            let key = ["history".into(), at.into(), "approvals".into(), n.into(), "at".into()];
            let message = format!("`{}` approved at {}, before it was asked at {}", approval.by, approval.at, entry.at);
            sink.key(&APPROVAL_TIME, source, &key, message, "check the two times");
        }
    }
}

/// An emergency that has fewer approvals than the policy wants. Whether they are good was judged when they came in.
fn check_emergency(stage: &Stage, entry: &Move, at: usize, source: &Source, company: &Company<'_>, sink: &mut Sink) {
    let policy = company.registry.and_then(|registry| registry.stage(stage.stage.as_str()));
    let mut people: Vec<String> = entry.approvals.iter().map(|approval| approval.by.as_str().to_lowercase()).collect();
    people.retain(|by| *by != entry.by.as_str().to_lowercase());
    people.sort();
    people.dedup();
    // Where the policy cannot be read, or counts none, somebody should have looked at it.
    let counts = |policy: &StagePolicy| matches!(policy.review, Review::Recorded | Review::Signed);
    let needed = match policy {
        Some(policy) if !counts(policy) => return,
        policy => policy.map_or(1, |policy| policy.needed_approvals().max(1)) as usize,
    };
    if entry.emergency && people.len() < needed {
        let message =
            format!("this emergency has {} of the {needed} approvals that {} wants", people.len(), stage.stage);
        let hint = "somebody whom the policy names looks at it: `modelreg requests`, then `modelreg approve`";
        sink.key(&EMERGENCY_UNAPPROVED, source, &entry_key(at, "emergency"), message, hint);
    }
}

fn check_pointer(stage: &Stage, source: &Source, replay: &Replay, company: &Company<'_>, sink: &mut Sink) {
    let key = ["version".into()];
    if stage.version != replay.current() {
        let message = format!("the pointer says {}, and the journal {}", shown(stage.version), shown(replay.current()));
        let hint = match replay.current() {
            Some(version) => format!("write `version = {version}`, or move the pointer with `modelreg`"),
            None => "remove `version`, or move the pointer with `modelreg`".to_owned(),
        };
        sink.key(&POINTER_UNTRUE, source, &key, message, hint);
    }
    let Some(version) = stage.version else { return };
    let name = &stage.stage;
    match company.unfit(version) {
        None => {}
        Some(Unfit::Missing) => {
            let message = format!("`{name}` points to version {version}, which the model does not have");
            sink.key(&POINTER_TO_MISSING, source, &key, message, "roll back to a version that is there");
        }
        Some(Unfit::Deleted) => {
            let what = if company.model_deleted { "whose model is deleted" } else { "which is deleted" };
            let message = format!("`{name}` points to version {version}, {what}");
            sink.key(&POINTER_TO_DELETED, source, &key, message, "restore it, or move the stage to another version");
        }
        Some(Unfit::Archived) => {
            let message = format!("`{name}` points to version {version}, which is archived");
            let hint = "run `modelreg unarchive`, or move the stage to another version";
            sink.key(&POINTER_TO_ARCHIVED, source, &key, message, hint);
        }
    }
}

fn check_beside(stage: &Stage, source: &Source, held: &HashSet<u64>, company: &Company<'_>, sink: &mut Sink) {
    let mut seen = HashSet::new();
    for (at, &version) in stage.beside.iter().enumerate() {
        let why = match company.unfit(version) {
            _ if stage.version == Some(version) => "is the pointer itself",
            _ if !seen.insert(version) => "stands here twice",
            Some(Unfit::Missing) => "does not exist",
            Some(Unfit::Deleted) => "is deleted",
            Some(Unfit::Archived) => "is archived",
            None if !held.contains(&version) => "was never promoted into this stage",
            None => continue,
        };
        let key = ["beside".into(), at.into()];
        sink.key(&BAD_BESIDE, source, &key, format!("version {version} {why}"), "remove it from `beside`");
    }
}
