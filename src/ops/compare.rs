//! Versions side by side.

use anyhow::Result;

use super::find::{self, Target};
use super::list::readable;
use super::refusal::Refusal;
use super::session::Session;
use crate::model::compare::{Candidate, Comparison, compare as side_by_side};
use crate::model::snapshot::stages_of;
use crate::model::{Manifest, Selector, Snapshot, Unreadable};

/// Versions side by side.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Compared {
    /// The comparison.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// The files that cannot be read. What they belong to is left out.
    pub unreadable: Vec<Unreadable>,
}

/// Compares two or more versions of one model or of several.
pub fn compare(session: &Session, targets: &[Target]) -> Result<Compared> {
    if targets.len() < 2 {
        return Err(
            Refusal::new("a comparison needs at least two versions", "name them: `modelreg compare NAME 8 9`").into()
        );
    }
    let reading = session.read()?;
    let snapshot = Snapshot::open(&reading.tree)?;
    let (mut columns, mut unreadable) = (Vec::new(), Vec::new());
    for target in targets {
        match readable(column(&snapshot, target))? {
            Ok(column) => columns.push(column),
            Err(why) if unreadable.contains(&why) => {}
            Err(why) => unreadable.push(why),
        }
    }
    if columns.is_empty()
        && let Some(why) = unreadable.pop()
    {
        return Err(why.into());
    }
    let candidates: Vec<Candidate<'_>> =
        columns.iter().map(|(label, manifest, stage)| Candidate { label, manifest, stage }).collect();
    Ok(Compared { comparison: side_by_side(&candidates, &snapshot.registry), unreadable })
}

/// The label, the manifest and the stages of a version.
fn column(snapshot: &Snapshot<'_>, target: &Target) -> Result<(String, Manifest, String)> {
    let model = find::file(snapshot, &target.model)?;
    let manifest = find::select(snapshot, &model, target.selector.as_ref().unwrap_or(&Selector::Latest))?;
    let stage = stages_of(&snapshot.stages(&model.name)?, &manifest).join(", ");
    Ok((format!("{}@{}", model.name, manifest.version), manifest, stage))
}
