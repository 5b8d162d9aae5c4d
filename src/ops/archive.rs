//! Archiving a version, and undoing that.

use anyhow::Result;

use super::commit::{Done, Message, Plan, Precondition, commit, edit_version};
use super::find;
use super::refusal::Refusal;
use super::session::Session;
use crate::model::snapshot::stage_of;
use crate::model::{ModelName, STAGE_ARCHIVED};

/// Marks a version as archived, or as not archived.
pub fn archive(session: &Session, name: &ModelName, version: u64, archived: bool) -> Result<Done<()>> {
    commit(session, &Precondition::None, |snapshot, attempt| {
        let name = &find::live_file(snapshot, name)?.name;
        let manifest = find::live_manifest(snapshot, name, version)?;
        let stages = snapshot.stages(name)?;
        if let Some(stage) = stages.iter().find(|stage| archived && stage.holds(version)) {
            return Err(Refusal::new(
                format!("version {version} of `{name}` is in {}", stage.stage),
                format!("`modelreg withdraw '{name}' {version} --from '{}'` first, or promote another", stage.stage),
            )
            .into());
        }
        // A version that has left its last stage counts as archived without the key `archived`; `archived = false`
        // overrides that.
        let so_already = match archived {
            true => manifest.archived == Some(true),
            false => manifest.archived != Some(true) && stage_of(&stages, &manifest) != STAGE_ARCHIVED,
        };
        if so_already {
            let is = if archived { "is already archived" } else { "is not archived" };
            return Err(Refusal::new(
                format!("version {version} of `{name}` {is}"),
                format!("`modelreg show '{name}'` shows its versions"),
            )
            .into());
        }
        let verb = if archived { "Archive" } else { "Unarchive" };
        let message =
            Message::new(format!("{verb} {name} {version}")).trailer("Model", name).trailer("Version", version);
        let edits = edit_version(snapshot, name, version, attempt, |document| {
            document.set("archived", Some(archived));
        })?;
        Ok(Plan::new(edits, message, ()))
    })
}
