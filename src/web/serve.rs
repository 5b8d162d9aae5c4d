//! The dashboard as an HTTP server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::timeout::TimeoutLayer;

use super::assets::asset;
use super::changes::{DOOR, Entered, enter, enter_page, send};
use super::connections::{Limits, accept};
use super::guard::{Hosts, protect};
use super::latency::{Requests, measured};
use super::pages::{Answer, Asked, answer, missing};
use super::probes::Probed;
use super::query::{LONGEST, Query};
use super::route::{Links, Resolved, Route};
use super::site::{Site, View, log};
use super::sites::Sites;
use super::{live, probes, several};
use crate::ops::platform::terminated;

/// The timeout of a response.
const PATIENCE: Duration = Duration::from_secs(30);
/// The timeout of a form's response, because a change can wait for a remote.
const PATIENCE_FOR_CHANGES: Duration = Duration::from_secs(120);
/// The maximum of threads that read the registry at once. Each has its own handle of the repository.
const READERS: usize = 8;
/// One permit for each reader.
static READING: Semaphore = Semaphore::const_new(READERS);
/// At shutdown, the maximum wait for a change in progress.
const GRACE: Duration = Duration::from_secs(20);
/// At shutdown, the time to send the response of that change.
const LAST_WORD: Duration = Duration::from_millis(200);

/// The state of the handlers of one registry.
#[derive(Clone)]
pub(super) struct Served {
    pub site: Arc<Site>,
}

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";

/// The dashboard of the registries, for requests to these hosts.
pub fn app(sites: Arc<Sites>, hosts: Hosts) -> Router {
    let requests = Arc::new(Requests::default());
    let shown = match sites.alone() {
        Some(site) => registry(site, &requests),
        None => several::routes(&sites, &requests),
    };
    let name = sites.alone().map_or("", |site| site.name());
    let probes = measured(quick(probes::routes()), name, &requests).with_state(Probed { sites, requests });
    let fence = hosts.fence().with_rejection_response(|_| {
        reply(StatusCode::FORBIDDEN, PLAIN, "a page of another site sent this request\n".to_owned())
    });
    shown.merge(probes).layer(fence).layer(CatchPanicLayer::new()).layer(from_fn_with_state(Arc::new(hosts), guarded))
}

/// The routes of one registry, relative to any prefix.
pub(super) fn registry(site: &Arc<Site>, requests: &Arc<Requests>) -> Router {
    let pages = Router::new().route("/assets/{file}", get(assets)).route("/", get(page)).route("/{*path}", get(page));
    let changes = site.changes.as_ref().map(|_| {
        Router::new()
            .route(DOOR, get(enter_page).post(enter))
            .route("/requests/", get(page).post(send))
            .route("/models/{*path}", get(page).post(send))
    });
    let changes = compressed(changes.unwrap_or_default()).layer(patience(PATIENCE_FOR_CHANGES));
    let all = quick(pages).merge(changes).route("/events", get(live::events));
    measured(all, site.name(), requests).with_state(Served { site: Arc::clone(site) })
}

/// Adds compression and a timeout to routes whose responses are finite, unlike a stream of events.
pub(super) fn quick<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    compressed(routes).layer(patience(PATIENCE))
}

fn compressed<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    let compress = SizeAbove::new(1_024).and(NotForContentType::new("text/event-stream"));
    routes.layer(CompressionLayer::new().compress_when(compress))
}

fn patience(long: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, long)
}

/// Serves the dashboard until the process is asked to end. `fetch` is the interval of fetches, for registries that show
/// the newest known commit. `ready` is called with the address, whose port the system may have chosen.
///
/// # Errors
/// The address cannot be bound.
pub fn serve(
    sites: Sites,
    listen: SocketAddr,
    names: &[String],
    fetch: Option<Duration>,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    // Threads that wait for a remote come on top of the readers.
    let waiting = |site: &&Arc<Site>| site.shows_newest() || site.changes.is_some();
    let threads = READERS + 2 * sites.iter().filter(waiting).count();
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
        let sites = Arc::new(sites);
        let app = app(Arc::clone(&sites), Hosts::of(address, names));
        // Streams of events never end by themselves, so shutdown does not wait for connections.
        tokio::select! {
            () = accept(listener, app, Limits::of_process()) => {}
            () = ended(&sites) => {}
        }
        Ok::<(), std::io::Error>(())
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(served?)
}

/// Waits until the process is asked to end and no change is in progress. Otherwise a change could be pushed without a
/// response to its user.
async fn ended(sites: &Sites) {
    shutdown_signal().await;
    let changes: Vec<_> = sites.iter().filter_map(|site| site.changes.as_ref()).collect();
    for changes in &changes {
        let _ = tokio::time::timeout(GRACE, changes.ended()).await;
    }
    if !changes.is_empty() {
        tokio::time::sleep(LAST_WORD).await;
    }
}

/// Waits for Ctrl-C, or for the signal of a service manager.
async fn shutdown_signal() {
    let interrupt = async {
        // Without a handler the signal ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminated() => {}
    }
}

/// Rejects unknown hosts, and adds the security headers.
async fn guarded(State(hosts): State<Arc<Hosts>>, mut request: Request, next: Next) -> Response {
    let mut response = if hosts.admit(&request) {
        // The handlers of forms check the hosts too.
        request.extensions_mut().insert(hosts);
        next.run(request).await
    } else {
        reply(StatusCode::MISDIRECTED_REQUEST, PLAIN, "this server does not serve that host name\n".to_owned())
    };
    protect(response.headers_mut());
    response
}

/// A response with a text.
pub(super) fn reply(status: StatusCode, kind: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, axum::http::HeaderValue::from_static(kind));
    response
}

async fn assets(State(served): State<Served>, Path(file): Path<String>) -> Response {
    match asset(&file) {
        Some(found) => reply(StatusCode::OK, found.kind, found.text.to_owned()),
        None => reading(served, |served| Ok(lost(&served.site.view(), "/assets/x", "This file does not exist."))).await,
    }
}

async fn page(State(served): State<Served>, uri: Uri, headers: HeaderMap) -> Response {
    reading(served, move |served| {
        let query = Query::parse(uri.query().unwrap_or_default());
        let changes = served.site.changes.as_ref().filter(|changes| changes.admit(&headers));
        let entered = changes.map(|changes| {
            let outcome = changes.outcome(query.get("done"));
            if outcome.is_some() {
                // The page must show the change.
                served.site.look();
            }
            let notice = outcome.map(|outcome| outcome.notice(!query.get("again").is_empty()));
            Entered { changes, notice, form: None }
        });
        let mut response = answered(&served.site, &uri, entered.as_ref()).map_err(|error| served.site.named(error))?;
        if entered.is_some() {
            // The forms contain this browser's token.
            let alone = axum::http::HeaderValue::from_static("private, no-cache");
            response.headers_mut().insert(axum::http::header::CACHE_CONTROL, alone);
        }
        Ok(response)
    })
    .await
}

/// Runs work that reads the registry on a blocking thread. Errors are logged and not shown on the page, because they
/// may contain paths of the machine.
pub(super) async fn reading<S: Send + 'static>(
    state: S,
    work: impl FnOnce(&S) -> Result<Response> + Send + 'static,
) -> Response {
    // A client that disconnects while it waits for a permit leaves no work behind. The semaphore is never closed.
    let Ok(place) = READING.acquire().await else {
        return reply(StatusCode::SERVICE_UNAVAILABLE, PLAIN, String::new());
    };
    working(state, move |state| {
        let _place = place;
        work(state)
    })
    .await
}

/// Like [`reading`], without waiting for a permit.
pub(super) async fn working<S: Send + 'static>(
    state: S,
    work: impl FnOnce(&S) -> Result<Response> + Send + 'static,
) -> Response {
    let done = tokio::task::spawn_blocking(move || work(&state)).await;
    match done {
        Ok(Ok(response)) => return response,
        Ok(Err(error)) => log(&error),
        Err(_) => log(&anyhow::anyhow!("a page could not be rendered")),
    }
    let text = "The registry cannot be read at the moment. See the server's log for the error.\n";
    reply(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, text.to_owned())
}

fn lost(view: &View, path: &str, why: &str) -> Response {
    let page = missing(view, Links::from_path(path), 404, "Not found", why);
    reply(StatusCode::NOT_FOUND, HTML, page)
}

/// The page of an address. `entered` is set for a browser that may change the registry.
pub(super) fn answered(site: &Site, uri: &Uri, entered: Option<&Entered<'_>>) -> Result<Response> {
    // One view for the whole response, so a response never mixes two commits.
    let view = site.view();
    let (path, text) = (uri.path(), uri.query().unwrap_or_default());
    if text.len() > LONGEST {
        let why = format!("The query of the address has more than {LONGEST} bytes.");
        let page = missing(&view, Links::from_path(path), 414, "Too long", &why);
        return Ok(reply(StatusCode::URI_TOO_LONG, HTML, page));
    }
    let route = match Route::find(path) {
        Resolved::Page(route) => route,
        Resolved::MissingSlash => {
            let last = path.rsplit('/').next().unwrap_or_default();
            let query = if text.is_empty() { String::new() } else { format!("?{text}") };
            return Ok(moved(&format!("{last}/{query}")));
        }
        Resolved::Nothing => return Ok(lost(&view, path, "This page does not exist.")),
    };
    let query = Query::parse(text);
    let asked =
        Asked { site, view: &view, route: &route, query: &query, files: false, now: Some(site.session.now()), entered };
    Ok(match answer(&asked)? {
        Answer::Page(page) => reply(StatusCode::OK, HTML, page),
        Answer::Feed(feed) => reply(StatusCode::OK, "application/atom+xml; charset=utf-8", feed),
        Answer::Missing(why) => lost(&view, path, &why),
        Answer::Moved(route) => {
            let asked = if text.is_empty() { String::new() } else { format!("?{text}") };
            moved(&(Links::from_path(path).to(&route) + &asked))
        }
    })
}

/// A permanent redirect.
pub(super) fn moved(to: &str) -> Response {
    moved_to(StatusCode::PERMANENT_REDIRECT, to)
}

/// A redirect to an address relative to the request's.
pub(super) fn moved_to(status: StatusCode, to: &str) -> Response {
    let mut response = reply(status, PLAIN, String::new());
    match axum::http::HeaderValue::from_str(to) {
        Ok(value) => drop(response.headers_mut().insert(LOCATION, value)),
        Err(_) => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}
