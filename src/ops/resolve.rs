//! Resolving a `models:/` address to an artifact. For a version or a stage, reads only the files that answer the query.

use anyhow::Result;

use super::find::{self, Target};
use super::refusal::Refusal;
use super::session::Session;
use crate::model::{Artifact, Manifest, ModelName, Selector, Snapshot};

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
    let name = find::model_name(&snapshot, &target.model)?;
    let manifest = manifest(&snapshot, &name, target.selector.as_ref().unwrap_or(&Selector::Latest))?;
    Ok(Resolved { name: name.to_string(), version: manifest.version, artifact: manifest.artifact })
}

fn manifest(snapshot: &Snapshot<'_>, name: &ModelName, selector: &Selector) -> Result<Manifest> {
    let number = match selector {
        Selector::Version(number) => Some(*number),
        Selector::Named(stage) => match snapshot.registry.stage(stage) {
            Some(policy) => snapshot.stage(name, &policy.name)?.and_then(|stage| stage.version),
            None => None,
        },
        Selector::Alias(_) | Selector::Latest => None,
    };
    if let Some(number) = number
        && let Some(manifest) = snapshot.manifest(name, number)?
        && manifest.deleted.is_none()
        && snapshot.model_file(name)?.is_some_and(|file| file.deleted.is_none())
    {
        return Ok(manifest);
    }
    // An alias, the latest version or an error: this needs the whole model.
    let model = find::live_model(snapshot, name)?;
    if let Selector::Named(stage) = selector
        && model.stage(stage).is_none()
        && snapshot.registry.stage(stage).is_some()
    {
        return Err(Refusal::new(
            format!("no version of `{name}` has been in {stage}"),
            format!("`modelreg promote '{name}' VERSION --to '{stage}'` promotes a version"),
        )
        .into());
    }
    let number = find::select(&model, selector)?;
    Ok(find::live_version(&model, number)?.clone())
}
