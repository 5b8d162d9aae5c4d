//! Deleting a version or a model, which leaves a tombstone, and undoing that.

use anyhow::Result;

use super::commit::{Done, Message, Plan, Precondition, commit, edit, label, select};
use super::find::{self, Target};
use super::refusal::Refusal;
use super::session::Session;
use crate::model::{RegisteredModel, Stage, Text, Tombstone};

/// Adds a tombstone to a version or a model. Refused for a version in a stage or with an alias, and for a model with a
/// version in a stage.
pub fn delete(session: &Session, target: &Target, reason: Option<&Text>) -> Result<Done<()>> {
    commit(session, &Precondition::None, |snapshot, attempt| {
        let (model, manifest) = select(snapshot, target)?;
        let (name, version) = (&model.name, manifest.as_ref().map(|manifest| manifest.version));
        let created_at = manifest.map_or(model.created_at, |manifest| manifest.created_at);
        refuse_in_use(&model, &snapshot.stages(name)?, version)?;
        let tombstone = Tombstone { at: attempt.at.max(created_at), by: attempt.by.clone(), reason: reason.cloned() };
        let edits = edit(snapshot, name, version, attempt, |document| {
            document.tombstone(Some(&tombstone));
        })?;
        let message = Message::new(format!("Delete {}", label(name, version)))
            .body(reason.map(Text::as_str))
            .trailer("Action", "delete")
            .trailer("Model", name)
            .version(version);
        Ok(Plan::new(edits, message, ()))
    })
}

fn refuse_in_use(model: &RegisteredModel, stages: &[Stage], version: Option<u64>) -> Result<()> {
    let name = &model.name;
    let hit = |v: u64| version.is_none_or(|only| only == v);
    for stage in stages {
        if let Some(v) = stage.version.into_iter().chain(stage.beside.iter().copied()).find(|&v| hit(v)) {
            return Err(Refusal::new(
                format!("version {v} of `{name}` is in {}", stage.stage),
                format!("`modelreg withdraw '{name}' {v} --from '{}'` first, or promote another", stage.stage),
            )
            .into());
        }
    }
    let alias = model.aliases.iter().find(|(_, v)| version == Some(**v));
    match alias {
        Some((alias, v)) => Err(Refusal::new(
            format!("the alias `{alias}` of `{name}` points to version {v}"),
            format!("`modelreg alias '{name}' {alias} --remove` first, or point it elsewhere"),
        )
        .into()),
        None => Ok(()),
    }
}

/// Removes a tombstone.
pub fn restore(session: &Session, target: &Target) -> Result<Done<()>> {
    commit(session, &Precondition::None, |snapshot, attempt| {
        let model = find::file(snapshot, &target.model)?;
        let selector = target.selector.as_ref();
        let manifest = selector.map(|selector| find::select(snapshot, &model, selector)).transpose()?;
        let (name, version) = (&model.name, manifest.as_ref().map(|manifest| manifest.version));
        let deleted = manifest.map_or(model.deleted, |manifest| manifest.deleted);
        let shown = label(name, version);
        if deleted.is_none() {
            return Err(Refusal::new(
                format!("{shown} is not deleted"),
                format!("`modelreg show '{name}'` shows its versions"),
            )
            .into());
        }
        let edits = edit(snapshot, name, version, attempt, |document| {
            document.tombstone(None);
        })?;
        let message = Message::new(format!("Restore {shown}"))
            .trailer("Action", "restore")
            .trailer("Model", name)
            .version(version);
        Ok(Plan::new(edits, message, ()))
    })
}
