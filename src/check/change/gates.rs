//! What a version must show to enter a stage, by the policy of the base.

use anyhow::Result;

use super::Sides;
use super::approvals::readable;
use crate::check::layout::ModelFolder;
use crate::check::sink::{Loaded, Sink};
use crate::diag::Gated;
use crate::diag::codes::change::{GATE_NOT_MET, REQUIREMENT_NOT_MET};
use crate::model::layout::{STAGES, VERSIONS};
use crate::model::{Action, Manifest, Move, Stage, gates};

/// Judges the promotions among the new entries. Nothing holds a rollback back: it goes to what was good once.
pub(super) fn check(
    sides: &Sides<'_>,
    model: &ModelFolder,
    before: &[Move],
    after: &Loaded<Stage>,
    sink: &mut Sink,
) -> Result<()> {
    let stage = &after.value.stage;
    let Some(policy) = sides.policy.stage(stage.as_str()) else { return Ok(()) };
    if policy.requires.is_empty() && policy.gates.is_empty() {
        return Ok(());
    }
    let manifest =
        |version: u64| readable::<Manifest>(sides.head, &format!("{}/{VERSIONS}/{version}.toml", model.entry.path));
    let new = after.value.history.iter().enumerate().skip(before.len());
    for (index, entry) in new.filter(|(_, entry)| entry.action == Action::Promote) {
        // That the version is missing is another rule's finding.
        let Some(candidate) = manifest(entry.version)? else { continue };
        let judged = gates::judge(policy, &candidate, |name| {
            let now = match sides.policy.stage(name).map(|policy| &policy.name) {
                Some(same) if same == stage => entry.from,
                Some(other) => {
                    let path = format!("{}/{STAGES}/{}", model.entry.path, other.file_name());
                    readable::<Stage>(sides.head, &path)?.and_then(|stage| stage.version)
                }
                None => None,
            };
            now.map_or(Ok(None), manifest)
        })?;
        for failed in judged.iter().filter(|result| !result.passed) {
            let code = if failed.required_key { &REQUIREMENT_NOT_MET } else { &GATE_NOT_MET };
            let message = format!("version {} may not enter {stage}: {}", entry.version, failed.sentence());
            let hint = match failed.required_key {
                true if failed.asked == "description" => {
                    format!("`modelreg describe '{}@{}' TEXT` adds it", model.name, entry.version)
                }
                true => format!("register a version that has `{}`", failed.asked),
                false => "promote a version that passes, or have the policy changed first".to_owned(),
            };
            sink.key(code, &after.source, &["history".into(), index.into(), "version".into()], message, hint);
        }
        let (model, stage) = (model.name.to_string(), stage.to_string());
        sink.gated(Gated { model, stage, version: entry.version, from: entry.from, results: judged });
    }
    Ok(())
}
