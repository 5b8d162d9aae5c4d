//! News for open pages: server-sent events that say when the registry has changed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};

use super::serve::Served;
use super::site::Site;

/// How often the branches are looked at while nobody asks.
const EVERY: Duration = Duration::from_secs(1);

/// The stream of changes: each event is the stamp of what is new, the first that of what is there.
pub(super) async fn events(State(served): State<Served>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = WatchStream::new(served.site.changes()).map(|stamp| Ok(Event::default().data(stamp)));
    Sse::new(changes).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}

/// Looks at the branches again and again. What cannot be read now may be whole the next time.
pub(super) async fn watch(site: Arc<Site>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let site = Arc::clone(&site);
        let _ = tokio::task::spawn_blocking(move || drop(site.view())).await;
    }
}
