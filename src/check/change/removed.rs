//! Models and stages' files stay.

use super::diff::Pair;
use crate::check::folders::ModelFolder;
use crate::check::sink::Sink;
use crate::diag::codes::change::{MODEL_REMOVED, STAGE_FILE_REMOVED};

/// A model that is gone, under its name and under any other.
pub(super) fn model(folder: &ModelFolder, sink: &mut Sink) {
    let hint = "put its folder back; `modelreg delete` leaves a tombstone, `modelreg rename` keeps the old name";
    sink.path(&MODEL_REMOVED, &folder.entry.path, format!("the model `{}` is gone", folder.name), hint);
}

/// A stage's file that is gone.
pub(super) fn stage(pair: &Pair, sink: &mut Sink) {
    if let (Some(gone), None) = (&pair.base, &pair.head) {
        let hint = "put the file back; `modelreg withdraw` empties a stage and keeps its journal";
        sink.path(&STAGE_FILE_REMOVED, &gone.path, "the stage's pointer and journal are gone", hint);
    }
}
