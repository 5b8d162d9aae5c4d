//! Editing the part of `model.toml` or of a manifest that may change.

use anyhow::Result;

use super::plan::{Attempt, Edits};
use crate::model::write::Document;
use crate::model::{ModelName, ModelSnapshot, Snapshot};
use crate::ops::find::{self, Target};
use crate::ops::refusal::Refusal;

/// The model that is meant, and the number of the version where one is named. Deleted ones are refused.
pub(in crate::ops) fn select(snapshot: &Snapshot<'_>, target: &Target) -> Result<(ModelSnapshot, Option<u64>)> {
    let model = find::live_model(snapshot, &target.model)?;
    let version = target.selector.as_ref().map(|selector| find::select(&model, selector)).transpose()?;
    if let Some(version) = version {
        find::live_version(&model, version)?;
    }
    Ok((model, version))
}

/// A model or a version as commit subjects name it.
pub(in crate::ops) fn label(name: &ModelName, version: Option<u64>) -> String {
    version.map_or(name.to_string(), |version| format!("{name} {version}"))
}

/// Edits `model.toml`, or the manifest of a version where one is named.
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
        return Err(Refusal::new("nothing would change", "the file already says so").into());
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
