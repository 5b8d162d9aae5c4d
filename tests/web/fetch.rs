//! `serve --fetch`: the remote's commits are shown, and a failing fetch is reported.

use std::io::{BufRead as _, BufReader, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{TestEnvironment, wait_until};
use crate::server::Server;

/// A registry in `reg`, and a clone of it in `clone`.
fn cloned() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "reg", "clone"]);
    env
}

const NOTICE: &str = "remote has failed since <time";

#[test]
fn the_remotes_commits_are_shown_and_no_branch_of_the_clone_moves() {
    let env = cloned();
    let server = Server::start(&env, "clone", &["--fetch", "1"]);
    let before = server.wait_for("/models/iris/", "Version 2");
    assert!(!before.contains("Version 3"));
    let mut events = server.events("/events");
    env.register("iris", 3);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Production", "--request", "--reason", "try"]);
    events.next();
    let shown = server.wait_for("/models/iris/", "Version 3");
    assert!(shown.contains(&env.tip("reg", "main")[..10]));
    server.wait_for("/requests/", "iris/Production/3");
    assert_eq!(env.versions("clone", "main", "iris"), [1, 2]);
    assert_eq!(server.log(), "");
}

#[test]
fn a_failing_fetch_is_logged_once_and_shown_without_the_password() {
    let env = cloned();
    // A remote that answers every request with "try again later".
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map(Result::unwrap) {
            BufReader::new(&stream).lines().map(Result::unwrap).find(String::is_empty);
            (&stream).write_all(b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n").unwrap();
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let address = format!("http://ada:hunter2@{address}/models.git?token=swordfish");
    env.git("clone", &["remote", "set-url", "origin", &address]);
    let server = Server::start(&env, "clone", &["--fetch", "1"]);
    let shown = server.wait_for("/models/iris/", NOTICE);
    assert!(shown.contains("Version 2") && server.get("/healthz").starts_with("HTTP/1.1 200 "));
    let before = asked.load(Ordering::SeqCst);
    wait_until("the remote is asked twice more", || asked.load(Ordering::SeqCst) >= before + 2);
    let log = server.log();
    assert_eq!(log.matches("modelreg serve: fetching from the remote failed: `git fetch` failed:").count(), 1, "{log}");
    env.git("clone", &["remote", "set-url", "origin", &env.path("reg").display().to_string()]);
    wait_until("the notice goes", || !server.get("/").contains(NOTICE));
    let log = server.logged("modelreg serve: fetching from the remote works again\n");
    assert_eq!(log.lines().count(), 2, "{log}");
    for secret in ["hunter2", "swordfish", "ada:"] {
        assert!(!log.contains(secret) && !shown.contains(secret), "{log}");
    }
}

#[test]
fn a_remote_whose_branch_was_moved_by_force_is_not_followed() {
    let env = cloned();
    env.git("reg", &["reset", "-q", "--hard", "HEAD~1"]);
    env.succeed("reg", &["comment", "iris", "1", "another history"]);
    let server = Server::start(&env, "clone", &["--fetch", "1"]);
    let shown = server.wait_for("/models/iris/", NOTICE);
    assert!(shown.contains("Version 2") && shown.contains(&env.tip("clone", "main")[..10]));
    server.logged("`main` and `origin/main` have diverged");
}

#[test]
fn invalid_uses_of_fetch_are_refused() {
    let env = cloned();
    let usage = env.run("clone", &["serve", "--fetch", "5", "--rev", "main"]);
    assert!(usage.contains("cannot be used with") && usage.ends_with("--- status 2\n"), "{usage}");
    let zero = env.run("clone", &["serve", "--fetch", "0"]);
    assert!(zero.ends_with("--- status 2\n"), "{zero}");
    env.git("clone", &["remote", "remove", "origin"]);
    let none = env.run("clone", &["serve", "--fetch", "5"]);
    assert!(
        none.contains("error: the registry has no remote to fetch from\n  hint: git remote add origin ADDRESS"),
        "{none}"
    );
}
