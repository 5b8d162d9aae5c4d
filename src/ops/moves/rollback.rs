//! Rollback to a version that was in a stage before.

use std::collections::BTreeSet;

use anyhow::Result;

use super::commit_move;
use super::moved::Moved;
use super::resolved::{ResolvedMove, StageMove, earliest, stage_of};
use crate::model::{Action, Manifest, ModelName, RequestId, Snapshot, Stage, StagePolicy, Text};
use crate::ops::commit::{Done, Precondition};
use crate::ops::find;
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;

/// What to roll back.
#[derive(Debug, Clone)]
pub struct Rollback {
    /// The model.
    pub model: ModelName,
    /// The stage; none means Production, or the registry's last stage if Production is missing.
    pub stage: Option<String>,
    /// The version to go back to; none means the prior one.
    pub to: Option<u64>,
    /// The version that must be in the stage before; none means the one that the clone showed before a fetch.
    pub from: Option<u64>,
    /// The reason.
    pub reason: Text,
    /// Whether the rollback lands before its approval.
    pub emergency: bool,
}

/// Moves a stage's pointer back to a version that was in the stage before.
pub fn rollback(session: &Session, ask: &Rollback, precondition: &Precondition) -> Result<Done<Moved>> {
    commit_move(session, ask, precondition)
}

impl StageMove for Rollback {
    fn model(&self) -> &ModelName {
        &self.model
    }

    fn from(&self) -> Option<u64> {
        self.from
    }

    fn policy<'r>(&self, snapshot: &'r Snapshot<'_>) -> Result<&'r StagePolicy> {
        find::stage_policy(snapshot, &stage_name(snapshot, self.stage.as_deref())?)
    }

    fn resolve(&self, snapshot: &Snapshot<'_>) -> Result<ResolvedMove> {
        let policy = self.policy(snapshot)?;
        let model = find::live_file(snapshot, &self.model)?;
        let stage = stage_of(snapshot, &model.name, policy)?;
        let target = destination(snapshot, &model.name, &stage, self.to)?;
        Ok(ResolvedMove {
            id: RequestId { model: model.name.clone(), stage: policy.name.clone(), version: target.version },
            policy: policy.clone(),
            model,
            stage,
            registered: earliest(&target),
            action: Action::Rollback,
            reason: Some(self.reason.clone()),
            keep: false,
            emergency: self.emergency,
        })
    }

    fn is_emergency(&self) -> bool {
        self.emergency
    }
}

/// The named stage; by default `Production`, or the last stage if there is no `Production`: versions pass through the
/// stages in their order.
fn stage_name(snapshot: &Snapshot<'_>, named: Option<&str>) -> Result<String> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let stages = &snapshot.registry.stages;
    let stage = snapshot.registry.stage("Production").or(stages.last());
    let none = || Refusal::new("the registry has no stages", "declare them in registry.toml");
    Ok(stage.ok_or_else(none)?.name.to_string())
}

/// The version that the rollback goes to, or the refusal.
fn destination(snapshot: &Snapshot<'_>, name: &ModelName, stage: &Stage, to: Option<u64>) -> Result<Manifest> {
    let shown = &stage.stage;
    let replay = stage.replay();
    let Some(current) = replay.current() else {
        return Err(Refusal::new(
            format!("no version of `{name}` is in {shown}, so there is no move to roll back"),
            format!("`modelreg promote '{name}' VERSION --to '{shown}'` promotes a version"),
        )
        .into());
    };
    let refuse = |why: String| -> Result<Manifest> {
        let hint = other_choices(snapshot, name, stage, current)?;
        Err(Refusal::new(why, hint).into())
    };
    let version = match (to, replay.prior()) {
        (Some(to), _) if to == current => return refuse(format!("version {to} of `{name}` is in {shown} now")),
        (Some(to), _) if !stage.has_held(to) => {
            return refuse(format!("version {to} of `{name}` was never in {shown}"));
        }
        (Some(version), _) | (None, Some(version)) => version,
        (None, None) => {
            return refuse(format!(
                "version {current} of `{name}` is the first version in {shown}, so there is no prior version"
            ));
        }
    };
    match find::live_manifest(snapshot, name, version) {
        Err(error) if error.is::<Refusal>() => refuse(format!("the rollback cannot go to version {version}: {error}")),
        Ok(manifest) if manifest.archived == Some(true) => {
            let others = other_choices(snapshot, name, stage, current)?;
            let hint = format!("`modelreg unarchive '{name}' {version}` first, or: {others}");
            Err(Refusal::new(format!("version {version} of `{name}` is archived"), hint).into())
        }
        found => found,
    }
}

/// The hint of a refusal: the other versions that were in the stage.
fn other_choices(snapshot: &Snapshot<'_>, name: &ModelName, stage: &Stage, current: u64) -> Result<String> {
    let shown = &stage.stage;
    let entered = stage.history.iter().filter(|entry| entry.action != Action::Withdraw);
    let held: BTreeSet<u64> = entered.map(|entry| entry.version).filter(|version| *version != current).collect();
    let mut usable = Vec::new();
    for version in held {
        let manifest = snapshot.manifest(name, version)?;
        if manifest.is_some_and(|manifest| manifest.deleted.is_none() && manifest.archived != Some(true)) {
            usable.push(version.to_string());
        }
    }
    Ok(match usable.as_slice() {
        [] => {
            format!("register and promote a good version, or `modelreg withdraw '{name}' {current} --from '{shown}'`")
        }
        _ => format!("name a version that was in {shown} with `--to`: {}", usable.join(", ")),
    })
}
