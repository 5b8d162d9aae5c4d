//! A request that was rejected or withdrawn does not land.

use anyhow::Result;

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::codes::change::CLOSED_REQUEST_LANDED;
use crate::model::ClosedRequest;

/// Judges the new entries by the closed requests of their versions.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let stage = &change.after.value.stage;
    for (index, entry) in change.new_entries() {
        let Some(manifest) = change.model.manifest(entry.version)? else { continue };
        let is_this = |closed: &&ClosedRequest| {
            closed.stage == *stage && closed.requested_at == entry.at && closed.requested_by == entry.by
        };
        if let Some(closed) = manifest.closed_requests.iter().find(is_this) {
            let key = ["history".into(), index.into()];
            let message = format!(
                "the request for this move was {} by {} at {}",
                closed.outcome.word(),
                closed.by,
                closed.at.human()
            );
            sink.key(&CLOSED_REQUEST_LANDED, &change.after.source, &key, message, "make a new request for the move");
        }
    }
    Ok(())
}
