//! Resolving a `models:/` address to an artifact. Reads only the files that answer the query.

use anyhow::Result;

use super::find::{self, Target};
use super::refusal::Refusal;
use super::session::Session;
use crate::model::{Artifact, ModelName, Selector, Snapshot};

/// The version and the artifact of an address.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Resolved {
    /// The model.
    pub name: String,
    /// The version.
    pub version: u64,
    /// The artifact.
    #[serde(flatten)]
    pub artifact: Artifact,
}

/// Resolves a model's version, stage or alias.
pub fn resolve(session: &Session, target: &Target) -> Result<Resolved> {
    let reading = session.read()?;
    let snapshot = Snapshot::open(&reading.tree)?;
    let model = find::live_file(&snapshot, &target.model)?;
    let selector = target.selector.as_ref().unwrap_or(&Selector::Latest);
    refuse_unused_stage(&snapshot, &model.name, selector)?;
    let manifest = find::select_live(&snapshot, &model, selector)?;
    Ok(Resolved { name: model.name.to_string(), version: manifest.version, artifact: manifest.artifact })
}

/// Refuses a stage that no version of the model has been in.
fn refuse_unused_stage(snapshot: &Snapshot<'_>, name: &ModelName, selector: &Selector) -> Result<()> {
    let Selector::Named(stage) = selector else { return Ok(()) };
    let Some(policy) = snapshot.registry.stage(stage) else { return Ok(()) };
    if snapshot.stage(name, &policy.name)?.is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        format!("no version of `{name}` has been in {stage}"),
        format!("`modelreg promote '{name}' VERSION --to '{stage}'` promotes a version"),
    )
    .into())
}
