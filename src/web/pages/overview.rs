//! All models: what is in each stage, and what waits.

use std::cmp::Ordering;
use std::collections::HashMap;

use anyhow::Result;
use askama::Template;

use super::event::EventLine;
use super::frame::Frame;
use super::pager::Pages;
use super::{Answer, Asked, html};
use crate::model::Timestamp;
use crate::ops::{Catalog, CatalogModel, InStage};
use crate::web::format::{age, count, stage_class, thousands};
use crate::web::markdown::first_line;

/// How many models a page shows; one of files, which has no server to search for it, shows more.
const EACH: usize = 100;
const EACH_OF_FILES: usize = 1_000;
/// How many events stand beside the chart.
const LATEST: usize = 3;

#[derive(Template)]
#[template(path = "overview.html", config = "src/web/askama.toml")]
struct Overview<'a> {
    frame: Frame,
    summary: String,
    notices: Vec<String>,
    tiles: Vec<Tile>,
    moves: Option<&'a (String, &'static str)>,
    events: Vec<EventLine<'a>>,
    filter: Filter<'a>,
    stages: Vec<&'a str>,
    projects: Vec<&'a str>,
    owners: Vec<&'a str>,
    columns: Vec<Column>,
    rows: Vec<Row<'a>>,
    /// Whether there are models at all.
    any: bool,
    shown: String,
    pages: Pages,
}

/// A number at the top.
pub(super) struct Tile {
    pub name: String,
    pub number: String,
    pub note: String,
    pub class: &'static str,
    pub link: String,
}

/// Which models are asked for, and in which order.
struct Filter<'a> {
    q: &'a str,
    stage: &'a str,
    project: &'a str,
    owner: &'a str,
    sort: &'a str,
    dir: &'a str,
}

struct Column {
    name: String,
    class: &'static str,
    key: String,
    link: String,
    /// `ascending` or `descending` where the rows are sorted by it.
    order: &'static str,
}

struct Row<'a> {
    name: &'a str,
    link: String,
    line: String,
    deleted: bool,
    project: &'a str,
    owners: Vec<&'a str>,
    owner_list: String,
    latest: Option<&'a u64>,
    latest_number: u64,
    stages: Vec<Cell<'a>>,
    in_stages: String,
    requests: usize,
    modified: &'a Timestamp,
    /// What a search looks into.
    text: String,
}

struct Cell<'a> {
    stage: &'a str,
    class: &'static str,
    version: Option<&'a u64>,
    beside: &'a [u64],
    since: Option<&'a Timestamp>,
    sort: String,
}

pub(super) fn page(asked: &Asked<'_>) -> Result<Answer> {
    let (catalog, query) = (&*asked.view.catalog, asked.query);
    let registry = &catalog.registry;
    let filter = Filter {
        q: query.get("q"),
        stage: query.get("stage"),
        project: query.get("project"),
        owner: query.get("owner"),
        sort: query.get("sort"),
        dir: query.get("dir"),
    };
    let mut requests: HashMap<&str, usize> = HashMap::new();
    for review in &asked.view.reviews.open {
        *requests.entry(review.request.id.model.as_str()).or_default() += 1;
    }
    let mut models: Vec<&CatalogModel> =
        catalog.models().map(AsRef::as_ref).filter(|model| filter.takes(model)).collect();
    let waiting = |model: &CatalogModel| requests.get(model.listed.name.as_str()).copied().unwrap_or(0);
    models.sort_by(|a, b| filter.order(a, b, &waiting));
    let total = models.len();
    let pages = Pages::of(asked, total, if asked.files { EACH_OF_FILES } else { EACH });
    let each = if asked.files { EACH_OF_FILES } else { EACH };
    let shown: Vec<&CatalogModel> = models.into_iter().skip(pages.skip).take(each).collect();
    let stages: Vec<&str> = registry.stages.iter().map(|policy| policy.name.as_str()).collect();
    let links = asked.links();
    let whole = asked.view.summary();
    html(&Overview {
        frame: Frame { find: false, ..Frame::new(asked, "Models", "models") },
        summary: summary(catalog, whole.projects.len()),
        notices: notices(asked),
        tiles: tiles(asked),
        moves: whole.moves.as_ref(),
        events: catalog.activity().take(LATEST).map(|event| EventLine::of(event, registry)).collect(),
        rows: shown.into_iter().map(|model| row(model, &stages, catalog, &links, waiting(model))).collect(),
        columns: columns(asked, &filter, &stages),
        any: catalog.models().next().is_some(),
        shown: if total == catalog.models().count() { thousands(total) } else { format!("{} match", thousands(total)) },
        stages,
        projects: whole.projects.iter().map(String::as_str).collect(),
        owners: whole.owners.iter().map(String::as_str).collect(),
        filter,
        pages,
    })
}

fn summary(catalog: &Catalog, projects: usize) -> String {
    let parts = [count(projects, "project"), count(catalog.registry.stages.len(), "stage")];
    format!("{} · policy {}", parts.join(" · "), catalog.registry.policy_version)
}

/// What a visitor should know of the whole registry.
fn notices(asked: &Asked<'_>) -> Vec<String> {
    let mut notices = Vec::new();
    let unreadable = &asked.view.catalog.unreadable;
    if let Some(first) = unreadable.first() {
        let more = if unreadable.len() > 1 { format!(", and {} more", unreadable.len() - 1) } else { String::new() };
        notices.push(format!(
            "{} cannot be read: {first}{more}. `modelreg validate` says more.",
            count(unreadable.len(), "model")
        ));
    }
    notices.extend(asked.view.reviews.trouble.iter().map(|why| format!("The open requests cannot be told: {why}.")));
    notices
}

fn tiles(asked: &Asked<'_>) -> Vec<Tile> {
    let catalog = &*asked.view.catalog;
    let links = asked.links();
    let live = || catalog.models().filter(|model| !model.listed.deleted);
    let tile = |name: &str, number: usize, note: String, class: &'static str, link: String| Tile {
        name: name.to_owned(),
        number: thousands(number),
        note,
        class,
        link,
    };
    let deleted = catalog.models().count() - live().count();
    let versions: usize = live().map(|model| model.listed.versions).sum();
    let newest = live().flat_map(|model| &model.versions).map(|version| version.created_at).max();
    let whole = asked.view.summary();
    let (landed, waiting): (Vec<_>, Vec<_>) =
        asked.view.reviews.open.iter().map(|review| &review.request).partition(|request| request.landed);
    let oldest = waiting.first().map(|request| request.entry.at);
    let since = |at: Timestamp| match asked.now {
        Some(now) => format!("oldest for {}", age(now, at)),
        None => format!("oldest since {}", crate::web::format::day(&at)),
    };
    let mut tiles = vec![
        tile(
            "Models",
            live().count(),
            if deleted > 0 { format!("{deleted} deleted") } else { "registered".into() },
            "",
            String::new(),
        ),
        tile(
            "Versions",
            versions,
            newest.map_or("none yet".into(), |at| format!("newest {}", crate::web::format::day(&at))),
            "",
            String::new(),
        ),
    ];
    if let Some(last) = catalog.registry.stages.last() {
        let name = last.name.as_str();
        let there = live().filter(|model| model.listed.stages.iter().any(|held| last.name.is(&held.stage))).count();
        let link = if asked.files {
            String::new()
        } else {
            links.overview() + &asked.query.with(&[("stage", name), ("page", "")])
        };
        tiles.push(tile(&format!("In {name}"), there, format!("of {}", count(live().count(), "model")), "good", link));
    }
    tiles.push(tile("Transitions", whole.transitions, count(whole.rollbacks, "rollback"), "", links.activity()));
    let class = if waiting.is_empty() { "" } else { "warn" };
    tiles.push(tile(
        "Requests waiting",
        waiting.len(),
        oldest.map_or("none open".into(), since),
        class,
        links.requests(),
    ));
    let class = if landed.is_empty() { "" } else { "bad" };
    let note = if landed.is_empty() { "none" } else { "await approval" };
    tiles.push(tile("Emergencies", landed.len(), note.into(), class, links.requests()));
    tiles
}

fn columns(asked: &Asked<'_>, filter: &Filter<'_>, stages: &[&str]) -> Vec<Column> {
    let (sort, down) = filter.sorting();
    let column = |name: &str, key: String, class: &'static str| {
        let sorted = key == sort;
        // A second click turns the order around.
        let turned = if sorted && !down { "desc" } else { "" };
        let link = asked.links().overview() + &asked.query.with(&[("sort", &key), ("dir", turned), ("page", "")]);
        Column {
            name: name.to_owned(),
            class,
            key,
            link: if asked.files { String::new() } else { link },
            order: match (sorted, down) {
                (false, _) => "",
                (true, false) => "ascending",
                (true, true) => "descending",
            },
        }
    };
    let mut columns = vec![
        column("Model", "name".into(), ""),
        column("Project", "project".into(), ""),
        column("Owner", "owner".into(), ""),
        column("Latest", "latest".into(), "number"),
    ];
    columns.extend(stages.iter().map(|stage| column(stage, format!("stage:{stage}"), "")));
    columns.extend([column("Requests", "requests".into(), "number"), column("Modified", "modified".into(), "")]);
    columns
}

fn row<'a>(
    model: &'a CatalogModel,
    stages: &[&'a str],
    catalog: &Catalog,
    links: &crate::web::route::Links,
    requests: usize,
) -> Row<'a> {
    let listed = &model.listed;
    let owners: Vec<&str> = listed.owners.iter().map(|owner| owner.as_str()).collect();
    let line: String = model.description.as_ref().map_or(String::new(), |text| first_line(text.as_str()));
    let line: String = if line.chars().count() > 110 { line.chars().take(109).chain(['…']).collect() } else { line };
    let held = |stage: &str| listed.stages.iter().find(|held| held.stage.eq_ignore_ascii_case(stage));
    let cell = |stage: &&'a str| {
        let held: Option<&InStage> = held(stage);
        Cell {
            stage,
            class: stage_class(&catalog.registry, stage),
            version: held.map(|held| &held.version),
            beside: held.map_or(&[], |held| held.beside.as_slice()),
            since: held.and_then(|held| held.since.as_ref()),
            sort: held.and_then(|held| held.since).map_or(String::new(), Timestamp::rfc3339),
        }
    };
    let in_stages: Vec<&str> = stages.iter().copied().filter(|stage| held(stage).is_some()).collect();
    Row {
        name: &listed.name,
        link: links.model(&listed.name),
        deleted: listed.deleted,
        project: listed.project.as_deref().unwrap_or_default(),
        owner_list: owners.join("\n"),
        latest: listed.latest_version.as_ref(),
        latest_number: listed.latest_version.unwrap_or(0),
        stages: stages.iter().map(cell).collect(),
        in_stages: in_stages.join("\n"),
        requests,
        modified: &listed.last_modified,
        text: format!("{} {} {} {line}", listed.name, listed.project.as_deref().unwrap_or_default(), owners.join(" "))
            .to_lowercase(),
        line,
        owners,
    }
}

impl Filter<'_> {
    /// Whether a model is one of those asked for. Every word of the search must be somewhere in it.
    fn takes(&self, model: &CatalogModel) -> bool {
        let listed = &model.listed;
        let holds = |text: &str, word: &str| text.to_lowercase().contains(word);
        let found = |word: &str| {
            holds(&listed.name, word)
                || listed.project.as_deref().is_some_and(|project| holds(project, word))
                || listed.owners.iter().any(|owner| holds(owner.as_str(), word))
                || model.description.as_ref().is_some_and(|text| holds(text.as_str(), word))
                || model.tags.iter().any(|(key, value)| holds(key.as_str(), word) || holds(value.as_str(), word))
        };
        let search = self.q.to_lowercase();
        (search.split_whitespace().all(found))
            && (self.stage.is_empty() || listed.stages.iter().any(|held| held.stage.eq_ignore_ascii_case(self.stage)))
            && (self.project.is_empty() || listed.project.as_deref() == Some(self.project))
            && (self.owner.is_empty() || listed.owners.iter().any(|owner| owner.as_str() == self.owner))
    }

    /// By what the rows are sorted, and whether the other way around.
    fn sorting(&self) -> (&str, bool) {
        if self.sort.is_empty() { ("name", false) } else { (self.sort, self.dir == "desc") }
    }

    fn order(&self, a: &CatalogModel, b: &CatalogModel, waiting: &dyn Fn(&CatalogModel) -> usize) -> Ordering {
        let (sort, down) = self.sorting();
        let since = |model: &CatalogModel, stage: &str| {
            model.listed.stages.iter().find(|held| held.stage.eq_ignore_ascii_case(stage)).and_then(|held| held.since)
        };
        let (x, y) = (&a.listed, &b.listed);
        let by = match sort.split_once(':') {
            Some(("stage", stage)) => since(a, stage).cmp(&since(b, stage)),
            _ => match sort {
                "project" => x.project.cmp(&y.project),
                "owner" => x.owners.first().map(|o| o.as_str()).cmp(&y.owners.first().map(|o| o.as_str())),
                "latest" => x.latest_version.cmp(&y.latest_version),
                "requests" => waiting(a).cmp(&waiting(b)),
                "modified" => x.last_modified.cmp(&y.last_modified),
                _ => Ordering::Equal,
            },
        };
        // Names are plain ASCII.
        let fold = |c: u8| c.to_ascii_lowercase();
        let folded = || x.name.bytes().map(fold).cmp(y.name.bytes().map(fold));
        let name = || folded().then_with(|| x.name.cmp(&y.name));
        match (by, down) {
            (Ordering::Equal, true) if sort == "name" => name().reverse(),
            (Ordering::Equal, _) => name(),
            (by, true) => by.reverse(),
            (by, false) => by,
        }
    }
}
