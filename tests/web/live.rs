//! Pages follow the branch.

use std::time::{Duration, Instant};

use axum::http::StatusCode;

use crate::common::TestEnvironment;
use crate::server::Server;
use crate::{ask, dashboard, page};

#[test]
fn a_new_commit_is_shown_and_an_answer_shows_one_commit() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    let stamp = |page: &str| page.split("data-stamp=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let before = page(&app, "/models/iris/");
    assert!(!before.contains("Version 3") && before.contains(&env.tip("reg", "main")[..10]));
    env.register("iris", 3);
    let after = page(&app, "/models/iris/");
    assert!(after.contains("Version 3") && after.contains(&env.tip("reg", "main")[..10]));
    assert_ne!(stamp(&before), stamp(&after));
    // Without a change there is no new view.
    assert_eq!(stamp(&page(&app, "/")), stamp(&after));
}

#[test]
fn an_error_that_stays_is_not_a_change() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["branch", "-m", "main", "other"]);
    let app = dashboard(&env);
    let shown = page(&app, "/");
    assert!(shown.contains("The open requests cannot be read"), "{shown}");
    assert_eq!(page(&app, "/"), shown);
}

#[test]
fn an_unreadable_commit_is_reported_above_the_previous_state() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    assert_eq!(ask(&app, "/healthz").status, StatusCode::OK);
    let policy = env.read("reg/registry.toml");
    env.write("reg/registry.toml", "name = ");
    env.git("reg", &["commit", "-qam", "spoilt"]);
    let shown = page(&app, "/");
    assert!(shown.contains("The newest commit cannot be read: registry.toml:1:8") && shown.contains("iris"), "{shown}");
    assert_eq!(ask(&app, "/healthz").status, StatusCode::SERVICE_UNAVAILABLE);
    env.write("reg/registry.toml", &policy);
    env.git("reg", &["commit", "-qam", "fixed"]);
    assert!(!page(&app, "/").contains("cannot be read"));
    assert_eq!(ask(&app, "/healthz").status, StatusCode::OK);
}

#[test]
fn an_open_page_gets_an_event_as_soon_as_a_commit_is_made() {
    let env = TestEnvironment::with_model();
    let server = Server::start(&env, "reg", &[]);
    let mut events = server.events("/events");
    let mut waited: Vec<Duration> = (3..10)
        .map(|version| {
            env.register("iris", version);
            let started = Instant::now();
            let stamp = events.next();
            assert_eq!(stamp[..12], env.tip("reg", "main")[..12]);
            started.elapsed()
        })
        .collect();
    waited.sort();
    // Polling every second would take half a second on average.
    assert!(waited[waited.len() / 2] < Duration::from_millis(300), "{waited:?}");
}

#[test]
fn a_pushed_request_gives_an_event() {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "--bare", "reg", "bare.git"]);
    let server = Server::start(&env, "bare.git", &[]);
    let mut events = server.events("/events");
    env.git("reg", &["remote", "add", "origin", "../bare.git"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production", "--request", "--push", "--reason", "try"]);
    events.next();
    server.wait_for("/requests/", "iris/Production/2");
    assert_eq!(server.log(), "");
}
