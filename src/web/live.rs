//! Live updates of open pages: server-sent events for changes of the registry.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::{Notify, Semaphore};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};

use super::serve::{PLAIN, Served, reply};
use super::site::Site;
use crate::ops::watch_refs;

/// The interval of keep-alive messages, so that no proxy closes the stream.
pub(super) const PULSE: Duration = Duration::from_secs(20);
/// The maximum number of streams. A stream does not end, so some connections are reserved for pages.
static STREAMS: Semaphore = Semaphore::const_new(256);
/// The polling interval while the file watcher works. Network file systems may not report changes.
const SELDOM: Duration = Duration::from_secs(10);
/// The polling interval without a file watcher.
const OFTEN: Duration = Duration::from_secs(1);
/// A push or a fetch moves several branches. Moves within this time are one change.
const TOGETHER: Duration = Duration::from_millis(20);
/// A new folder is watched only some time after its creation, so files may be added before.
const AGAIN: Duration = Duration::from_millis(200);

/// The stream of changes. Each event is the stamp of a new state; the first is the stamp of the current state.
pub(super) async fn events(State(served): State<Served>) -> Response {
    stream(WatchStream::new(served.site.changes()))
}

/// Sends stamps until the client disconnects.
pub(super) fn stream(stamps: impl Stream<Item = String> + Send + 'static) -> Response {
    let Ok(place) = STREAMS.try_acquire() else {
        let text = "too many pages are open; reload this page to update it\n";
        return reply(StatusCode::SERVICE_UNAVAILABLE, PLAIN, text.to_owned());
    };
    let events = stamps.map(move |stamp| {
        let _held = &place;
        Ok::<_, Infallible>(Event::default().data(stamp))
    });
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(PULSE));
    // Proxies must not buffer events.
    ([("x-accel-buffering", "no")], events).into_response()
}

/// Reads the branches when one has moved, and also periodically. A failed read is repeated the next time.
pub(super) async fn follow(site: Arc<Site>) {
    let moved = Arc::new(Notify::new());
    let tell = Arc::clone(&moved);
    let watch = watch_refs(&site.session, move || tell.notify_one());
    if let Err(error) = &watch {
        site.log(anyhow::anyhow!("the branches are polled every second, because they cannot be watched: {error}"));
    }
    let seldom = if watch.is_ok() { SELDOM } else { OFTEN };
    let mut pause = seldom;
    loop {
        look(&site).await;
        pause = match tokio::time::timeout(pause, moved.notified()).await {
            Ok(()) => {
                tokio::time::sleep(TOGETHER).await;
                AGAIN
            }
            Err(_) => seldom,
        };
    }
}

/// Fetches from the remote periodically. The watcher notices the moved refs.
pub(super) async fn fetch(site: Arc<Site>, every: Duration) {
    loop {
        let asking = Arc::clone(&site);
        let _ = tokio::task::spawn_blocking(move || asking.fetch()).await;
        tokio::time::sleep(every).await;
    }
}

async fn look(site: &Arc<Site>) {
    let site = Arc::clone(site);
    let _ = tokio::task::spawn_blocking(move || drop(site.look())).await;
}
