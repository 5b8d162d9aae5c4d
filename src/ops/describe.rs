//! Describing a model or a version; and editing what may change, which other operations share.

use anyhow::Result;

use super::commit::{Asked, Done, Edits, Plan, commit};
use super::find::{self, Target};
use super::message::Message;
use super::refusal::Refusal;
use super::session::Session;
use crate::model::snapshot::text;
use crate::model::write::Document;
use crate::model::{ModelName, ModelSnapshot, Snapshot, Text};

/// Sets the description of a model or a version, or removes it.
pub fn describe(session: &Session, target: &Target, description: Option<&Text>) -> Result<Done<()>> {
    commit(session, |snapshot, asked| {
        let (model, version) = select(snapshot, target)?;
        let name = &model.file.name;
        let shown = label(name, version);
        let edits = edit(snapshot, name, version, asked, |document| {
            document.set("description", description.map(Text::as_str));
        })?;
        let message = Message::new(format!("Describe {shown}")).trailer("Model", name).version(version);
        Ok(Plan { edits, message, value: () })
    })
}

/// The model that is meant, and the number of the version where one is; neither deleted.
pub(super) fn select(snapshot: &Snapshot<'_>, target: &Target) -> Result<(ModelSnapshot, Option<u64>)> {
    let model = find::live_model(snapshot, &target.model)?;
    let version = target.selector.as_ref().map(|selector| find::select(&model, selector)).transpose()?;
    if let Some(version) = version {
        find::live_version(&model, version)?;
    }
    Ok((model, version))
}

/// A model or a version as commit subjects name it.
pub(super) fn label(name: &ModelName, version: Option<u64>) -> String {
    version.map_or(name.to_string(), |version| format!("{name} {version}"))
}

/// Edits what may change of a model or a version.
pub(super) fn edit(
    snapshot: &Snapshot<'_>,
    name: &ModelName,
    version: Option<u64>,
    asked: &Asked,
    change: impl FnOnce(&mut Document),
) -> Result<Edits> {
    let layout = snapshot.layout();
    let path = version.map_or(layout.model_file(name), |version| layout.version_file(name, version));
    edit_file(snapshot, path, asked, change)
}

/// Edits what may change of a version.
pub(super) fn edit_version(
    snapshot: &Snapshot<'_>,
    name: &ModelName,
    version: u64,
    asked: &Asked,
    change: impl FnOnce(&mut Document),
) -> Result<Edits> {
    edit(snapshot, name, Some(version), asked, change)
}

fn edit_file(
    snapshot: &Snapshot<'_>,
    path: String,
    asked: &Asked,
    change: impl FnOnce(&mut Document),
) -> Result<Edits> {
    let missing = || Refusal::new(format!("`{path}` is missing"), "run `modelreg validate`");
    let entry = snapshot.tree.find(&path)?.ok_or_else(missing)?;
    let before = text(snapshot.tree, &entry)?;
    let mut document = Document::parse(&before)?;
    change(&mut document);
    if document.text() == before {
        return Err(Refusal::new("nothing would change", "it is so already").into());
    }
    document.touch(asked.at, asked.by.as_str());
    Ok(Edits::from([(path, Some(document.text().into_bytes()))]))
}
