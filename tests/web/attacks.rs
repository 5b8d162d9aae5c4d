//! The attacks on a server (threat 17), and what it may not tell (threat 19), over a socket where what matters happens before
//! a request is one. What concerns the texts of a registry is in `hostile`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use crate::common::TestEnvironment;
use crate::server::Server;
use crate::{ask, ask_as, dashboard, dashboard_of};

/// The maximum time in which the server must end a connection.
const SOON: Duration = Duration::from_secs(5);

/// A path of each route of a registry, and some paths without a route.
const ROUTES: [&str; 16] = [
    "/",
    "/page/2/",
    "/models/iris/",
    "/models/iris",
    "/models/iris/versions/1/",
    "/models/iris/compare/",
    "/models/iris/activity.atom",
    "/compare/",
    "/requests/",
    "/activity/",
    "/activity/page/2/",
    "/activity.atom",
    "/assets/dashboard.js",
    "/events",
    "/nope",
    "/models/nope/",
];

fn two() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.succeed(".", &["init", "zoo"]);
    env
}

/// The status of each answer of a connection. An answer begins where the one before ends, not on a line of its
/// own.
fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).map(|rest| &rest[..3]).collect()
}

#[test]
fn a17_nothing_can_be_changed_on_any_route() {
    let env = two();
    let (one, several) = (dashboard(&env), dashboard_of(&env, &["reg", "zoo"]));
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
        let refused = |app, path: &str| {
            // As a page of another site sends the request, and with a forged origin.
            for origin in ["https://evil.example", "http://localhost:5800", "null"] {
                let headers = [("host", "localhost:5800"), ("origin", origin), ("content-type", "text/plain")];
                let answer = ask_as(app, method, path, &headers);
                let elsewhere = origin != "http://localhost:5800" && method != "OPTIONS";
                let status = if elsewhere { StatusCode::FORBIDDEN } else { StatusCode::METHOD_NOT_ALLOWED };
                assert_eq!(answer.status, status, "{method} {path} from {origin}");
                assert!(!answer.headers.contains_key("access-control-allow-origin"), "{method} {path}");
            }
        };
        for path in ROUTES.into_iter().chain(["/healthz", "/metrics"]) {
            refused(&one, path);
        }
        for path in ROUTES {
            refused(&several, &format!("/acme{path}"));
        }
        for path in ["/", "/acme", "/events", "/assets/icon.svg", "/healthz", "/metrics", "/nope"] {
            refused(&several, path);
        }
    }
}

#[test]
fn a17_another_host_in_the_address_itself_is_not_answered() {
    let env = TestEnvironment::with_model();
    let server = Server::start(&env, "reg", &[]);
    let send = |lines: &str| server.send(format!("{lines}\r\nConnection: close\r\n\r\n").as_bytes(), SOON);
    for request in [
        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost",
        "GET http://localhost/ HTTP/1.1\r\nHost: evil.example",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example",
        "GET / HTTP/1.1",
    ] {
        let answer = send(request);
        assert_eq!(statuses(&answer), ["421"], "{request}: {answer}");
        assert!(!answer.contains("iris"), "{answer}");
    }
    assert_eq!(statuses(&send("GET http://localhost/ HTTP/1.1\r\nHost: localhost")), ["200"]);
}

#[test]
fn a17_paths_with_parent_parts_leave_no_registry() {
    let env = two();
    let app = dashboard_of(&env, &["reg", "zoo"]);
    for path in [
        "/acme%2f",
        "/acme/%2e%2e/zoo/",
        "/acme/..%2fzoo%2f",
        "/acme/..%252fzoo/",
        "/acme%00/",
        "/%61cme/",
        "/./acme/",
        "/..%2freg/registry.toml",
        "/acme/assets/..%2f..%2fregistry.toml",
    ] {
        assert_eq!(ask(&app, path).status, StatusCode::NOT_FOUND, "{path}");
    }
    // A browser would normalize these paths.
    let server = Server::start(&env, ".", &["reg", "zoo"]);
    for path in ["/../reg/registry.toml", "/acme/../../../../etc/passwd", "/acme/assets/../../registry.toml"] {
        let answer = server.get(path);
        assert_eq!(statuses(&answer), ["404"], "{answer}");
        assert!(!answer.contains("policy_version") && !answer.contains("root:"), "{answer}");
    }
}

#[test]
fn a17_a_request_is_never_read_as_two() {
    let env = TestEnvironment::with_model();
    let server = Server::start(&env, "reg", &[]);
    let second = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let send = |headers: &str, body: &str| {
        let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{body}");
        server.send(request.as_bytes(), Duration::from_secs(1))
    };
    for headers in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: +5",
        "Content-Length: -1",
        "Content-Length : 5",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "X: a\r\n Content-Length: 5",
    ] {
        assert_eq!(statuses(&send(headers, second)), ["400"], "{headers}");
    }
    // RFC 9112, 6.3: the chunks count, and the connection ends.
    let chunks = format!("0\r\n\r\n{second}");
    let started = Instant::now();
    for headers in
        ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"]
    {
        assert_eq!(
            statuses(
                &server
                    .send(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{chunks}").as_bytes(), SOON)
            ),
            ["200"],
            "{headers}"
        );
    }
    assert!(started.elapsed() < SOON, "both connections are ended by the server");
    // The text in a body is not a request.
    let body = format!("{second}{}", "x".repeat(10));
    assert_eq!(statuses(&send(&format!("Content-Length: {}", body.len()), &body)), ["200"]);
}

#[test]
fn a17_a_body_of_100_mb_is_refused_and_not_read() {
    let env = TestEnvironment::with_model();
    let server = Server::start(&env, "reg", &[]);
    server.get("/");
    let before = server.most_memory();
    for headers in ["Content-Length: 100000000", "Transfer-Encoding: chunked"] {
        for method in ["POST", "PUT"] {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.set_read_timeout(Some(SOON)).unwrap();
            write!(stream, "{method} / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n").unwrap();
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"HTTP/1.1 405", "before a byte of the body was sent");
            let part = [b"10000\r\n".as_slice(), &[b'x'; 65_536], b"\r\n"].concat();
            let sent = (0..1_600).take_while(|_| stream.write_all(&part).is_ok()).count();
            // The system may accept as much as its buffers hold.
            assert!(sent < 200, "{sent} parts of 64 KiB were taken");
        }
    }
    let grown = server.most_memory() - before;
    assert!(grown < 16 << 20, "it has grown by {grown} bytes");
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn a17_a_request_line_that_is_too_long_is_refused() {
    let env = TestEnvironment::with_model();
    let server = Server::start(&env, "reg", &[]);
    let get = |path: &str, headers: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        let answer = server.send(request.as_bytes(), SOON);
        statuses(&answer).first().map(|status| (*status).to_owned())
    };
    // If the client sends after the server has closed, the system may drop the answer.
    let refused = |status: Option<String>| status.is_none_or(|status| status == "431");
    assert!(refused(get(&format!("/?q={}", "a".repeat(1 << 20)), "")));
    assert!(refused(get(&format!("/{}", "a/".repeat(1 << 19)), "")));
    assert!(refused(get("/", &format!("X: {}\r\n", "a".repeat(1 << 20)))));
    assert!(refused(get("/", &"X: a\r\n".repeat(10_000))));
    assert_eq!(get("/", &"X: a\r\n".repeat(200)).as_deref(), Some("431"));
    assert_eq!(get(&format!("/?q={}", "a".repeat(20_000)), "").as_deref(), Some("414"));
    assert_eq!(get("/", "").as_deref(), Some("200"));
}

#[test]
fn a17_huge_numbers_and_queries_are_answered_soon() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    let started = Instant::now();
    for page in ["1e9", "1000000000", "18446744073709551615", "18446744073709551616", "-1", "0", "NaN", "%00"] {
        for path in ["/", "/activity/", "/requests/", "/models/iris/"] {
            let answer = ask(&app, &format!("{path}?page={page}&max_results=1e9"));
            assert_eq!(answer.status, StatusCode::OK, "{path} {page}");
        }
        for path in ["/page", "/activity/page", "/models/iris/versions"] {
            let answer = ask(&app, &format!("{path}/{page}/"));
            assert!(answer.status == StatusCode::OK || answer.status == StatusCode::NOT_FOUND, "{path} {page}");
        }
    }
    // The maximum depth of an address.
    for deep in ["(", "NOT+", "a+AND+(", "%22", "'", "%5c", "%25", "*", "[["] {
        let query = deep.repeat(4_000 / deep.len());
        for path in ["/", "/activity/"] {
            for key in ["q", "sort", "stage", "kind", "by", "model", "since", "until"] {
                let answer = ask(&app, &format!("{path}?{key}={query}"));
                assert_eq!(answer.status, StatusCode::OK, "{path} {key} {deep}");
            }
        }
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn a17_streams_leave_connections_for_pages() {
    let env = TestEnvironment::with_model();
    let server = Server::start(&env, "reg", &[]);
    let mut streams: Vec<_> = (0..256).map(|_| server.events("/events")).collect();
    assert_eq!(statuses(&server.get("/events")), ["503"]);
    assert_eq!(statuses(&server.get("/")), ["200"]);
    // After a stream is closed, another one is accepted.
    streams.truncate(200);
    let started = Instant::now();
    while !server
        .send(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n", Duration::from_millis(200))
        .contains("data: ")
    {
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn a19_queries_are_in_no_log_and_the_registrys_path_is_on_no_page() {
    let env = TestEnvironment::with_model();
    let server = Server::start(&env, "reg", &[]);
    let request = "GET /models/iris/?token=swordfish HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer swordfish\r\n\
                   Cookie: session=swordfish\r\nConnection: close\r\n\r\n";
    assert!(!server.send(request.as_bytes(), SOON).contains("swordfish"));
    assert_eq!(server.log(), "");
    std::fs::remove_dir_all(env.path("reg/.git/objects")).unwrap();
    let answer = server.get("/models/iris/versions/1/");
    assert_eq!(statuses(&answer), ["500"], "{answer}");
    let folder = env.path("reg").display().to_string();
    for path in ["/models/iris/versions/1/", "/", "/healthz", "/metrics", "/requests/"] {
        assert!(!server.get(path).contains(&folder), "{path}");
    }
    assert!(!server.logged("modelreg serve: ").contains("swordfish"));
}
