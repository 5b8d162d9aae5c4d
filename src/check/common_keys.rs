//! Keys that `model.toml` and the manifests have in common.

use super::sink::{Sink, Source};
use crate::diag::codes::file::TOO_MANY_KEYS;
use crate::diag::codes::model::UPDATED_WITHOUT_BY;
use crate::model::{Timestamp, UserId};

/// The most keys that a table of tags, params, metrics or aliases may have.
const MAX_KEYS: usize = 1000;

/// Checks the number of keys of a table.
pub(super) fn too_many_keys(source: &Source, table: &str, count: usize, sink: &mut Sink) {
    if count > MAX_KEYS {
        let message = format!("`{table}` has {count} keys; the maximum is {MAX_KEYS}");
        let hint = "keep the data beside the artifact, and record its address and digest";
        sink.key(&TOO_MANY_KEYS, source, &[table.into()], message, hint);
    }
}

/// Checks that an edit has both a time and an author.
pub(super) fn updated_by(source: &Source, at: Option<Timestamp>, by: Option<&UserId>, sink: &mut Sink) {
    let (there, missing) = match (at, by) {
        (Some(_), None) => ("updated_at", "updated_by"),
        (None, Some(_)) => ("updated_by", "updated_at"),
        _ => return,
    };
    let message = format!("`{there}` is set without `{missing}`");
    sink.key(&UPDATED_WITHOUT_BY, source, &[there.into()], message, format!("add `{missing}`, or remove `{there}`"));
}
