//! The overview: all models with their stages, and the registry's numbers.

mod choice;
mod table;

use std::collections::HashMap;

use anyhow::Result;
use askama::Template;

use super::event::EventLine;
use super::frame::Frame;
use super::pager::Pages;
use super::{Answer, Asked, html};
use crate::model::Timestamp;
use crate::ops::{Catalog, CatalogEvent, Event};
use crate::web::format::{age, count, thousands};
use crate::web::site::View;
use choice::{Choice, SearchResult};
use table::{Column, Row, columns, row};

/// The number of models on a page. A static page, which has no server to search for it, shows more.
const EACH: usize = 100;
const EACH_OF_FILES: usize = 1_000;
/// The number of events beside the chart.
const LATEST: usize = 3;

#[derive(Template)]
#[template(path = "overview.html", config = "src/web/askama.toml")]
struct Overview<'a> {
    frame: Frame,
    summary: String,
    notices: Vec<String>,
    tiles: Vec<Tile<'a>>,
    moves: Option<&'a (String, &'static str)>,
    events: Vec<EventLine<'a>>,
    choice: Choice<'a>,
    stages: Vec<&'a str>,
    projects: Vec<&'a str>,
    owners: Vec<&'a str>,
    /// The reason why the filter gave no result, if so.
    filter_error: Option<&'a str>,
    columns: Vec<Column>,
    rows: Vec<Row<'a>>,
    /// Whether the registry has models.
    any: bool,
    shown: String,
    pages: Pages,
}

/// A number at the top.
pub(super) struct Tile<'a> {
    pub name: String,
    pub number: String,
    pub note: String,
    pub class: &'static str,
    pub link: String,
    /// The chart of the number over time.
    pub trend: Option<&'a str>,
}

/// The number of static pages for all models.
pub(super) fn pages_of_files(view: &View) -> usize {
    view.catalog.models().len().div_ceil(EACH_OF_FILES).max(1)
}

pub(super) fn page(asked: &Asked<'_>) -> Result<Answer> {
    let catalog = &*asked.view.catalog;
    let (registry, totals) = (&catalog.registry, catalog.totals());
    let choice = Choice::of(asked.query);
    let mut requests: HashMap<&str, usize> = HashMap::new();
    for open in &asked.view.requests.open {
        *requests.entry(open.request.id.model.as_str()).or_default() += 1;
    }
    let waiting = |model: &str| requests.get(model).copied().unwrap_or(0);
    let found = SearchResult::of(asked, choice.q)?;
    let models = choice.models(catalog, &found, &requests);
    let each = if asked.files { EACH_OF_FILES } else { EACH };
    let pages = Pages::of(asked, models.len(), each);
    let stages: Vec<&str> = registry.stages.iter().map(|policy| policy.name.as_str()).collect();
    let shown = models.iter().skip(pages.skip).take(each);
    let latest: Vec<Event> = catalog.activity().take(LATEST).map(CatalogEvent::event).collect();
    html(&Overview {
        frame: Frame { find: false, ..Frame::new(asked, "Models", "models") },
        summary: summary(catalog),
        notices: notices(asked),
        tiles: tiles(asked),
        moves: asked.view.summary().moves.as_ref(),
        events: latest.iter().map(|event| EventLine::of(event, registry)).collect(),
        rows: shown.map(|model| row(asked, model, &stages, waiting(&model.listed.name))).collect(),
        filter_error: found.error.as_deref(),
        columns: columns(asked, &choice, &stages),
        any: catalog.models().len() > 0,
        shown: match models.len() {
            all if all == catalog.models().len() => thousands(all),
            found => format!("{} match", thousands(found)),
        },
        stages,
        projects: totals.projects.keys().map(String::as_str).collect(),
        owners: totals.owners.keys().map(String::as_str).collect(),
        choice,
        pages,
    })
}

fn summary(catalog: &Catalog) -> String {
    let projects = count(catalog.totals().projects.distinct(), "project");
    let parts = [projects, count(catalog.registry.stages.len(), "stage")];
    format!("{} · policy {}", parts.join(" · "), catalog.registry.policy_version)
}

/// Notices about the whole registry.
fn notices(asked: &Asked<'_>) -> Vec<String> {
    let mut notices = Vec::new();
    let unreadable = &asked.view.catalog.unreadable;
    if let Some((folder, why)) = unreadable.first_key_value() {
        let more = if unreadable.len() > 1 { format!(", and {} more", unreadable.len() - 1) } else { String::new() };
        notices.push(format!(
            "{} cannot be read: {folder}: {why}{more}. `modelreg validate` lists all errors.",
            count(unreadable.len(), "model")
        ));
    }
    notices.extend(asked.view.requests.error.iter().map(|why| format!("The open requests cannot be read: {why}.")));
    notices
}

fn tiles<'a>(asked: &Asked<'a>) -> Vec<Tile<'a>> {
    let catalog = &*asked.view.catalog;
    let (links, totals, whole) = (asked.links(), catalog.totals(), asked.view.summary());
    let tile = |name: &str, number: usize, note: String, class: &'static str, link: String| Tile {
        name: name.to_owned(),
        number: thousands(number),
        note,
        class,
        link,
        trend: None,
    };
    let live = totals.models.sum();
    let newest = totals.versions.keys().next_back();
    let (landed, waiting): (Vec<_>, Vec<_>) =
        asked.view.requests.open.iter().map(|open| &open.request).partition(|request| request.has_landed());
    let oldest = waiting.first().map(|request| request.entry.at);
    let since = |at: Timestamp| match asked.now {
        Some(now) => format!("oldest for {}", age(now, at)),
        None => format!("oldest since {}", crate::web::format::day(&at)),
    };
    let note = if totals.deleted > 0 { format!("{} deleted", totals.deleted) } else { "registered".into() };
    let newest = newest.map_or("none yet".into(), |day| format!("newest {day}"));
    let mut tiles = vec![
        Tile { trend: whole.models.as_deref(), ..tile("Models", live, note, "", String::new()) },
        Tile { trend: whole.versions.as_deref(), ..tile("Versions", totals.versions.sum(), newest, "", String::new()) },
    ];
    if let Some(last) = catalog.registry.stages.last() {
        let there =
            totals.models_by_stage.iter().filter(|(stage, _)| last.name.is(stage)).map(|(_, count)| count).sum();
        let query = asked.query.with(&[("stage", last.name.as_str()), ("page", "")]);
        let link = if asked.files { String::new() } else { links.overview() + &query };
        tiles.push(tile(&format!("In {}", last.name), there, format!("of {}", count(live, "model")), "good", link));
    }
    tiles.push(tile("Transitions", whole.transitions, count(whole.rollbacks, "rollback"), "", links.activity()));
    let class = if waiting.is_empty() { "" } else { "warn" };
    let note = oldest.map_or("none open".into(), since);
    tiles.push(tile("Requests waiting", waiting.len(), note, class, links.requests()));
    let class = if landed.is_empty() { "" } else { "bad" };
    let note = if landed.is_empty() { "none" } else { "await approval" };
    tiles.push(tile("Emergencies", landed.len(), note.into(), class, links.requests()));
    tiles
}
