//! Models and stage files are never removed.

use super::diff::Pair;
use crate::check::folders::ModelFolder;
use crate::check::sink::Sink;
use crate::diag::codes::change::{MODEL_REMOVED, STAGE_FILE_REMOVED};

/// Reports a model that the head has under neither its name nor a new name.
pub(super) fn model(folder: &ModelFolder, sink: &mut Sink) {
    let hint = "restore the folder; `modelreg delete` leaves a tombstone, `modelreg rename` keeps the old name";
    sink.path(&MODEL_REMOVED, &folder.entry.path, format!("the model `{}` was removed", folder.name), hint);
}

/// Reports a removed stage file.
pub(super) fn stage(pair: &Pair, sink: &mut Sink) {
    if let (Some(gone), None) = (&pair.base, &pair.head) {
        let hint = "restore the file; `modelreg withdraw` empties a stage and keeps the journal";
        sink.path(&STAGE_FILE_REMOVED, &gone.path, "the stage's pointer and journal were removed", hint);
    }
}
