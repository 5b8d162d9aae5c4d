//! The dashboard over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::timeout::TimeoutLayer;

use super::assets::asset;
use super::connections::{Limits, accept};
use super::guard::{Hosts, protect};
use super::latency::{Requests, measured};
use super::pages::{Answer, Asked, answer, missing};
use super::probes::Probed;
use super::query::{LONGEST, Query};
use super::route::{Found, Links, Route};
use super::site::{Site, View, log};
use super::sites::Sites;
use super::{live, probes, several};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many threads read the registry at once: each holds its own handle to the repository.
const READERS: usize = 8;

/// What the handlers of one registry are given.
#[derive(Clone)]
pub(super) struct Served {
    pub site: Arc<Site>,
}

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";

/// The dashboard of registries, for these hosts.
pub fn app(sites: Arc<Sites>, hosts: Hosts) -> Router {
    let requests = Arc::new(Requests::default());
    let shown = match sites.alone() {
        Some(site) => registry(site, &requests),
        None => several::routes(&sites, &requests),
    };
    let name = sites.alone().map_or("", |site| site.name());
    let probes = measured(quick(probes::routes()), name, &requests).with_state(Probed { sites, requests });
    shown.merge(probes).layer(CatchPanicLayer::new()).layer(from_fn_with_state(Arc::new(hosts), guarded))
}

/// The pages of one registry, below whatever they are.
pub(super) fn registry(site: &Arc<Site>, requests: &Arc<Requests>) -> Router {
    let pages = Router::new().route("/assets/{file}", get(assets)).route("/", get(page)).route("/{*path}", get(page));
    let all = quick(pages).route("/events", get(live::events));
    measured(all, site.name(), requests).with_state(Served { site: Arc::clone(site) })
}

/// Routes whose answers are made at once and have an end: compressed, and not waited for without one.
pub(super) fn quick<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    let compress = SizeAbove::new(1_024).and(NotForContentType::new("text/event-stream"));
    routes
        .layer(CompressionLayer::new().compress_when(compress))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
}

/// Serves the dashboard until the process is told to end. `fetch` is how often the remotes are asked of those registries that
/// show the newest. `ready` is told the address, whose port may have been chosen by the system.
///
/// # Errors
/// Where the address cannot be listened on.
pub fn serve(
    sites: Sites,
    listen: SocketAddr,
    names: &[String],
    fetch: Option<Duration>,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    // Who waits for a remote is no reader.
    let threads = READERS + sites.iter().filter(|site| site.shows_newest()).count();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().max_blocking_threads(threads).enable_io().enable_time().build()?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        for site in sites.iter() {
            tokio::spawn(live::follow(Arc::clone(site)));
            if let Some(every) = fetch.filter(|_| site.shows_newest()) {
                tokio::spawn(live::fetch(Arc::clone(site), every));
            }
        }
        ready(address);
        let app = app(Arc::new(sites), Hosts::of(address, names));
        // Streams of events have no end of their own: when told to end, nothing is waited for.
        tokio::select! {
            () = accept(listener, app, Limits::of_process()) => {}
            () = told_to_end() => {}
        }
        Ok::<(), std::io::Error>(())
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(served?)
}

/// Waits for Ctrl-C, or for what a service manager sends.
async fn told_to_end() {
    let interrupt = async {
        // Without a handler the signal ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    interrupt.await;
}

/// Answers known hosts only, and adds what every answer says to the browser.
async fn guarded(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let mut response = if hosts.admit(&request) {
        next.run(request).await
    } else {
        reply(StatusCode::MISDIRECTED_REQUEST, PLAIN, "this server does not answer for that host\n".to_owned())
    };
    protect(response.headers_mut());
    response
}

/// An answer.
pub(super) fn reply(status: StatusCode, kind: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, axum::http::HeaderValue::from_static(kind));
    response
}

async fn assets(State(served): State<Served>, Path(file): Path<String>) -> Response {
    match asset(&file) {
        Some(found) => reply(StatusCode::OK, found.kind, found.text.to_owned()),
        None => reading(served, |served| Ok(lost(&served.site.view(), "/assets/x", "There is no such file."))).await,
    }
}

async fn page(State(served): State<Served>, uri: Uri) -> Response {
    reading(served, move |served| answered(&served.site, &uri).map_err(|error| served.site.named(error))).await
}

/// Does what reads the registry, on a thread where waiting holds up nobody. A failure is told in the log and not on the
/// page: it may name paths of the machine.
pub(super) async fn reading<S: Send + 'static>(
    state: S,
    work: impl FnOnce(&S) -> Result<Response> + Send + 'static,
) -> Response {
    let done = tokio::task::spawn_blocking(move || work(&state)).await;
    match done {
        Ok(Ok(response)) => return response,
        Ok(Err(error)) => log(&error),
        Err(_) => log(&anyhow::anyhow!("a page could not be made")),
    }
    let text = "The registry cannot be read at the moment. The server's log says why.\n";
    reply(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, text.to_owned())
}

fn lost(view: &View, path: &str, why: &str) -> Response {
    let page = missing(view, Links::from_path(path), 404, "Not found", why);
    reply(StatusCode::NOT_FOUND, HTML, page)
}

fn answered(site: &Site, uri: &Uri) -> Result<Response> {
    // One view for the whole answer: it never mixes two commits.
    let view = site.view();
    let (path, text) = (uri.path(), uri.query().unwrap_or_default());
    if text.len() > LONGEST {
        let why = format!("The address asks for more than {LONGEST} bytes can say.");
        let page = missing(&view, Links::from_path(path), 414, "Too long", &why);
        return Ok(reply(StatusCode::URI_TOO_LONG, HTML, page));
    }
    let route = match Route::find(path) {
        Found::Page(route) => route,
        Found::Slash => {
            let last = path.rsplit('/').next().unwrap_or_default();
            let query = if text.is_empty() { String::new() } else { format!("?{text}") };
            return Ok(moved(&format!("{last}/{query}")));
        }
        Found::Nothing => return Ok(lost(&view, path, "There is no such page.")),
    };
    let query = Query::parse(text);
    let asked = Asked { site, view: &view, route: &route, query: &query, files: false, now: Some(site.session.now()) };
    Ok(match answer(&asked)? {
        Answer::Page(page) => reply(StatusCode::OK, HTML, page),
        Answer::Feed(feed) => reply(StatusCode::OK, "application/atom+xml; charset=utf-8", feed),
        Answer::Missing(why) => lost(&view, path, &why),
        Answer::Moved(route) => moved(&Links::from_path(path).to(&route)),
    })
}

/// Leads on to another address, relative to this one.
pub(super) fn moved(to: &str) -> Response {
    let mut response = reply(StatusCode::PERMANENT_REDIRECT, PLAIN, String::new());
    match axum::http::HeaderValue::from_str(to) {
        Ok(value) => drop(response.headers_mut().insert(LOCATION, value)),
        Err(_) => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}
