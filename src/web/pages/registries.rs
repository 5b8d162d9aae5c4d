//! The page of all registries of a server.

use anyhow::Result;
use askama::Template;

use super::event::sentence;
use super::frame::Frame;
use super::missing::Missing;
use super::overview::Tile;
use crate::model::Timestamp;
use crate::web::format::{age, count, thousands};
use crate::web::route::{Links, Route, encoded};
use crate::web::site::{Site, View};
use crate::web::sites::Sites;
use crate::web::summary::Counts;

#[derive(Template)]
#[template(path = "registries.html", config = "src/web/askama.toml")]
struct Registries<'a> {
    frame: Frame,
    tiles: Vec<Tile<'static>>,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'a str,
    link: String,
    /// Whether the shown state is stale, because the newest commit cannot be read.
    is_stale: bool,
    /// Further notices.
    lines: Vec<String>,
    models: String,
    versions: String,
    waiting: usize,
    oldest: String,
    emergencies: usize,
    /// The links to the requests and to the activity.
    requests: String,
    activity: String,
    /// The last event, with its author and time.
    last: Option<(String, String, Timestamp)>,
}

/// The page of all registries.
pub(in crate::web) fn registries(sites: &Sites) -> Result<String> {
    let views: Vec<_> = sites.iter().map(|site| (site, site.view())).collect();
    let stamps: Vec<String> = views.iter().map(|(_, view)| view.stamp()).collect();
    let frame = Frame::of_all("Registries".into(), Links::from(&Route::Overview, false), stamps.join("."));
    let rows: Vec<(Row<'_>, Counts)> = views.iter().map(|(site, view)| row(site, view)).collect();
    let now = views.first().map(|(site, _)| site.session.now());
    let tiles = tiles(rows.iter().map(|(_, counts)| counts).collect(), now);
    Ok(Registries { frame, tiles, rows: rows.into_iter().map(|(row, _)| row).collect() }.render()?)
}

/// The page for an unknown registry.
pub(in crate::web) fn no_registry(links: Links) -> String {
    let frame = Frame::of_all("Not found".into(), links, String::new());
    Missing { frame, status: 404, why: "This registry does not exist.".into(), home: "All registries" }.page()
}

fn row<'a>(site: &'a Site, view: &'a View) -> (Row<'a>, Counts) {
    let counts = Counts::of(view);
    let unreadable = view.catalog.unreadable.len();
    let mut lines = Vec::new();
    if unreadable > 0 {
        lines.push(format!("{} cannot be read", count(unreadable, "model")));
    }
    if view.requests.error.is_some() {
        lines.push("the requests cannot be read".into());
    }
    if let Some(since) = view.remote {
        lines.push(format!("fetching from the remote has failed since {}", crate::web::format::minute(&since)));
    }
    let link = format!("{}/", encoded(site.name()));
    let row = Row {
        name: site.name(),
        requests: format!("{link}requests/"),
        activity: format!("{link}activity/"),
        link,
        is_stale: view.error.is_some(),
        lines,
        models: thousands(counts.models),
        versions: thousands(counts.versions),
        waiting: counts.waiting,
        oldest: counts.oldest.map_or(String::new(), |at| format!("oldest for {}", age(site.session.now(), at))),
        emergencies: counts.emergencies,
        last: view.catalog.activity().next().map(|event| {
            let event = event.event();
            (sentence(&event), event.by.to_string(), event.at)
        }),
    };
    (row, counts)
}

fn tiles(registries: Vec<&Counts>, now: Option<Timestamp>) -> Vec<Tile<'static>> {
    let sum = |of: fn(&Counts) -> usize| registries.iter().map(|counts| of(counts)).sum::<usize>();
    let tile = |name: &str, number: usize, note: String, class: &'static str| Tile {
        name: name.to_owned(),
        number: thousands(number),
        note,
        class: if number == 0 { "" } else { class },
        link: String::new(),
        trend: None,
    };
    let oldest = registries.iter().filter_map(|counts| counts.oldest).min().zip(now);
    let waiting = oldest.map_or("none open".into(), |(at, now)| format!("oldest for {}", age(now, at)));
    let emergencies = sum(|counts| counts.emergencies);
    let note = if emergencies == 0 { "none" } else { "await approval" };
    vec![
        tile("Models", sum(|counts| counts.models), format!("in {}", count(registries.len(), "registry")), ""),
        tile("Versions", sum(|counts| counts.versions), "not deleted".into(), ""),
        tile("Requests waiting", sum(|counts| counts.waiting), waiting, "warn"),
        tile("Emergencies", emergencies, note.into(), "bad"),
    ]
}
