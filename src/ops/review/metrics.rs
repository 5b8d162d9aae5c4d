//! The metrics of a request's version and of the version in the stage.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::request::Request;
use crate::model::{Key, ModelName, Number, Snapshot};
use crate::ops::session::Session;
use crate::store::Oid;

/// A metric of both versions of a request.
#[derive(Debug, Clone, serde::Serialize)]
pub struct MetricPair {
    /// The metric's key.
    pub metric: String,
    /// The value of the version in the stage.
    pub now: Option<Number>,
    /// The value of the request's version.
    pub asked: Option<Number>,
}

/// The metrics of both versions of a request, by key.
pub fn metric_pairs(session: &Session, request: &Request) -> Result<Vec<MetricPair>> {
    let commit = match request.open() {
        Some(open) => open.commit,
        None => session.registry_branch()?.tip,
    };
    of_request(session, request, commit)
}

/// The metrics of both versions of a request at a commit, by key.
pub(in crate::ops) fn of_request(session: &Session, request: &Request, commit: Oid) -> Result<Vec<MetricPair>> {
    let tree = session.store.tree(Some(commit))?;
    pairs(&Snapshot::open(&tree)?, &request.id.model, request.entry.from, request.entry.version)
}

/// The metrics of two versions of a model, by key.
pub(super) fn pairs(
    snapshot: &Snapshot<'_>,
    model: &ModelName,
    now: Option<u64>,
    asked: u64,
) -> Result<Vec<MetricPair>> {
    let metrics = |version: Option<u64>| -> Result<BTreeMap<Key, Number>> {
        let manifest = version.map(|version| snapshot.manifest(model, version)).transpose()?.flatten();
        Ok(manifest.map(|manifest| manifest.metrics).unwrap_or_default())
    };
    let (now, asked) = (metrics(now)?, metrics(Some(asked))?);
    let keys: BTreeSet<&Key> = now.keys().chain(asked.keys()).collect();
    let pair =
        |key: &Key| MetricPair { metric: key.to_string(), now: now.get(key).copied(), asked: asked.get(key).copied() };
    Ok(keys.into_iter().map(pair).collect())
}
