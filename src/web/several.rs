//! Several registries in one server: a list of all registries, and each registry below its name.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{StreamExt as _, StreamMap};

use super::assets::ASSETS;
use super::latency::{Requests, measured};
use super::live::stream;
use super::pages::{no_registry, registries};
use super::route::{Links, encoded};
use super::serve::{HTML, moved, quick, reading, registry, reply};
use super::sites::Sites;

/// The routes of the list and of each registry.
pub(super) fn routes(sites: &Arc<Sites>, requests: &Arc<Requests>) -> Router {
    let mut list = Router::new().route("/", get(page)).route("/{*path}", get(elsewhere));
    // Each asset has a route of its own, because a registry can have the name `assets`.
    for asset in &ASSETS {
        let found = || std::future::ready(reply(StatusCode::OK, asset.kind, asset.text.to_owned()));
        list = list.route(&format!("/assets/{}", asset.name), get(found));
    }
    let list = measured(quick(list).route("/events", get(events)), "", requests).with_state(Arc::clone(sites));
    // The path ends in a slash, because the pages' links are relative.
    sites.iter().fold(list, |all, site| all.nest(&format!("/{}/", encoded(site.name())), registry(site, requests)))
}

async fn page(State(sites): State<Arc<Sites>>) -> Response {
    reading(sites, |sites| Ok(reply(StatusCode::OK, HTML, registries(sites)?))).await
}

/// Answers the paths below no registry: redirects to a registry if only the final slash is missing.
async fn elsewhere(State(sites): State<Arc<Sites>>, uri: Uri) -> Response {
    let name = uri.path().strip_prefix('/').unwrap_or_default();
    if sites.iter().any(|site| encoded(site.name()) == name) {
        return moved(&format!("{name}/"));
    }
    reply(StatusCode::NOT_FOUND, HTML, no_registry(Links::from_path(uri.path())))
}

/// The stream of changes of all registries.
async fn events(State(sites): State<Arc<Sites>>) -> Response {
    let changes: StreamMap<usize, _> = sites.iter().map(|site| WatchStream::new(site.changes())).enumerate().collect();
    stream(changes.map(move |_| sites.stamp()))
}
