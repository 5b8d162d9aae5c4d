//! Edits of the mutable keys of `model.toml` and of manifests.

use anyhow::Result;

use super::plan::{Attempt, Edits};
use crate::model::write::{self, Document};
use crate::model::{Manifest, ModelName, RegisteredModel, Snapshot, Stage};
use crate::ops::find::{self, Target};
use crate::ops::refusal::Refusal;

/// The target's model, and the manifest of its version if the target names one. A deleted model or version is refused.
pub(in crate::ops) fn select(snapshot: &Snapshot<'_>, target: &Target) -> Result<(RegisteredModel, Option<Manifest>)> {
    let model = find::live_file(snapshot, &target.model)?;
    let selector = target.selector.as_ref();
    let version = selector.map(|selector| find::select_live(snapshot, &model, selector)).transpose()?;
    Ok((model, version))
}

/// The name of a model or version in a commit subject.
pub(in crate::ops) fn label(name: &ModelName, version: Option<u64>) -> String {
    version.map_or(name.to_string(), |version| format!("{name} {version}"))
}

/// Edits `model.toml`, or the manifest of a version if one is given.
pub(in crate::ops) fn edit(
    snapshot: &Snapshot<'_>,
    name: &ModelName,
    version: Option<u64>,
    attempt: &Attempt,
    change: impl FnOnce(&mut Document),
) -> Result<Edits> {
    let layout = snapshot.layout();
    let path = version.map_or(layout.model_file(name), |version| layout.version_file(name, version));
    let missing = || Refusal::new(format!("`{path}` is missing"), "run `modelreg validate`");
    let before = snapshot.text(&path)?.ok_or_else(missing)?;
    let mut document = Document::parse(&before)?;
    change(&mut document);
    if document.text() == *before {
        return Err(Refusal::new(format!("`{path}` would not change"), "the file already has these values").into());
    }
    document.touch(attempt.at, attempt.by.as_str());
    Ok(Edits::from([(path, Some(document.text().into_bytes()))]))
}

/// Edits the manifest of a version.
pub(in crate::ops) fn edit_version(
    snapshot: &Snapshot<'_>,
    name: &ModelName,
    version: u64,
    attempt: &Attempt,
    change: impl FnOnce(&mut Document),
) -> Result<Edits> {
    edit(snapshot, name, Some(version), attempt, change)
}

/// Writes a stage's file anew. Comments and order that people gave the file stay.
pub(in crate::ops) fn write_stage(snapshot: &Snapshot<'_>, model: &ModelName, stage: &Stage) -> Result<Edits> {
    let path = snapshot.layout().stage_file(model, &stage.stage);
    let written = write::stage_text(stage, snapshot.text(&path)?.as_deref(), &path)?;
    Ok(Edits::from([(path, Some(written.into_bytes()))]))
}
