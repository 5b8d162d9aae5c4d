//! Describing a model or a version.

use anyhow::Result;

use super::commit::{Done, Message, Plan, Precondition, commit, edit, label, select};
use super::find::Target;
use super::session::Session;
use crate::model::Text;

/// Sets the description of a model or a version, or removes it.
pub fn describe(
    session: &Session,
    target: &Target,
    description: Option<&Text>,
    precondition: &Precondition,
) -> Result<Done<()>> {
    commit(session, precondition, |snapshot, attempt| {
        let (model, manifest) = select(snapshot, target)?;
        let (name, version) = (&model.name, manifest.map(|manifest| manifest.version));
        let shown = label(name, version);
        let edits = edit(snapshot, name, version, attempt, |document| {
            document.set("description", description.map(Text::as_str));
        })?;
        let message = Message::new(format!("Describe {shown}")).trailer("Model", name).version(version);
        Ok(Plan::new(edits, message, ()))
    })
}
