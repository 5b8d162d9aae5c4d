//! Versions side by side.

use anyhow::Result;

use super::find::{self, Target};
use super::refusal::Refusal;
use super::session::Session;
use crate::model::compare::{Candidate, Comparison, compare as side_by_side};
use crate::model::snapshot::stage_of;
use crate::model::{Selector, Snapshot};

/// Versions side by side.
pub type Compared = Comparison;

/// Compares two or more versions of one model or of several.
pub fn compare(session: &Session, targets: &[Target]) -> Result<Compared> {
    if targets.len() < 2 {
        return Err(
            Refusal::new("a comparison needs at least two versions", "name them: `modelreg compare NAME 8 9`").into()
        );
    }
    let reading = session.read()?;
    let snapshot = Snapshot::open(&reading.tree)?;
    let mut columns = Vec::new();
    for target in targets {
        let model = find::file(&snapshot, &target.model)?;
        let selector = target.selector.as_ref().unwrap_or(&Selector::Latest);
        let manifest = find::select(&snapshot, &model, selector)?;
        let stage = stage_of(&snapshot.stages(&model.name)?, &manifest).to_owned();
        columns.push((format!("{}@{}", model.name, manifest.version), manifest, stage));
    }
    let candidates: Vec<Candidate<'_>> =
        columns.iter().map(|(label, manifest, stage)| Candidate { label, manifest, stage }).collect();
    Ok(side_by_side(&candidates, &snapshot.registry))
}
