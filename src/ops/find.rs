//! Finding the model and the version that a user names.

use anyhow::Result;

use super::refusal::Refusal;
use crate::model::{
    Manifest, ModelName, ModelSnapshot, ModelUri, RegisteredModel, Selector, Snapshot, Stage, StagePolicy,
};

/// A model, and one of its versions if the user names one: `NAME`, `NAME@9`, `NAME@Production`, `NAME@champion`, or a
/// `models:/` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The model's name.
    pub model: ModelName,
    /// The version, by number, stage or alias.
    pub selector: Option<Selector>,
}

impl std::str::FromStr for Target {
    type Err = crate::model::Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("models:") {
            let uri = ModelUri::parse(text)?;
            return Ok(Self { model: uri.model, selector: Some(uri.selector) });
        }
        match text.split_once('@') {
            None => Ok(Self { model: ModelName::new(text)?, selector: None }),
            Some((name, selector)) => {
                Ok(Self { model: ModelName::new(name)?, selector: Some(Selector::parse(selector)?) })
            }
        }
    }
}

/// The present name of the model with this present or former name.
pub(super) fn model_name(snapshot: &Snapshot<'_>, name: &ModelName) -> Result<ModelName> {
    if snapshot.tree.find(&snapshot.layout().model_file(name))?.is_some() {
        return Ok(name.clone());
    }
    if let Some(now) = snapshot.renamed_from(name.as_str())? {
        return Ok(now);
    }
    let names: Vec<String> = snapshot.model_folders()?.iter().map(|folder| folder.name().to_owned()).collect();
    Err(Refusal::new(
        format!("no model is named `{name}`"),
        nearest(name.as_str(), &names, "`modelreg list` shows all models"),
    )
    .into())
}

/// The hint for an unknown name: the most similar name, and how to list all names.
pub(super) fn nearest(wanted: &str, names: &[String], otherwise: &str) -> String {
    let fold = wanted.to_lowercase();
    let scored = names.iter().map(|name| (strsim::jaro_winkler(&fold, &name.to_lowercase()), name));
    match scored.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((score, name)) if score > 0.8 => format!("did you mean `{name}`? {otherwise}"),
        _ => otherwise.to_owned(),
    }
}

/// The policy of a stage. Refused if the registry has no such stage.
pub(super) fn stage_policy<'r>(snapshot: &'r Snapshot<'_>, stage: &str) -> Result<&'r StagePolicy> {
    let names: Vec<String> = snapshot.registry.stages.iter().map(|s| s.name.to_string()).collect();
    Ok(snapshot.registry.stage(stage).ok_or_else(|| {
        let all = if names.is_empty() {
            "registry.toml declares no stages".into()
        } else {
            format!("the stages are {}", names.join(", "))
        };
        Refusal::new(format!("the registry has no stage `{stage}`"), nearest(stage, &names, &all))
    })?)
}

/// A model's own file, without its versions and stages. Refused if the model is unknown.
pub(super) fn file(snapshot: &Snapshot<'_>, name: &ModelName) -> Result<RegisteredModel> {
    let name = model_name(snapshot, name)?;
    Ok(snapshot.model_file(&name)?.ok_or_else(|| no_model_file(&name))?)
}

/// Like [`file`]. Refused if the model is deleted.
pub(super) fn live_file(snapshot: &Snapshot<'_>, name: &ModelName) -> Result<RegisteredModel> {
    let file = file(snapshot, name)?;
    refuse_deleted_model(&file)?;
    Ok(file)
}

/// Reads the manifest of a version, deleted or not, and no other file of the model.
pub(super) fn manifest(snapshot: &Snapshot<'_>, name: &ModelName, version: u64) -> Result<Manifest> {
    match snapshot.manifest(name, version)? {
        Some(manifest) => Ok(manifest),
        None => {
            let newest = snapshot.newest_version(name)?;
            Err(no_version(name, version, (newest > 0).then_some(newest)).into())
        }
    }
}

/// Like [`manifest`]. Refused if the version is deleted.
pub(super) fn live_manifest(snapshot: &Snapshot<'_>, name: &ModelName, version: u64) -> Result<Manifest> {
    let manifest = manifest(snapshot, name, version)?;
    refuse_deleted_version(name, &manifest)?;
    Ok(manifest)
}

fn no_model_file(name: &ModelName) -> Refusal {
    Refusal::new(format!("`{name}` has no model.toml"), "run `modelreg validate`")
}

fn no_version(name: &ModelName, version: u64, newest: Option<u64>) -> Refusal {
    let hint = newest.map_or("the model has no versions yet: `modelreg register` adds the first".into(), |newest| {
        format!("the model's versions are 1 to {newest}")
    });
    Refusal::new(format!("`{name}` has no version {version}"), hint)
}

fn refuse_deleted_model(file: &RegisteredModel) -> Result<(), Refusal> {
    let name = &file.name;
    if file.deleted.is_none() {
        return Ok(());
    }
    Err(Refusal::new(
        format!("the model `{name}` is deleted"),
        format!("`modelreg restore '{name}'` undoes the deletion"),
    ))
}

fn refuse_deleted_version(name: &ModelName, manifest: &Manifest) -> Result<(), Refusal> {
    let Some(deleted) = &manifest.deleted else { return Ok(()) };
    let number = manifest.version;
    let why = deleted.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    let message = format!("version {number} of `{name}` was deleted by {}{why}", deleted.by);
    Err(Refusal::new(message, format!("`modelreg restore '{name}@{number}'` undoes the deletion")))
}

/// A model with its versions and stages. Refused if the model is unknown.
pub(super) fn model(snapshot: &Snapshot<'_>, name: &ModelName) -> Result<ModelSnapshot> {
    let name = model_name(snapshot, name)?;
    let found = snapshot.model(&name)?;
    Ok(found.ok_or_else(|| no_model_file(&name))?)
}

/// The manifest of the selected version, deleted or not. Reads only the files that the selector needs: a model can have
/// thousands of versions.
pub(super) fn select(snapshot: &Snapshot<'_>, model: &RegisteredModel, selector: &Selector) -> Result<Manifest> {
    let alias = |alias: &str| model.aliases.get(alias).copied();
    let number = match selector {
        Selector::Version(number) => Some(*number),
        Selector::Latest => latest(snapshot, &model.name)?,
        Selector::Alias(wanted) => alias(wanted),
        Selector::Named(wanted) => match stage(snapshot, &model.name, wanted)? {
            Some(stage) => Some(pointer(&model.name, &stage)?),
            None => alias(wanted),
        },
    };
    match number {
        Some(number) => manifest(snapshot, &model.name, number),
        None => Err(unknown(model, &snapshot.stages(&model.name)?, selector).into()),
    }
}

/// Like [`select`]. Refused if the version is deleted.
pub(super) fn select_live(snapshot: &Snapshot<'_>, model: &RegisteredModel, selector: &Selector) -> Result<Manifest> {
    let manifest = select(snapshot, model, selector)?;
    refuse_deleted_version(&model.name, &manifest)?;
    Ok(manifest)
}

/// The number of the newest version that is not deleted.
fn latest(snapshot: &Snapshot<'_>, name: &ModelName) -> Result<Option<u64>> {
    for number in snapshot.versions(name)?.into_iter().rev() {
        if snapshot.manifest(name, number)?.is_some_and(|manifest| manifest.deleted.is_none()) {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// The stage of a model; none if the registry has no such stage, or if no version was ever in it.
fn stage(snapshot: &Snapshot<'_>, name: &ModelName, stage: &str) -> Result<Option<Stage>> {
    snapshot.registry.stage(stage).map_or(Ok(None), |policy| snapshot.stage(name, &policy.name))
}

/// The version in a stage. Refused if the stage is empty.
fn pointer(name: &ModelName, stage: &Stage) -> Result<u64, Refusal> {
    stage.version.ok_or_else(|| {
        Refusal::new(
            format!("no version of `{name}` is in {}", stage.stage),
            format!("`modelreg history '{name}'` shows the earlier versions"),
        )
    })
}

/// The refusal of a selector that selects no version.
fn unknown(model: &RegisteredModel, stages: &[Stage], selector: &Selector) -> Refusal {
    let stages = stages.iter().map(|stage| stage.stage.to_string());
    let names: Vec<String> = stages.chain(model.aliases.keys().map(ToString::to_string)).collect();
    let shown = if names.is_empty() {
        "the model has no stages or aliases yet".into()
    } else {
        format!("the model has {}", names.join(", "))
    };
    let wanted = selector.to_string();
    Refusal::new(
        format!("`{}` has no {}", model.name, wanted.trim_start_matches("the ")),
        nearest(wanted.trim_matches('`'), &names, &shown),
    )
}
