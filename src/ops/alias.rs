//! Aliases of a model: each is a name for one version.

use anyhow::Result;

use super::commit::{Done, Message, Plan, Precondition, commit, edit};
use super::find;
use super::refusal::Refusal;
use super::session::Session;
use crate::model::{AliasName, ModelName};

/// A change of an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasChange {
    /// Point the alias to a version.
    Set(u64),
    /// Remove the alias.
    Remove,
}

/// Sets, moves or removes an alias.
pub fn alias(
    session: &Session,
    name: &ModelName,
    alias: &AliasName,
    change: &AliasChange,
) -> Result<Done<Option<u64>>> {
    commit(session, &Precondition::None, |snapshot, attempt| {
        let model = find::live_file(snapshot, name)?;
        let name = &model.name;
        let before = model.aliases.get(alias).copied();
        let (version, subject) = match change {
            AliasChange::Set(version) => {
                find::live_manifest(snapshot, name, *version)?;
                let was = before.map_or(String::new(), |was| format!(" (was {was})"));
                (Some(i64::try_from(*version)?), format!("Point alias {alias} of {name} to {version}{was}"))
            }
            AliasChange::Remove if before.is_none() => {
                let there: Vec<&str> = model.aliases.keys().map(AliasName::as_str).collect();
                let hint = if there.is_empty() {
                    "the model has no aliases".into()
                } else {
                    format!("the model's aliases are {}", there.join(", "))
                };
                return Err(Refusal::new(format!("`{name}` has no alias `{alias}`"), hint).into());
            }
            AliasChange::Remove => (None, format!("Remove alias {alias} of {name}")),
        };
        if snapshot.registry.stage(alias.as_str()).is_some() {
            return Err(Refusal::new(
                format!("`{alias}` is a stage, so an alias of that name would be ambiguous"),
                "choose another alias",
            )
            .into());
        }
        let edits = edit(snapshot, name, None, attempt, |document| {
            document.set_in("aliases", alias.as_str(), version);
        })?;
        let message = Message::new(subject).trailer("Model", name).trailer("Alias", alias);
        Ok(Plan::new(edits, message, before))
    })
}
