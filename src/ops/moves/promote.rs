//! Moving a stage's pointer to a version.

use anyhow::Result;

use super::commit_move;
use super::moved::Moved;
use super::resolved::{ResolvedMove, StageMove, earliest, stage_of};
use crate::model::{Action, ModelName, Move, RegisteredModel, RequestId, Snapshot, StagePolicy, Text};
use crate::ops::commit::{Done, Precondition};
use crate::ops::find;
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;

/// What to promote.
#[derive(Debug, Clone)]
pub struct Promote {
    /// The model.
    pub model: ModelName,
    /// The version.
    pub version: u64,
    /// The stage that it enters.
    pub stage: String,
    /// The version that must be in the stage before; none means the one that the clone showed before a fetch.
    pub from: Option<u64>,
    /// The reason.
    pub reason: Option<Text>,
    /// Whether the version that is in the stage stays there beside the new version.
    pub keep_existing: bool,
    /// Whether to make a request even if the policy requires none.
    pub request: bool,
    /// Whether to promote a version that was rolled back from.
    pub again: bool,
}

/// Moves a stage's pointer to a version.
pub fn promote(session: &Session, ask: &Promote, precondition: &Precondition) -> Result<Done<Moved>> {
    commit_move(session, ask, precondition)
}

impl StageMove for Promote {
    fn model(&self) -> &ModelName {
        &self.model
    }

    fn from(&self) -> Option<u64> {
        self.from
    }

    fn policy<'r>(&self, snapshot: &'r Snapshot<'_>) -> Result<&'r StagePolicy> {
        find::stage_policy(snapshot, &self.stage)
    }

    fn resolve(&self, snapshot: &Snapshot<'_>) -> Result<ResolvedMove> {
        let policy = self.policy(snapshot)?;
        let model = find::live_file(snapshot, &self.model)?;
        let (name, version) = (&model.name, self.version);
        let manifest = find::live_manifest(snapshot, name, version)?;
        if manifest.archived == Some(true) {
            return Err(Refusal::new(
                format!("version {version} of `{name}` is archived"),
                format!("`modelreg unarchive '{name}' {version}` first"),
            )
            .into());
        }
        let stage = stage_of(snapshot, name, policy)?;
        if stage.version == Some(version) {
            return Err(Refusal::new(
                format!("version {version} of `{name}` is already in {}", policy.name),
                format!("`modelreg show '{name}'` shows the version of each stage"),
            )
            .into());
        }
        if !self.again
            && let Some(entry) = stage.rolled_back_from(version)
        {
            return Err(rolled_back_from(name, policy, entry, version).into());
        }
        refuse_without_earlier_stage(snapshot, &model, policy, version)?;
        Ok(ResolvedMove {
            id: RequestId { model: name.clone(), stage: policy.name.clone(), version },
            policy: policy.clone(),
            model,
            stage,
            registered: earliest(&manifest),
            action: Action::Promote,
            reason: self.reason.clone(),
            keep: self.keep_existing,
            emergency: false,
        })
    }

    fn as_request(&self) -> bool {
        self.request
    }
}

/// The refusal of a version that somebody found to be bad in this stage before.
fn rolled_back_from(name: &ModelName, policy: &StagePolicy, entry: &Move, version: u64) -> Refusal {
    let (stage, at, by) = (&policy.name, entry.at.human(), &entry.by);
    let why = entry.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    Refusal::new(
        format!("{stage} was rolled back from version {version} of `{name}` at {at} by {by}{why}"),
        format!("`modelreg promote '{name}' {version} --to '{stage}' --again` promotes it again"),
    )
}

/// Refuses a version that was never in the stage that the policy requires before this one (`after`).
fn refuse_without_earlier_stage(
    snapshot: &Snapshot<'_>,
    model: &RegisteredModel,
    policy: &StagePolicy,
    version: u64,
) -> Result<()> {
    let Some(after) = &policy.after else { return Ok(()) };
    let name = &model.name;
    if snapshot.stage(name, after)?.is_some_and(|stage| stage.has_held(version)) {
        return Ok(());
    }
    let stage = &policy.name;
    Err(Refusal::new(
        format!("version {version} of `{name}` was never in {after}, and {stage} accepts only versions that were"),
        format!("`modelreg promote '{name}' {version} --to '{after}'` first"),
    )
    .into())
}
