//! Queries about one model at a commit. They read only that model's files, whatever the size of the registry.

use std::sync::Arc;

use anyhow::Result;

use crate::check::Count;
use crate::model::{Candidate, Comparison, ModelName, ModelSnapshot, Move, RequestId, Snapshot, compare};
use crate::ops::review::Reader;
use crate::ops::session::Session;
use crate::store::Oid;

/// A model with all its versions and stages at a commit; none if the commit has no such model.
pub fn model_at(session: &Session, commit: Option<Oid>, name: &ModelName) -> Result<Option<Arc<ModelSnapshot>>> {
    let Some(commit) = commit else { return Ok(None) };
    let tree = session.store.tree(Some(commit))?;
    Ok(Snapshot::open(&tree)?.model(name)?.map(Arc::new))
}

/// The text of a version's manifest at a commit; none if the manifest is missing.
pub fn manifest_text(session: &Session, commit: Option<Oid>, name: &ModelName, version: u64) -> Result<Option<String>> {
    let tree = session.store.tree(commit)?;
    let snapshot = Snapshot::open(&tree)?;
    let path = snapshot.layout().version_file(name, version);
    Ok(snapshot.text(&path)?.map(|text| text.to_string()))
}

/// The counts of approvals for each move of a stage, by the policy at a commit, in the journal's order; none for a move
/// without approvals, and if the policy no longer has the stage.
pub fn approvals_at(
    session: &Session,
    commit: Option<Oid>,
    model: &ModelSnapshot,
    stage: &str,
) -> Result<Vec<Option<Count>>> {
    let Some(tip) = commit else { return Ok(Vec::new()) };
    let tree = session.store.tree(commit)?;
    let snapshot = Snapshot::open(&tree)?;
    let reader = Reader { session, branch: snapshot.registry.branch.as_str(), tip, snapshot: &snapshot };
    let history = model.stage(stage).map(|stage| stage.history.as_slice()).unwrap_or_default();
    let policy = snapshot.registry.stage(stage);
    let count = |(at, entry): (usize, &Move)| match policy {
        Some(policy) if !entry.approvals.is_empty() => {
            let model = model.file.name.clone();
            let facts = snapshot.manifest(&model, entry.version)?.map(|manifest| manifest.facts_digest());
            let id = RequestId { model, stage: policy.name.clone(), version: entry.version };
            reader.count(&id, at + 1, entry, facts, entry.approvals.len()).map(Some)
        }
        _ => Ok(None),
    };
    history.iter().enumerate().map(count).collect()
}

/// Versions side by side at a commit, in the given order. Versions that the commit does not have are skipped. `read`
/// returns a model at that commit.
pub fn compare_at(
    session: &Session,
    commit: Option<Oid>,
    versions: &[(ModelName, u64)],
    read: impl Fn(&ModelName) -> Result<Option<Arc<ModelSnapshot>>>,
) -> Result<Comparison> {
    let tree = session.store.tree(commit)?;
    let snapshot = Snapshot::open(&tree)?;
    let mut columns = Vec::new();
    for (name, number) in versions {
        let Some(model) = read(name)? else { continue };
        if let Some(manifest) = model.versions.get(number) {
            columns.push((format!("{name}@{number}"), manifest.clone(), model.stages_of(*number).join(", ")));
        }
    }
    let candidates: Vec<Candidate<'_>> =
        columns.iter().map(|(label, manifest, stage)| Candidate { label, manifest, stage }).collect();
    Ok(compare(&candidates, &snapshot.registry))
}
