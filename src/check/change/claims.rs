//! A former name that a change adds belongs to no other model, and a model that a change adds takes no former name of
//! another.

use anyhow::Result;

use super::model::ModelChange;
use crate::check::models::{name_taken, shared};
use crate::check::sink::Sink;
use crate::diag::codes::change::FORMER_NAME_REUSED;
use crate::model::layout::MODEL_FILE;

/// Judges the former names that the change adds to a model.
pub(super) fn check(change: &ModelChange<'_>, sink: &mut Sink) -> Result<()> {
    let Some(own) = &change.head else { return Ok(()) };
    let (sides, before) = (change.sides, change.former_names_before());
    for (at, name) in own.value.former_names.iter().enumerate().filter(|(_, name)| !before.contains(name)) {
        if name != change.name() && sides.head.tree.find(&sides.layout.model_file(name))?.is_some() {
            name_taken(&own.source, at, name, sink);
        }
        if let Some(other) = change.names.also_of(name, change.name())? {
            shared(&own.source, at, name, other, sink);
        }
    }
    Ok(())
}

/// Judges the name of a model that the change adds or renames: addresses with a former name must go on to mean the model
/// that had the name.
pub(super) fn takes_no_former_name(change: &ModelChange<'_>, sink: &mut Sink) -> Result<()> {
    let (name, before) = (change.name(), change.old.as_ref().map(|old| &old.name));
    if before == Some(name) {
        return Ok(());
    }
    if let Some(other) = change.names.was_of(name, before)? {
        let message = format!("`{name}` is a former name of `{other}`, and its addresses still mean that model");
        let path = format!("{}/{MODEL_FILE}", change.new.entry.path);
        sink.path(&FORMER_NAME_REUSED, &path, message, "choose another name");
    }
    Ok(())
}
