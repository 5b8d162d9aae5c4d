//! News for open pages: server-sent events that say when the registry has changed.

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

/// How often a stream says something where there is nothing to say, so that nobody on the way closes it.
pub(super) const PULSE: Duration = Duration::from_secs(20);
/// The places for streams: they have no end, and must leave connections for those who ask for a page.
static STREAMS: Semaphore = Semaphore::const_new(256);
/// How often the branches are looked at while nothing is told of them: where a network's file system tells nothing.
const SELDOM: Duration = Duration::from_secs(10);
/// How often where the system cannot tell at all.
const OFTEN: Duration = Duration::from_secs(1);
/// A push or a fetch moves several branches; they count as one change when they are this close together.
const TOGETHER: Duration = Duration::from_millis(20);
/// The system watches a folder that was just made a moment after files came into it.
const AGAIN: Duration = Duration::from_millis(200);

/// The stream of changes: each event is the stamp of what is new, the first that of what is there.
pub(super) async fn events(State(served): State<Served>) -> Response {
    stream(WatchStream::new(served.site.changes()))
}

/// Sends stamps for as long as somebody listens.
pub(super) fn stream(stamps: impl Stream<Item = String> + Send + 'static) -> Response {
    let Ok(place) = STREAMS.try_acquire() else {
        let text = "too many pages are open; this one has to be loaded again to be new\n";
        return reply(StatusCode::SERVICE_UNAVAILABLE, PLAIN, text.to_owned());
    };
    let events = stamps.map(move |stamp| {
        let _held = &place;
        Ok::<_, Infallible>(Event::default().data(stamp))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(PULSE)).into_response()
}

/// Looks at the branches when one has moved, and now and then all the same. What cannot be read now may be whole the next
/// time.
pub(super) async fn follow(site: Arc<Site>) {
    let moved = Arc::new(Notify::new());
    let tell = Arc::clone(&moved);
    let watch = watch_refs(&site.session, move || tell.notify_one());
    if let Err(error) = &watch {
        site.log(anyhow::anyhow!("the branches are looked at every second, because they cannot be watched: {error}"));
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

/// Asks the remote every so often. Refs that it moves are noticed as any other.
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
