//! A move is not dated before the registration of its version.

use anyhow::Result;

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::codes::change::JOURNAL_BACKDATED;

/// Judges the dates of the new entries. The rule covers the first entry of a journal too, which has no previous entry.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    for (index, entry) in change.new_entries() {
        let registered = change.model.manifest(entry.version)?.map(|manifest| manifest.created_at);
        if let Some(registered) = registered.filter(|registered| entry.at < *registered) {
            let key = ["history".into(), index.into(), "at".into()];
            let message = format!(
                "the new entry is dated {}, before version {} was registered at {registered}",
                entry.at, entry.version
            );
            sink.key(&JOURNAL_BACKDATED, &change.after.source, &key, message, "date the entry when the move was made");
        }
    }
    Ok(())
}
