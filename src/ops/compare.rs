//! Versions side by side.

use anyhow::Result;

use super::find::{self, Target};
use super::refusal::Refusal;
use super::session::Session;
use crate::model::compare::{Candidate, Comparison, compare as side_by_side};
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
        let model = find::model(&snapshot, &target.model)?;
        let number = find::select(&model, target.selector.as_ref().unwrap_or(&Selector::Latest))?;
        let label = format!("{}@{number}", model.file.name);
        columns.push((label, find::version(&model, number)?.clone(), model.stage_of(number).to_owned()));
    }
    let candidates: Vec<Candidate<'_>> =
        columns.iter().map(|(label, manifest, stage)| Candidate { label, manifest, stage }).collect();
    Ok(side_by_side(&candidates, &snapshot.registry))
}
