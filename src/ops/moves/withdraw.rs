//! Taking a version out of a stage.

use anyhow::Result;

use super::commit_move;
use super::moved::Moved;
use super::resolved::{ResolvedMove, StageMove, earliest, stage_of};
use crate::model::{Action, ModelName, RequestId, Snapshot, StagePolicy, Text};
use crate::ops::commit::{Done, Precondition};
use crate::ops::find;
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;

/// What to withdraw.
#[derive(Debug, Clone)]
pub struct Withdraw {
    /// The model.
    pub model: ModelName,
    /// The version.
    pub version: u64,
    /// The stage that the version leaves.
    pub stage: String,
    /// The reason.
    pub reason: Option<Text>,
}

/// Takes a version out of a stage. The stage is then empty, or keeps its other versions.
pub fn withdraw(session: &Session, ask: &Withdraw, precondition: &Precondition) -> Result<Done<Moved>> {
    commit_move(session, ask, precondition)
}

impl StageMove for Withdraw {
    fn model(&self) -> &ModelName {
        &self.model
    }

    fn depends_on_pointer(&self) -> bool {
        false
    }

    fn policy<'r>(&self, snapshot: &'r Snapshot<'_>) -> Result<&'r StagePolicy> {
        find::stage_policy(snapshot, &self.stage)
    }

    fn resolve(&self, snapshot: &Snapshot<'_>) -> Result<ResolvedMove> {
        let policy = self.policy(snapshot)?;
        let model = find::live_file(snapshot, &self.model)?;
        let (name, version) = (&model.name, self.version);
        let stage = stage_of(snapshot, name, policy)?;
        if !stage.holds(version) {
            let there = stage.version.map_or("no version is".to_owned(), |v| format!("version {v} is"));
            return Err(Refusal::new(
                format!("version {version} of `{name}` is not in {}", policy.name),
                format!("{there} in {} now; `modelreg show '{name}'` shows the version of each stage", policy.name),
            )
            .into());
        }
        let registered = snapshot.manifest(name, version)?.map(|manifest| earliest(&manifest));
        Ok(ResolvedMove {
            id: RequestId { model: name.clone(), stage: policy.name.clone(), version },
            policy: policy.clone(),
            registered: registered.unwrap_or(model.created_at),
            model,
            stage,
            action: Action::Withdraw,
            reason: self.reason.clone(),
            keep: true,
            emergency: false,
        })
    }
}
