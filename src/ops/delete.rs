//! Deleting a version or a model, which leaves a tombstone, and undoing that.

use anyhow::Result;

use super::commit::{Done, Message, Plan, Precondition, commit, edit, label};
use super::find::{self, Target};
use super::refusal::Refusal;
use super::session::Session;
use crate::model::{ModelSnapshot, Text, Tombstone};

/// Adds a tombstone to a version or a model. Refused for a version in a stage or with an alias, and for a model with a
/// version in a stage.
pub fn delete(session: &Session, target: &Target, reason: Option<&Text>) -> Result<Done<()>> {
    commit(session, &Precondition::None, |snapshot, attempt| {
        let model = find::live_model(snapshot, &target.model)?;
        let name = &model.file.name;
        let version = target.selector.as_ref().map(|selector| find::select(&model, selector)).transpose()?;
        let created_at = match version {
            Some(version) => find::live_version(&model, version)?.created_at,
            None => model.file.created_at,
        };
        refuse_in_use(&model, version)?;
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

fn refuse_in_use(model: &ModelSnapshot, version: Option<u64>) -> Result<()> {
    let name = &model.file.name;
    let hit = |v: u64| version.is_none_or(|only| only == v);
    for stage in &model.stages {
        if let Some(v) = stage.version.into_iter().chain(stage.beside.iter().copied()).find(|&v| hit(v)) {
            return Err(Refusal::new(
                format!("version {v} of `{name}` is in {}", stage.stage),
                format!("`modelreg withdraw '{name}' {v} --from '{}'` first, or promote another", stage.stage),
            )
            .into());
        }
    }
    let alias = model.file.aliases.iter().find(|(_, v)| version == Some(**v));
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
        let model = find::model(snapshot, &target.model)?;
        let name = &model.file.name;
        let version = target.selector.as_ref().map(|selector| find::select(&model, selector)).transpose()?;
        let deleted = match version {
            Some(version) => find::version(&model, version)?.deleted.is_some(),
            None => model.file.deleted.is_some(),
        };
        let shown = label(name, version);
        if !deleted {
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
