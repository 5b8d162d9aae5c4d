//! Connections to the dashboard: not too many, and none that only waits.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How long a client may take to say what it asks for, and a connection to have nothing asked of it.
const HEADER: Duration = Duration::from_secs(10);
/// How many connections there may be at once. The next one waits until another ends.
const MOST: usize = 1_024;
/// The longest request line and headers, in bytes.
const LONGEST: usize = 32 * 1_024;

/// Answers connections for as long as the process lives.
pub(super) async fn accept(listener: TcpListener, app: Router) {
    let slots = Arc::new(Semaphore::new(MOST));
    loop {
        // The semaphore is never closed.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // As a rule the process has too many files open, and that passes.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let service = TowerToHyperService::new(app.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER)
                .max_buf_size(LONGEST)
                .serve_connection(TokioIo::new(stream), service);
            // A client that goes away in the middle is no trouble of this server's.
            let _ = connection.await;
            drop(slot);
        });
    }
}
