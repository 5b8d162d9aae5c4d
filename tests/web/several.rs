//! Several registries in one server.

use axum::http::StatusCode;

use crate::common::TestEnvironment;
use crate::server::Server;
use crate::{ask, ask_as, dashboard_of, page};

/// `acme` with a request, and the empty registry `Zoo & Größe/2`.
fn two() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production", "--request", "--reason", "try"]);
    env.succeed(".", &["init", "zoo", "--name", "Zoo & Größe/2"]);
    env
}

const ZOO: &str = "Zoo%20%26%20Gr%C3%B6%C3%9Fe%2F2";

#[test]
fn each_registry_is_below_its_name_and_the_root_lists_all() {
    let env = two();
    let app = dashboard_of(&env, &["zoo", "reg"]);
    let list = page(&app, "/");
    let names: Vec<&str> =
        list.split("<th scope=\"row\"><a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(names, ["acme/", &format!("{ZOO}/")]);
    for text in ["in 2 registries", "<a class=\"pill\" href=\"acme/requests/\">1</a>", "iris version 2 registered"] {
        assert!(list.contains(text), "{text}: {list}");
    }
    assert!(!list.contains("href=\"../\"") && !list.contains("Atom"));
    for path in ["/acme/", "/acme/models/iris/", "/acme/requests/", &format!("/{ZOO}/"), "/acme/assets/dashboard.css"] {
        page(&app, path);
    }
    assert!(page(&app, "/assets/dashboard.css") == page(&app, "/acme/assets/dashboard.css"));
    let model = page(&app, "/acme/models/iris/");
    assert!(model.contains("<a class=\"brand\" href=\"../../../\" aria-label=\"All registries\">"), "{model}");
    assert!(model.contains("data-events=\"../../events\"") && model.contains("href=\"../../models/iris/versions/2/\""));
}

#[test]
fn an_unknown_registry_links_to_the_list() {
    let env = two();
    let app = dashboard_of(&env, &["reg", "zoo"]);
    for (path, home) in [("/nope", "./"), ("/models/iris/", "../../"), ("//acme", "../"), ("/assets/nope.css", "../")] {
        let answer = ask(&app, path);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text.contains(&format!("<a class=\"button\" href=\"{home}\">All registries</a>")), "{path}");
    }
    assert_eq!(ask(&app, "/acme/nope").status, StatusCode::NOT_FOUND);
    assert!(ask(&app, "/acme/nope").text.contains("All models"));
    let answer = ask(&app, "/acme");
    assert_eq!(
        (answer.status, &answer.headers["location"]),
        (StatusCode::PERMANENT_REDIRECT, &"acme/".parse().unwrap())
    );
    assert_eq!(ask(&app, "/acme/models/iris").headers["location"], "iris/");
    assert_eq!(ask_as(&app, "GET", "/", &[("host", "evil.example")]).status, StatusCode::MISDIRECTED_REQUEST);
    assert!(ask(&app, "/").headers.contains_key("content-security-policy"));
}

#[test]
fn a_registry_can_have_the_name_of_a_route_of_the_list() {
    for name in ["assets", "events", "metrics", "healthz", "models"] {
        let env = TestEnvironment::new();
        env.succeed(".", &["init", "one", "--name", name]);
        env.succeed(".", &["init", "two"]);
        let app = dashboard_of(&env, &["one", "two"]);
        assert!(page(&app, &format!("/{name}/")).contains("No models yet"), "{name}");
        page(&app, &format!("/{name}/assets/dashboard.css"));
        page(&app, "/assets/dashboard.css");
        assert_eq!(page(&app, "/healthz"), "ok\n");
        assert!(page(&app, "/metrics").contains("modelreg_models"));
    }
}

#[test]
fn a_broken_registry_is_reported_and_the_others_still_work() {
    let env = two();
    let app = dashboard_of(&env, &["reg", "zoo"]);
    assert_eq!(page(&app, "/healthz"), "ok\n");
    env.write("zoo/registry.toml", "name = ");
    env.git("zoo", &["commit", "-qam", "spoilt"]);
    let list = page(&app, "/");
    assert_eq!(list.matches("Cannot be read</span>").count(), 1, "{list}");
    assert!(page(&app, &format!("/{ZOO}/")).contains("The newest commit cannot be read: registry.toml:1:8"));
    assert!(!page(&app, "/acme/").contains("cannot be read"));
    let health = ask(&app, "/healthz");
    assert_eq!(
        (health.status, health.text.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "Zoo & Größe/2 cannot be read\n")
    );
}

#[test]
fn the_list_follows_all_registries() {
    let env = two();
    let server = Server::start(&env, ".", &["reg", "zoo"]);
    let stamp = |page: &str| page.split("data-stamp=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let before = stamp(&server.get("/"));
    let (mut events, mut zoo) = (server.events("/events"), server.events(&format!("/{ZOO}/events")));
    // The first event of each registry is its present state.
    assert_eq!(events.next(), before);
    env.succeed("zoo", &["register", "lion", "--artifact", "s3://models/lion/1"]);
    let new = events.next();
    assert!(new != before && new.contains(&zoo.next()));
    assert_eq!(stamp(&server.wait_for("/", "lion version 1 registered")), new);
    env.write("zoo/registry.toml", "name = ");
    env.git("zoo", &["commit", "-qam", "spoilt"]);
    events.next();
    let log = server.logged("modelreg serve: Zoo & Größe/2: registry.toml:1:8: ");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn registries_that_cannot_be_shown_together_are_refused() {
    let env = two();
    env.succeed(".", &["init", "again", "--name", "acme"]);
    env.succeed(".", &["init", "dots", "--name", ".."]);
    env.git(".", &["init", "-q", "none"]);
    let refused = |folders: &[&str]| env.run(".", &[&["serve", "--listen", "0"], folders].concat());
    let twice = refused(&["reg", "again"]);
    let said = "error: two registries have the name `acme`\n  hint: change `name` in one registry.toml";
    assert!(twice.contains(said) && twice.ends_with("--- status 1\n"), "{twice}");
    let dots = refused(&["reg", "dots"]);
    assert!(dots.contains("error: the registry name `..` cannot be part of an address"), "{dots}");
    let none = refused(&["reg", "none"]);
    assert!(none.contains("error: `none`: `registry.toml` is missing") && none.ends_with("--- status 2\n"), "{none}");
    let gone = refused(&["reg", "gone"]);
    assert!(gone.contains("error: `gone`: opening `") && gone.ends_with("--- status 2\n"), "{gone}");
    env.write("zoo/registry.toml", "name = ");
    env.git("zoo", &["commit", "-qam", "spoilt"]);
    let spoilt = refused(&["reg", "zoo"]);
    assert!(spoilt.contains("error: `zoo`: registry.toml:1:8: ") && spoilt.ends_with("--- status 1\n"), "{spoilt}");
    assert!(spoilt.contains("hint: `modelreg validate` lists all errors"), "{spoilt}");
}
