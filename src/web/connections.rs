//! The limits of connections to the dashboard: their number and their timeouts.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::ops::platform::{end_when_stalled, open_files};

/// The limits of connections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The timeout for a client to send a request, and for an idle connection.
    asking: Duration,
    /// The timeout for a client that does not read the answer.
    taking: Duration,
    /// The maximum number of connections. Further connections wait until one ends.
    most: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { asking: Duration::from_secs(10), taking: Duration::from_secs(30), most: 1_024 }
    }
}

impl Limits {
    /// The default limits. Connections use at most half of the process's file descriptors, because reading the registry
    /// needs files too.
    pub(super) fn of_process() -> Self {
        let usual = Self::default();
        Self { most: usual.most.min(open_files(4 * usual.most) / 2), ..usual }
    }
}

/// The maximum size of the request line and headers, in bytes.
const LONGEST: usize = 32 * 1_024;

/// Accepts and serves connections until the process ends.
pub(super) async fn accept(listener: TcpListener, app: Router, limits: Limits) {
    let slots = Arc::new(Semaphore::new(limits.most));
    loop {
        // The semaphore is never closed.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Usually the process has too many open files for a moment.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        end_when_stalled(&stream, limits.taking);
        let service = TowerToHyperService::new(app.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(limits.asking)
                .max_buf_size(LONGEST)
                .serve_connection(TokioIo::new(stream), service);
            // A client that disconnects is not an error of this server.
            let _ = connection.await;
            drop(slot);
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};
    use std::time::Instant;

    use axum::routing::get;

    use super::*;

    /// The maximum wait of a test.
    const SOON: Duration = Duration::from_secs(20);
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    /// A server that answers with this number of bytes, until it is dropped.
    struct Server {
        address: SocketAddr,
        _runtime: tokio::runtime::Runtime,
    }

    impl Server {
        fn start(bytes: usize, limits: Limits) -> Self {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
            let address = listener.local_addr().unwrap();
            let app = Router::new().route("/", get(move || std::future::ready("x".repeat(bytes))));
            runtime.spawn(accept(listener, app, limits));
            Self { address, _runtime: runtime }
        }

        fn connect(&self) -> TcpStream {
            let stream = TcpStream::connect(self.address).unwrap();
            stream.set_read_timeout(Some(SOON)).unwrap();
            stream
        }
    }

    /// Reads to the end of the stream. A reset by the server is an end too.
    fn read(mut stream: TcpStream) -> String {
        let mut all = Vec::new();
        if let Err(error) = stream.read_to_end(&mut all) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        String::from_utf8_lossy(&all).into_owned()
    }

    #[test]
    fn a_request_that_arrives_byte_by_byte_times_out() {
        let server = Server::start(1, Limits { asking: Duration::from_millis(300), ..Limits::default() });
        let (mut stream, started) = (server.connect(), Instant::now());
        let mut bytes = b"GET / HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat(&b'x'));
        while bytes.next().is_some_and(|byte| stream.write_all(&[*byte]).is_ok()) {
            assert!(started.elapsed() < SOON);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn idle_connections_time_out_and_the_next_one_is_served() {
        let limits = Limits { asking: Duration::from_millis(300), most: 2, ..Limits::default() };
        let server = Server::start(1, limits);
        let idle = [server.connect(), server.connect()];
        let mut stream = server.connect();
        stream.write_all(ASK).unwrap();
        assert!(read(stream).ends_with("\r\nx"));
        for idle in idle {
            assert!(!read(idle).contains("200"));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_client_that_does_not_read_the_answer_times_out() {
        // The answer is larger than the buffers of the system for both sides.
        let limits = Limits { taking: Duration::from_millis(300), most: 1, ..Limits::default() };
        let server = Server::start(64 << 20, limits);
        let mut idle = server.connect();
        idle.write_all(ASK).unwrap();
        // The limit is one connection, so the second is served only after the first has ended.
        let mut stream = server.connect();
        stream.write_all(ASK).unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
    }
}
