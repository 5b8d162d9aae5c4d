//! Searching for versions.

use anyhow::Result;

use super::list::{Answer, all};
use super::session::Session;
use crate::model::{Filter, ModelSnapshot, OrderBy, Snapshot, Timestamp, UserId};

/// A version that matches a filter.
#[derive(Debug, Clone, serde::Serialize)]
pub struct SearchResult {
    /// The model.
    pub name: String,
    /// The version.
    pub version: u64,
    /// The stage that stands for all: the last one.
    pub stage: String,
    /// All stages of the version, in the policy's order.
    pub stages: Vec<String>,
    /// The time of the registration.
    pub created_at: Timestamp,
    /// The user who registered the version.
    pub created_by: UserId,
    /// The metrics.
    pub metrics: std::collections::BTreeMap<crate::model::Key, crate::model::Number>,
}

/// The versions that match the filter, in the given order, at most `most`.
pub fn search(
    session: &Session,
    filter: &Filter,
    order: &OrderBy,
    most: Option<usize>,
) -> Result<Answer<SearchResult>> {
    let reading = session.read()?;
    let snapshot = Snapshot::open(&reading.tree)?;
    let matching = |model: ModelSnapshot| {
        let hits: Vec<u64> =
            model.versions.keys().copied().filter(|&version| filter.matches(&model, version)).collect();
        (!hits.is_empty()).then_some((model, hits))
    };
    let Answer { found: models, unreadable } = all(&snapshot, matching)?;
    let mut hits: Vec<(&ModelSnapshot, u64)> =
        models.iter().flat_map(|(model, hits)| hits.iter().map(move |&v| (model, v))).collect();
    hits.sort_by(|a, b| order.cmp(*a, *b));
    hits.truncate(most.unwrap_or(usize::MAX));
    let found = |(model, version): (&ModelSnapshot, u64)| {
        let manifest = model.versions.get(&version)?;
        Some(SearchResult {
            name: model.file.name.to_string(),
            version,
            stage: model.stage_of(version).to_owned(),
            stages: model.stages_of(version).into_iter().map(str::to_owned).collect(),
            created_at: manifest.created_at,
            created_by: manifest.created_by.clone(),
            metrics: manifest.metrics.clone(),
        })
    };
    Ok(Answer { found: hits.into_iter().filter_map(found).collect(), unreadable })
}
