//! A stage with `after` accepts only versions that have been in the named stage.

use anyhow::Result;

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::codes::change::AFTER_NOT_MET;
use crate::model::Action;

/// Judges the promotions among the new entries by the `after` of the base's policy.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let stage = &change.after.value.stage;
    let Some(earlier) = change.policy().and_then(|policy| policy.after.as_ref()) else { return Ok(()) };
    let passed = change.model.stage(earlier)?;
    for (index, entry) in change.new_entries().filter(|(_, entry)| entry.action == Action::Promote) {
        if passed.as_ref().is_some_and(|stage| stage.has_held(entry.version)) {
            continue;
        }
        let key = ["history".into(), index.into(), "version".into()];
        let message = format!("version {} has never been in {earlier}, but {stage} requires that", entry.version);
        let hint = format!("first run `modelreg promote '{}' {} --to '{earlier}'`", change.model.name(), entry.version);
        sink.key(&AFTER_NOT_MET, &change.after.source, &key, message, hint);
    }
    Ok(())
}
