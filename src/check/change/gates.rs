//! The requirements and gates that a version must pass to enter a stage, by the policy of the base.

use anyhow::Result;

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::Gated;
use crate::diag::codes::change::{GATE_NOT_MET, REQUIREMENT_NOT_MET};
use crate::model::{Action, Manifest, gates};

/// Judges the promotions among the new entries. Rollbacks are exempt, because the prior version passed before.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let (model, stage) = (change.model, &change.after.value.stage);
    let Some(policy) = change.policy() else { return Ok(()) };
    if policy.requires.is_empty() && policy.gates.is_empty() {
        return Ok(());
    }
    for (index, entry) in change.new_entries().filter(|(_, entry)| entry.action == Action::Promote) {
        // Another rule reports a missing version.
        let Some(candidate) = model.manifest(entry.version)? else { continue };
        let judged = gates::judge(policy, &candidate, |name| {
            let now = match model.sides.policy().stage(name).map(|policy| &policy.name) {
                Some(same) if same == stage => entry.from,
                Some(other) => model.stage(other)?.and_then(|stage| stage.version),
                None => None,
            };
            let manifest = now.map(|now| model.manifest(now)).transpose()?.flatten();
            anyhow::Ok(manifest.map(|manifest| Manifest::clone(&manifest)))
        })?;
        for failed in judged.iter().filter(|result| !result.passed) {
            let code = if failed.required_key { &REQUIREMENT_NOT_MET } else { &GATE_NOT_MET };
            let message = format!("version {} may not enter {stage}: {}", entry.version, failed.sentence());
            let hint = match failed.required_key {
                true if failed.asked == "description" => {
                    format!("`modelreg describe '{}@{}' TEXT` adds it", model.name(), entry.version)
                }
                true => format!("register a version that has `{}`", failed.asked),
                false => "promote a version that passes, or change the policy first".to_owned(),
            };
            sink.key(code, &change.after.source, &["history".into(), index.into(), "version".into()], message, hint);
        }
        let (model, stage) = (model.name().to_string(), stage.to_string());
        sink.gated(Gated { model, stage, version: entry.version, from: entry.from, results: judged });
    }
    Ok(())
}
