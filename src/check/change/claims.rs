//! A former name that a change adds belongs to no other model.

use anyhow::Result;

use super::model::ModelChange;
use crate::check::models::{name_taken, shared};
use crate::check::sink::Sink;

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
