//! The selection and order of the models on the overview.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;

use super::super::Asked;
use crate::model::Timestamp;
use crate::ops::{Catalog, CatalogModel, Matches};
use crate::web::filters::Search;
use crate::web::query::Query;

/// The selection and order of the models, from the address.
pub(super) struct Choice<'a> {
    pub q: &'a str,
    pub stage: &'a str,
    pub project: &'a str,
    pub owner: &'a str,
    pub sort: &'a str,
    pub dir: &'a str,
}

/// The result of the search field.
pub(super) struct SearchResult {
    /// Whether the text is words, which the models' texts must contain.
    words: bool,
    /// The matches, if the text is a filter.
    matches: Option<Arc<Matches>>,
    /// The reason why the filter gave no result, if so.
    pub error: Option<String>,
}

impl SearchResult {
    pub fn of(asked: &Asked<'_>, q: &str) -> Result<Self> {
        let found = |words, matches, error| Ok(Self { words, matches, error });
        match Search::of(q) {
            Search::Words => found(true, None, None),
            Search::Wrong(error) => {
                found(false, None, Some(format!("This filter cannot be read. At {error}; {}", error.hint)))
            }
            Search::Filter(filter) => {
                let site = asked.site;
                match site.filters.matches(&site.session, &asked.view.catalog, &filter)? {
                    Some(matches) => found(false, Some(matches), None),
                    None => {
                        found(false, None, Some("The server is busy with other filters. Try again in a moment.".into()))
                    }
                }
            }
        }
    }
}

/// The sort key of a column.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Text(&'a str),
    Number(u64),
    Time(Timestamp),
}

impl<'a> Choice<'a> {
    pub fn of(query: &'a Query) -> Self {
        Self {
            q: query.get("q"),
            stage: query.get("stage"),
            project: query.get("project"),
            owner: query.get("owner"),
            sort: query.get("sort"),
            dir: query.get("dir"),
        }
    }

    /// The sorted column, and whether the order is descending.
    pub fn sorting(&self) -> (&str, bool) {
        if self.sort.is_empty() { ("name", false) } else { (self.sort, self.dir == "desc") }
    }

    /// The selected models, sorted; `requests` are the numbers of open requests by model.
    pub fn models<'c>(
        &self,
        catalog: &'c Catalog,
        found: &'c SearchResult,
        requests: &HashMap<&str, usize>,
    ) -> Vec<&'c CatalogModel> {
        let search = if found.words { self.q.to_lowercase() } else { String::new() };
        let words: Vec<&str> = search.split_whitespace().collect();
        let takes = |model: &&CatalogModel| model.mentions(&words) && self.takes(model);
        let mut models: Vec<&CatalogModel> = match &found.matches {
            Some(matches) => matches.models().map(AsRef::as_ref).filter(takes).collect(),
            None => catalog.models().map(AsRef::as_ref).filter(takes).collect(),
        };
        match self.sorting() {
            // The catalog is sorted by name.
            ("name", false) => {}
            ("name", true) => models.reverse(),
            (column, down) => {
                let mut keyed: Vec<_> = models.iter().map(|model| (key(model, column, requests), *model)).collect();
                // The sort is stable, so equal models stay sorted by name.
                keyed.sort_by(|(a, _), (b, _)| order(a, b, down));
                models = keyed.into_iter().map(|(_, model)| model).collect();
            }
        }
        models
    }

    /// Whether a model matches the fields beside the search.
    fn takes(&self, model: &CatalogModel) -> bool {
        let listed = &model.listed;
        (self.stage.is_empty() || listed.stages.iter().any(|held| held.stage.eq_ignore_ascii_case(self.stage)))
            && (self.project.is_empty() || listed.project.as_deref() == Some(self.project))
            && (self.owner.is_empty() || listed.owners.iter().any(|owner| owner.as_str() == self.owner))
    }
}

/// A model's sort key in a column; none for an empty cell.
fn key<'c>(model: &'c CatalogModel, column: &str, requests: &HashMap<&str, usize>) -> Option<Key<'c>> {
    let listed = &model.listed;
    if let Some(stage) = column.strip_prefix("stage:") {
        let held = listed.stages.iter().find(|held| held.stage.eq_ignore_ascii_case(stage))?;
        return held.since.map(Key::Time);
    }
    match column {
        "project" => listed.project.as_deref().map(Key::Text),
        "owner" => listed.owners.first().map(|owner| Key::Text(owner.as_str())),
        "latest" => listed.latest_version.map(Key::Number),
        "requests" => requests.get(listed.name.as_str()).map(|count| Key::Number(*count as u64)),
        "modified" => Some(Key::Time(listed.last_modified)),
        _ => None,
    }
}

/// Empty cells come last in both directions.
fn order(a: &Option<Key<'_>>, b: &Option<Key<'_>>, down: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if down => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}
