//! Moving a stage's pointer: what promotion, rollback and withdrawal have in common.

use anyhow::Result;

use super::commit::{Asked, Edits};
use super::find::nearest;
use super::refusal::Refusal;
use crate::model::snapshot::text;
use crate::model::{
    Action, ModelSnapshot, Move, Review, Snapshot, Stage, StageName, StagePolicy, Text, Timestamp, write,
};

/// A pointer that was moved.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Moved {
    /// The model.
    pub model: String,
    /// The stage.
    pub stage: String,
    /// What was done.
    pub action: Action,
    /// The version that was moved.
    pub version: u64,
    /// The version that was in the stage before.
    pub from: Option<u64>,
    /// The version that is in the stage now.
    pub now: Option<u64>,
    /// Other versions in the stage.
    pub beside: Vec<u64>,
    /// The time that was written, where the clock was behind the journal's last entry.
    pub clock_behind: Option<Timestamp>,
}

/// The policy of a stage; refused where the registry has no such stage.
pub(super) fn declared<'r>(snapshot: &'r Snapshot<'_>, stage: &str) -> Result<&'r StagePolicy> {
    let names: Vec<String> = snapshot.registry.stages.iter().map(|s| s.name.to_string()).collect();
    Ok(snapshot.registry.stage(stage).ok_or_else(|| {
        let all = if names.is_empty() {
            "registry.toml declares none".into()
        } else {
            format!("the stages are {}", names.join(", "))
        };
        Refusal::new(format!("the registry has no stage `{stage}`"), nearest(stage, &names, &all))
    })?)
}

/// The policy of a stage; refused where the registry has no such stage, or wants a review.
pub(super) fn policy<'r>(snapshot: &'r Snapshot<'_>, stage: &str) -> Result<&'r StagePolicy> {
    let policy = declared(snapshot, stage)?;
    if policy.review != Review::None {
        let how = match policy.review {
            Review::Forge => "a pull request".to_owned(),
            _ => format!("{} approval(s)", policy.needed_approvals()),
        };
        return Err(Refusal::new(
            format!("{} wants {how} for each move (registry.toml: review)", policy.name),
            "this version of modelreg cannot make review requests yet: move the pointer in a branch of your own and have it reviewed",
        )
        .into());
    }
    Ok(policy)
}

/// The stage of a model as it stands.
pub(super) fn stage_of(model: &ModelSnapshot, name: &StageName) -> Stage {
    model.stage(name.as_str()).cloned().unwrap_or_else(|| Stage::empty(name.clone()))
}

/// A move that is asked for.
pub(super) struct Wanted<'w> {
    /// What to do.
    pub action: Action,
    /// With which version.
    pub version: u64,
    /// Why.
    pub reason: Option<&'w Text>,
    /// Whether the displaced version stays beside.
    pub keep: bool,
}

/// Plans a move: the stage's new file, and what to tell of it.
pub(super) fn plan(
    snapshot: &Snapshot<'_>,
    model: &ModelSnapshot,
    stage: &Stage,
    wanted: &Wanted<'_>,
    asked: &Asked,
) -> Result<(Edits, Moved)> {
    let last = stage.history.last().map(|entry| entry.at);
    // A journal's times never fall: where the clock is behind, the entry takes the next millisecond.
    let at = last.map_or(asked.at, |last| if asked.at < last { last.next() } else { asked.at });
    let entry = Move {
        at,
        by: asked.by.clone(),
        action: wanted.action,
        version: wanted.version,
        from: stage.replay().current(),
        reason: wanted.reason.cloned(),
        emergency: false,
        request: None,
        approvals: Vec::new(),
    };
    let next = stage.moved(entry, wanted.keep);
    let path = snapshot.layout().stage_file(&model.file.name, &stage.stage);
    let present = snapshot.tree.find(&path)?.map(|entry| text(snapshot.tree, &entry)).transpose()?;
    let written = write::stage_text(&next, present.as_deref(), &path)?;
    let moved = Moved {
        model: model.file.name.to_string(),
        stage: stage.stage.to_string(),
        action: wanted.action,
        version: wanted.version,
        from: stage.version,
        now: next.version,
        beside: next.beside.clone(),
        clock_behind: (at != asked.at).then_some(at),
    };
    Ok((Edits::from([(path, Some(written.into_bytes()))]), moved))
}
