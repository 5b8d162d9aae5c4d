//! Hostile requests and texts.

use axum::http::StatusCode;

use crate::common::TestEnvironment;
use crate::{ask, ask_as, dashboard, example, page};

#[test]
fn unknown_hosts_are_refused() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    for host in ["evil.example", "localhost.evil.example", "192.168.1.5", "127.0.0.1:5800@evil.example", ""] {
        for path in ["/", "/healthz", "/metrics", "/events", "/assets/dashboard.js", "/models/iris/"] {
            let answer = ask_as(&app, "GET", path, &[("host", host)]);
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            assert!(!answer.text.contains("iris"));
        }
    }
    let two = ask_as(&app, "GET", "/", &[("host", "localhost"), ("host", "evil.example")]);
    assert_eq!(two.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(ask_as(&app, "GET", "/", &[]).status, StatusCode::MISDIRECTED_REQUEST);
    for host in ["localhost", "127.0.0.1:5800", "[::1]:5800", "registry.example.com"] {
        assert_eq!(ask_as(&app, "GET", "/healthz", &[("host", host)]).status, StatusCode::OK, "{host}");
    }
}

#[test]
fn every_answer_has_the_security_headers() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    for path in ["/", "/models/iris/", "/nope", "/healthz", "/assets/dashboard.css", "/models/iris", "/activity.atom"] {
        let headers = ask(&app, path).headers;
        let policy = headers["content-security-policy"].to_str().unwrap();
        for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
    }
}

#[test]
fn paths_with_parent_parts_are_not_found() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    for path in [
        "/nope",
        "/models/nope/",
        "/models/..%2f..%2fregistry.toml/",
        "/models/%2e%2e/",
        "/models/..%252f/",
        "/models/iris%00/",
        "/models/%ff%fe/",
        "/models/iris/versions/99/",
        "/models/iris/versions/-1/",
        "/models/iris/versions/18446744073709551616/",
        "/models/iris/compare/x/",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/nope.js",
        "//evil.example/",
        "/models/iris/../../etc/passwd",
    ] {
        let answer = ask(&app, path);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text);
        assert!(answer.text.contains("Not found") && answer.text.contains("All models"), "{path}");
    }
    let long = format!("/?q={}", "a".repeat(10_000));
    assert_eq!(ask(&app, &long).status, StatusCode::URI_TOO_LONG);
    // For every path, a redirect stays on this server.
    for path in ["/requests", "/models/iris"] {
        let to = ask(&app, path).headers["location"].to_str().unwrap().to_owned();
        assert!(!to.starts_with('/') && !to.contains(':'), "{to}");
    }
}

#[test]
fn markup_in_any_text_of_the_registry_is_escaped() {
    let env = TestEnvironment::with_model();
    let markup = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>";
    env.succeed(
        "reg",
        &["describe", "iris", &format!("{markup} [x](javascript:alert(3)) ![y](https://evil.example/p.png)")],
    );
    env.succeed("reg", &["describe", "iris@1", markup]);
    env.succeed("reg", &["comment", "iris", "2", markup]);
    env.succeed("reg", &["tag", "iris", &format!("team={markup}")]);
    env.succeed("reg", &["tag", "iris@2", &format!("team={markup}")]);
    let artifact =
        ["register", "iris", "--artifact", "s3://models/iris/3", "--project", markup, "--environment", markup];
    let param = format!("p={markup}");
    env.succeed("reg", &[&artifact[..], &["--param", &param, "--metric", "m=1"]].concat());
    env.succeed("reg", &["promote", "iris", "3", "--to", "Production", "--reason", markup]);
    let app = dashboard(&env);
    for path in [
        "/",
        "/models/iris/",
        "/models/iris/versions/1/",
        "/models/iris/versions/2/",
        "/models/iris/versions/3/",
        "/models/iris/compare/",
        "/compare/?v=%3Cscript%3Ealert(1)%3C/script%3E",
        "/?q=%3Cscript%3Ealert(1)%3C/script%3E&sort=%22%3E%3Cscript%3E&dir=%22%3E%3Cb%3E",
        "/requests/",
        "/activity/?model=%3Cscript%3E",
        "/activity/",
        "/activity.atom",
    ] {
        let shown = page(&app, path);
        assert_eq!(shown.matches("<script").count(), usize::from(shown.contains("<!doctype")), "{path}");
        for bad in ["<img", "javascript:", "<b>", "evil.example/p.png", "\"'>"] {
            assert!(!shown.contains(bad), "{path} has {bad}");
        }
    }
}

#[test]
fn reordering_characters_are_shown_as_escapes() {
    // The rules refuse such a text, so the test commits it without a check.
    let env = TestEnvironment::with_model();
    let file = "reg/models/iris/model.toml";
    let text = env.read(file);
    env.write(file, &text.replacen("format = 1\n", "format = 1\nproject = \"a\\u202eb\"\n", 1));
    env.git("reg", &["commit", "-qam", "past the rules"]);
    let app = dashboard(&env);
    let shown = page(&app, "/");
    assert!(!shown.contains('\u{202e}'));
    let typed = page(&app, "/?q=%E2%80%AEevil");
    assert!(!typed.contains('\u{202e}') && typed.contains("\\u{202e}evil"));
}

#[test]
fn a_broken_model_does_not_hide_others() {
    let env = example();
    env.write("reg/models/digits-reader/model.toml", "name = [broken");
    env.git("reg", &["commit", "-qam", "spoilt"]);
    let app = dashboard(&env);
    let shown = page(&app, "/");
    assert!(shown.contains("1 model cannot be read") && shown.contains("wine-cultivar"));
    assert_eq!(ask(&app, "/models/digits-reader/").status, StatusCode::NOT_FOUND);
}
