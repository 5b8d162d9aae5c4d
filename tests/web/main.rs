//! The dashboard's answers to a browser, on real registries and mostly without a socket.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends here")]

mod activity;
mod attacks;
mod changes;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod ending;
mod fetch;
mod hostile;
mod live;
mod pages;
mod probes;
mod search;
mod server;
mod several;
mod site;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use common::TestEnvironment;
use http_body_util::BodyExt as _;
use modelreg::ops::{Environment, Session};
use modelreg::web::{Hosts, Site, Sites, app};
use tower::ServiceExt as _;

/// An HTTP answer.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

/// The dashboard of a registry in `reg`.
pub fn dashboard(env: &TestEnvironment) -> Router {
    dashboard_of(env, &["reg"])
}

/// The dashboard of registries in these folders.
pub fn dashboard_of(env: &TestEnvironment, folders: &[&str]) -> Router {
    let site = |folder: &&str| {
        let session = Session::open(&env.path(folder), Environment::from_process().unwrap());
        Site::open(session.unwrap()).unwrap().always_fresh()
    };
    let sites = Sites::new(folders.iter().map(site).collect()).unwrap();
    app(Arc::new(sites), Hosts::of("127.0.0.1:5800".parse().unwrap(), &["registry.example.com".into()]))
}

/// A dashboard of the example registry in `reg`.
pub fn example() -> TestEnvironment {
    TestEnvironment::prepared("example", |env| env.succeed(".", &["init", "reg", "--example"]))
}

/// Requests a path, as a browser on this machine.
pub fn ask(app: &Router, path: &str) -> Answer {
    ask_as(app, "GET", path, &[("host", "localhost:5800")])
}

/// Sends a request with a method and headers.
pub fn ask_as(app: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    answer_to(app, method, path, headers, Body::empty())
}

/// Sends a request with a method, headers and a body.
pub fn answer_to(app: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let response = app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    })
}

/// The page at a path. The status must be 200.
pub fn page(app: &Router, path: &str) -> String {
    let answer = ask(app, path);
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.text
}
