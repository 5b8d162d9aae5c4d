//! Hostile forms.

use axum::body::Body;
use axum::http::StatusCode;

use super::{Browser, FORM, HERE, HOST, MODEL, VERSION, server, subject};
use crate::common::TestEnvironment;
use crate::{answer_to, dashboard};

/// Threat 17: cross-site POST, wrong Origin, JSON sent as text/plain, every route without a key or with the key of another server.
#[test]
fn a_form_of_another_site_changes_nothing() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    let (_, other) = server(&env);
    let form = format!("do=comment&text=mine{}", browser.hidden(VERSION));
    let without_token = "do=comment&text=mine";
    let cookie = browser.cookie.as_str();
    let (here, kind, mine) = (("origin", HERE), ("content-type", FORM), ("cookie", cookie));
    let tip = env.tip("reg", "main");
    let forbidden = StatusCode::FORBIDDEN;
    let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    for (what, fields, headers, status) in [
        ("no Origin", form.as_str(), &[kind, mine][..], forbidden),
        ("another site", &form, &[("origin", "https://evil.example"), kind, mine], forbidden),
        ("a site that hides itself", &form, &[("origin", "null"), kind, mine], forbidden),
        ("another port of this machine", &form, &[("origin", "http://127.0.0.1:9999"), kind, mine], forbidden),
        ("a longer name", &form, &[("origin", "http://127.0.0.1:5800.evil.example"), kind, mine], forbidden),
        ("two Origins", &form, &[here, ("origin", "https://evil.example"), kind, mine], forbidden),
        ("what the browser says", &form, &[here, ("sec-fetch-site", "cross-site"), kind, mine], forbidden),
        ("no cookie", &form, &[here, kind], forbidden),
        ("a made-up cookie", &form, &[here, kind, ("cookie", "modelreg-00000000=1")], forbidden),
        ("no token", without_token, &[here, kind, mine], forbidden),
        ("a made-up token", "do=comment&text=mine&token=x", &[here, kind, mine], forbidden),
        ("the key as token", &format!("{without_token}&token={}", other.as_str()), &[here, kind, mine], forbidden),
        ("JSON", "{\"do\":\"comment\"}", &[here, ("content-type", "application/json"), mine], unsupported),
        ("JSON as text", &form, &[here, ("content-type", "text/plain"), mine], unsupported),
        ("parts", &form, &[here, ("content-type", "multipart/form-data; boundary=x"), mine], unsupported),
        ("no kind", &form, &[here, mine], unsupported),
    ] {
        let answer = browser.sends_as(VERSION, fields, headers);
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(env.tip("reg", "main"), tip, "{what}");
    }
    let evil = answer_to(
        &browser.app,
        "POST",
        VERSION,
        &[("host", "evil.example"), ("origin", "http://evil.example"), kind, mine],
        Body::from(form.clone()),
    );
    assert_eq!(evil.status, StatusCode::MISDIRECTED_REQUEST);
    let login = browser.sends_as("/enter/", "key=x", &[("origin", "https://evil.example"), kind]);
    assert_eq!(login.status, forbidden, "nobody shows a key for another");
    // The valid counterpart is accepted.
    assert_eq!(browser.sends_as(VERSION, &form, &[here, kind, mine]).status, StatusCode::SEE_OTHER);
    assert_ne!(env.tip("reg", "main"), tip);
}

/// Threat 17: a read-only server accepts no form, and a writing server accepts only the forms of each route.
#[test]
fn routes_without_a_form_accept_none() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    let tip = env.tip("reg", "main");
    let headers = [("host", HOST), ("origin", HERE), ("content-type", FORM), ("cookie", browser.cookie.as_str())];
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        for path in ["/", "/models/iris/", "/models/iris/versions/1/", "/requests/", "/enter/", "/events", "/metrics"] {
            let answer = answer_to(&dashboard(&env), method, path, &headers, Body::from("do=comment&text=x"));
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
    let hidden = browser.hidden(VERSION);
    for (path, fields) in [
        ("/", "do=comment&text=x"),
        ("/activity/", "do=comment&text=x"),
        (MODEL, "do=comment&text=x"),
        (MODEL, "do=promote&stage=Staging"),
        (MODEL, "do=delete"),
        (VERSION, "do=rollback&stage=Production&to=1&reason=x"),
        (VERSION, "do="),
        ("/requests/", "do=comment&text=x"),
        ("/requests/", "do=approve&id=../../x"),
        ("/models/..%2f..%2firis/versions/2/", "do=comment&text=x"),
        ("/models/iris/versions/99/", "do=comment&text=x"),
        ("/models/nothing/", "do=describe&text=x"),
        ("/models/iris/compare/", "do=describe&text=x"),
    ] {
        let answer = browser.sends(path, &format!("{fields}{hidden}"));
        assert!(answer.status.is_client_error(), "{path} {fields}: {}", answer.status);
        assert_eq!(env.tip("reg", "main"), tip, "{path} {fields}");
    }
}

/// Threat 17: no route serves a request from a page of another site.
#[test]
fn no_route_is_reached_from_another_site() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    let evil = ("origin", "https://evil.example");
    for (what, headers) in [
        ("another origin", &[evil][..]),
        ("a site that hides itself", &[("origin", "null")]),
        ("what the browser says", &[("sec-fetch-site", "cross-site")]),
        ("a sibling", &[("origin", HERE), ("sec-fetch-site", "same-site")]),
    ] {
        let headers = [&[("host", HOST), ("cookie", browser.cookie.as_str())], headers].concat();
        for app in [&browser.app, &dashboard(&env)] {
            for path in ["/", VERSION, "/enter/", "/events", "/metrics", "/healthz", "/assets/dashboard.js", "/nope/"] {
                for method in ["POST", "PUT", "DELETE", "PATCH"] {
                    let answer = answer_to(app, method, path, &headers, Body::empty());
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}: {what}");
                }
            }
            // A link on another site may lead to a page.
            assert_eq!(answer_to(app, "GET", "/healthz", &headers, Body::empty()).status, StatusCode::OK, "{what}");
        }
    }
}

/// Threat 17: endless bodies.
#[test]
fn a_body_is_read_up_to_the_maximum_size_of_a_form() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    let headers = [("host", HOST), ("origin", HERE), ("content-type", FORM), ("cookie", browser.cookie.as_str())];
    let endless = || {
        let chunk = axum::body::Bytes::from(vec![b'a'; 1 << 16]);
        Body::from_stream(tokio_stream::iter(std::iter::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()))))
    };
    for path in [VERSION, "/requests/", "/enter/"] {
        let answer = answer_to(&browser.app, "POST", path, &headers, endless());
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let not_text = answer_to(&browser.app, "POST", VERSION, &headers, Body::from(vec![0xff, 0xfe]));
    assert_eq!(not_text.status, StatusCode::BAD_REQUEST);
    // The longest text that the registry accepts fits.
    browser.does(VERSION, &format!("do=comment&text={}", "%C3%BC".repeat(100_000)));
    assert_eq!(subject(&env), "Comment on iris 2");
    let tip = env.tip("reg", "main");
    let longer = format!("do=comment&text={}{}", "a".repeat(100_001), browser.hidden(VERSION));
    assert_eq!(browser.sends(VERSION, &longer).status, StatusCode::CONFLICT);
    assert_eq!(env.tip("reg", "main"), tip);
}
