//! A stage of one model: the pointer, `beside` and the journal, and their consistency.

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

/// The data outside a stage's file that its rules need.
pub(super) struct StageContext<'a> {
    /// The registry; none if `registry.toml` is invalid.
    pub registry: Option<&'a Registry>,
    /// The model's versions.
    pub versions: &'a Versions,
    /// Whether the model has a tombstone.
    pub model_deleted: bool,
}

impl StageContext<'_> {
    /// Why a version cannot be in a stage; none if it can.
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

/// Checks a stage's file.
pub(super) fn check(loaded: &Loaded<Stage>, context: &StageContext<'_>, sink: &mut Sink) {
    let Loaded { value: stage, source } = loaded;
    check_name(stage, source, context, sink);
    let (replay, held) = check_journal(stage, source, context, sink);
    check_pointer(stage, source, &replay, context, sink);
    check_beside(stage, source, &held, context, sink);
}

fn check_name(stage: &Stage, source: &Source, context: &StageContext<'_>, sink: &mut Sink) {
    let file = source.file_name();
    if let Some(registry) = context.registry
        && !registry.stages.iter().any(|policy| policy.name.file_name() == file)
    {
        let names: Vec<_> = registry.stages.iter().map(|policy| format!("`{}`", policy.name.file_name())).collect();
        let message = format!("no stage of the registry has the file `{file}`");
        let hint = match names.as_slice() {
            [] => "declare the stage in `registry.toml`, or remove the file".to_owned(),
            _ => format!("name the file one of {}, or declare the stage", names.join(", ")),
        };
        sink.path(&UNKNOWN_STAGE_FILE, &source.path, message, hint);
    }
    if stage.stage.file_name() != file {
        let message = format!("the file of the stage `{}` is `{}`", stage.stage, stage.stage.file_name());
        sink.key(&STAGE_FILE_MISMATCH, source, &["stage".into()], message, "correct the stage, or the file's name");
    }
}

fn shown(version: Option<u64>) -> String {
    version.map_or("nothing".into(), |version| format!("version {version}"))
}

fn entry_key(at: usize, key: &str) -> [KeyStep; 3] {
    ["history".into(), at.into(), key.into()]
}

/// Replays the journal and checks each entry against the entries before it. Also returns all versions that were ever in
/// the stage.
fn check_journal(
    stage: &Stage,
    source: &Source,
    context: &StageContext<'_>,
    sink: &mut Sink,
) -> (Replay, HashSet<u64>) {
    let mut replay = Replay::default();
    let mut held = HashSet::new();
    for (at, entry) in stage.history.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).map(|before| &stage.history[before])
            && entry.at < before.at
        {
            let message = format!("{} is before the entry above it, at {}", entry.at, before.at);
            let hint = format!("put new entries at the end; the earliest valid time is {}", before.at.next());
            sink.key(&JOURNAL_TIME_ORDER, source, &entry_key(at, "at"), message, hint);
        }
        check_entry(entry, at, source, context, sink);
        check_emergency(stage, entry, at, source, context, sink);
        if let Err(illegal) = replay.refuse(entry, |version| held.contains(&version)) {
            let key = if matches!(illegal, crate::model::Illegal::From { .. }) { "from" } else { "version" };
            let message = format!("this {} is not possible: {illegal}", entry.action.word());
            let hint = "correct a new entry; move versions with `modelreg promote`, `rollback` and `withdraw`";
            // If `from` is missing, the finding is at `version`.
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

fn check_entry(entry: &Move, at: usize, source: &Source, context: &StageContext<'_>, sink: &mut Sink) {
    match context.versions.get(&entry.version) {
        None => {
            let message = format!("the model has no version {}", entry.version);
            let hint = "correct the number, or restore the manifest";
            sink.key(&JOURNAL_VERSION_MISSING, source, &entry_key(at, "version"), message, hint);
        }
        Some(Some(known)) if entry.at < known.created_at => {
            let message = format!(
                "version {} was moved at {}, before its registration at {}",
                entry.version, entry.at, known.created_at
            );
            sink.key(&JOURNAL_BEFORE_VERSION, source, &entry_key(at, "at"), message, "check the two times");
        }
        Some(_) => {}
    }
    for (n, approval) in entry.approvals.iter().enumerate() {
        if approval.at < entry.at {
            let key = ["history".into(), at.into(), "approvals".into(), n.into(), "at".into()];
            let message = format!("`{}` approved at {}, before the request at {}", approval.by, approval.at, entry.at);
            sink.key(&APPROVAL_TIME, source, &key, message, "check the two times");
        }
    }
}

/// Reports a landed emergency with fewer approvals than the policy requires. Each approval was verified by the change
/// that added it.
fn check_emergency(
    stage: &Stage,
    entry: &Move,
    at: usize,
    source: &Source,
    context: &StageContext<'_>,
    sink: &mut Sink,
) {
    let policy = context.registry.and_then(|registry| registry.stage(stage.stage.as_str()));
    let mut people: Vec<String> = entry.approvals.iter().map(|approval| approval.by.as_str().to_lowercase()).collect();
    people.retain(|by| *by != entry.by.as_str().to_lowercase());
    people.sort();
    people.dedup();
    // Without a readable policy, or with a policy that requires no approval, one approval is expected.
    let counts = |policy: &StagePolicy| matches!(policy.review, Review::Recorded | Review::Signed);
    let needed = match policy {
        Some(policy) if !counts(policy) => return,
        policy => policy.map_or(1, |policy| policy.needed_approvals().max(1)) as usize,
    };
    if entry.emergency && people.len() < needed {
        let message = format!(
            "this landed emergency has {} of the {needed} approvals that {} requires",
            people.len(),
            stage.stage
        );
        let hint = "an approver must approve it: `modelreg requests`, then `modelreg approve`";
        sink.key(&EMERGENCY_UNAPPROVED, source, &entry_key(at, "emergency"), message, hint);
    }
}

fn check_pointer(stage: &Stage, source: &Source, replay: &Replay, context: &StageContext<'_>, sink: &mut Sink) {
    let key = ["version".into()];
    if stage.version != replay.current() {
        let message =
            format!("the pointer is {}, but the journal gives {}", shown(stage.version), shown(replay.current()));
        let hint = match replay.current() {
            Some(version) => format!("write `version = {version}`, or move the pointer with `modelreg`"),
            None => "remove `version`, or move the pointer with `modelreg`".to_owned(),
        };
        sink.key(&POINTER_UNTRUE, source, &key, message, hint);
    }
    let Some(version) = stage.version else { return };
    let name = &stage.stage;
    match context.unfit(version) {
        None => {}
        Some(Unfit::Missing) => {
            let message = format!("`{name}` points to version {version}, which the model does not have");
            sink.key(&POINTER_TO_MISSING, source, &key, message, "roll back to an existing version");
        }
        Some(Unfit::Deleted) => {
            let what = if context.model_deleted { "whose model is deleted" } else { "which is deleted" };
            let message = format!("`{name}` points to version {version}, {what}");
            sink.key(
                &POINTER_TO_DELETED,
                source,
                &key,
                message,
                "restore the version, or move the stage to another version",
            );
        }
        Some(Unfit::Archived) => {
            let message = format!("`{name}` points to version {version}, which is archived");
            let hint = "run `modelreg unarchive`, or move the stage to another version";
            sink.key(&POINTER_TO_ARCHIVED, source, &key, message, hint);
        }
    }
}

fn check_beside(stage: &Stage, source: &Source, held: &HashSet<u64>, context: &StageContext<'_>, sink: &mut Sink) {
    let mut seen = HashSet::new();
    for (at, &version) in stage.beside.iter().enumerate() {
        let why = match context.unfit(version) {
            _ if stage.version == Some(version) => "is the pointer itself",
            _ if !seen.insert(version) => "is listed twice",
            Some(Unfit::Missing) => "does not exist",
            Some(Unfit::Deleted) => "is deleted",
            Some(Unfit::Archived) => "is archived",
            None if !held.contains(&version) => "was never promoted into this stage",
            None => continue,
        };
        let key = ["beside".into(), at.into()];
        sink.key(&BAD_BESIDE, source, &key, format!("version {version} {why}"), "remove the number from `beside`");
    }
}
