//! What belongs to one model, read at a given commit from that model's own files, whatever the size of the registry.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use crate::check::Count;
use crate::model::snapshot::text;
use crate::model::{Candidate, Comparison, ModelName, ModelSnapshot, RequestId, Snapshot, compare};
use crate::ops::request;
use crate::ops::session::Session;
use crate::store::Oid;

/// How many models are kept, and the most versions that one of them has.
const KEPT: usize = 8;
const MOST_VERSIONS: usize = 200;

/// The models that were read last: whoever looks at one looks at its versions next, and an export at all of them.
#[derive(Default)]
pub(in crate::ops) struct Recent(Mutex<VecDeque<(Oid, Arc<ModelSnapshot>)>>);

impl Recent {
    fn get(&self, commit: Oid, name: &ModelName) -> Option<Arc<ModelSnapshot>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(at, model)| *at == commit && model.file.name == *name);
        found.map(|(_, model)| Arc::clone(model))
    }

    fn keep(&self, commit: Oid, model: &Arc<ModelSnapshot>) {
        if model.versions.len() <= MOST_VERSIONS {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.truncate(KEPT - 1);
            kept.push_front((commit, Arc::clone(model)));
        }
    }
}

/// A model with all its versions and stages at a commit; none where it is not there.
pub fn model_at(session: &Session, commit: Option<Oid>, name: &ModelName) -> Result<Option<Arc<ModelSnapshot>>> {
    let Some(commit) = commit else { return Ok(None) };
    if let Some(model) = session.recent.get(commit, name) {
        return Ok(Some(model));
    }
    let tree = session.store.tree(Some(commit))?;
    let model = Snapshot::open(&tree)?.model(name)?.map(Arc::new);
    // What is found by its folder has another name inside only in a registry that breaks the rules.
    model.iter().filter(|model| model.file.name == *name).for_each(|model| session.recent.keep(commit, model));
    Ok(model)
}

/// The text of a version's manifest at a commit; none where it is not there.
pub fn manifest_text(session: &Session, commit: Option<Oid>, name: &ModelName, version: u64) -> Result<Option<String>> {
    let tree = session.store.tree(commit)?;
    let snapshot = Snapshot::open(&tree)?;
    let path = snapshot.layout().version_file(name, version);
    snapshot.tree.find(&path)?.map(|entry| text(snapshot.tree, &entry)).transpose()
}

/// What the approvals of each move of a stage amount to by the policy at a commit, in the journal's order; none for a move
/// that nobody approved, and where the policy no longer has the stage.
pub fn approvals_at(
    session: &Session,
    commit: Option<Oid>,
    model: &ModelSnapshot,
    stage: &str,
) -> Result<Vec<Option<Count>>> {
    let tree = session.store.tree(commit)?;
    let snapshot = Snapshot::open(&tree)?;
    let history = model.stage(stage).map(|stage| stage.history.as_slice()).unwrap_or_default();
    let policy = snapshot.registry.stage(stage);
    let count = |(at, entry): (usize, &crate::model::Move)| match policy {
        Some(policy) if !entry.approvals.is_empty() => {
            let model = model.file.name.clone();
            let id = RequestId { model, stage: policy.name.clone(), version: entry.version };
            let facts = request::facts(snapshot.tree, snapshot.layout(), &id)?;
            request::count(session, &snapshot, policy, &id, (at + 1, entry, facts)).map(Some)
        }
        _ => Ok(None),
    };
    history.iter().enumerate().map(count).collect()
}

/// Versions side by side at a commit, in the order in which they are named; those that are not there are left out.
pub fn compare_at(session: &Session, commit: Option<Oid>, versions: &[(ModelName, u64)]) -> Result<Comparison> {
    let tree = session.store.tree(commit)?;
    let snapshot = Snapshot::open(&tree)?;
    let mut columns = Vec::new();
    for (name, number) in versions {
        let Some(model) = model_at(session, commit, name)? else { continue };
        if let Some(manifest) = model.versions.get(number) {
            columns.push((format!("{name}@{number}"), manifest.clone(), model.stage_of(*number).to_owned()));
        }
    }
    let candidates: Vec<Candidate<'_>> =
        columns.iter().map(|(label, manifest, stage)| Candidate { label, manifest, stage }).collect();
    Ok(compare(&candidates, &snapshot.registry))
}
