//! The models that the overview lists, and their order.

use axum::Router;
use axum::http::StatusCode;

use crate::common::TestEnvironment;
use crate::{ask, dashboard, example, page};

/// The models that a page lists.
fn rows(app: &Router, query: &str) -> Vec<String> {
    let shown = page(app, query);
    let names = shown.split("<th scope=\"row\"><a href=\"models/").skip(1);
    names.map(|rest| rest.split('/').next().unwrap().to_owned()).collect()
}

/// The address of a search.
fn search(text: &str, more: &str) -> String {
    format!("/?q={}{more}", percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC))
}

/// Four models. In one, every optional column is empty.
fn models() -> TestEnvironment {
    let mut env = TestEnvironment::with_registry();
    let add = |env: &mut TestEnvironment, day: usize, model: &str, owner: &str, versions: usize, more: &[&str]| {
        env.set_clock(&format!("2026-01-0{day}T10:00:00.000Z"));
        env.git("reg", &["config", "user.email", owner]);
        for version in 1..=versions {
            let address = format!("s3://models/{model}/{version}");
            let metric = format!("accuracy=0.{}", day + version);
            let register = ["register", model, "--artifact", &address, "--metric", &metric];
            env.succeed("reg", &[&register[..], more].concat());
        }
    };
    add(&mut env, 4, "ash", "kim@example.com", 2, &["--project", "zeta"]);
    add(&mut env, 3, "Box", "ada@example.com", 1, &["--project", "alpha"]);
    add(&mut env, 2, "yew", "lee@example.com", 3, &["--project", "mid"]);
    add(&mut env, 1, "fir", "ada@example.com", 1, &[]);
    env.succeed("reg", &["delete", "fir@1"]);
    let file = "reg/models/fir/model.toml";
    env.write(file, &env.read(file).replace("owners = [\"ada@example.com\"]", "owners = []"));
    env.git("reg", &["commit", "-qam", "nobody's"]);
    for (day, model, version, stage) in
        [(5, "yew", "1", "Staging"), (6, "ash", "1", "Staging"), (7, "ash", "1", "Production")]
    {
        env.set_clock(&format!("2026-01-0{day}T10:00:00.000Z"));
        env.succeed("reg", &["promote", model, version, "--to", stage]);
    }
    for (model, stage) in [("yew", "Production"), ("Box", "Staging"), ("Box", "Production")] {
        env.succeed("reg", &["promote", model, "1", "--to", stage, "--request"]);
    }
    env
}

#[test]
fn each_column_sorts_both_ways_with_empty_cells_last() {
    let env = models();
    let app = dashboard(&env);
    for (column, up, down) in [
        ("name", ["ash", "Box", "fir", "yew"], ["yew", "fir", "Box", "ash"]),
        ("project", ["Box", "yew", "ash", "fir"], ["ash", "yew", "Box", "fir"]),
        ("owner", ["Box", "ash", "yew", "fir"], ["yew", "ash", "Box", "fir"]),
        ("latest", ["Box", "ash", "yew", "fir"], ["yew", "ash", "Box", "fir"]),
        ("stage:Staging", ["yew", "ash", "Box", "fir"], ["ash", "yew", "Box", "fir"]),
        ("stage:Production", ["ash", "Box", "fir", "yew"], ["ash", "Box", "fir", "yew"]),
        ("requests", ["yew", "Box", "ash", "fir"], ["Box", "yew", "ash", "fir"]),
        ("modified", ["fir", "Box", "yew", "ash"], ["ash", "yew", "Box", "fir"]),
        // An unknown column gives the order of names.
        ("nonsense", ["ash", "Box", "fir", "yew"], ["ash", "Box", "fir", "yew"]),
        ("stage:nonsense", ["ash", "Box", "fir", "yew"], ["ash", "Box", "fir", "yew"]),
    ] {
        assert_eq!(rows(&app, &format!("/?sort={column}")), up, "{column}");
        assert_eq!(rows(&app, &format!("/?sort={column}&dir=desc")), down, "{column}");
    }
    assert_eq!(rows(&app, "/"), rows(&app, "/?sort=name"));
}

#[test]
fn a_column_head_links_to_its_order_and_then_to_the_reverse() {
    let env = models();
    let app = dashboard(&env);
    for column in ["name", "project", "owner", "latest", "stage:Staging", "stage:Production", "requests", "modified"] {
        let link = |shown: &str| {
            let head = shown.split(&format!("data-key=\"{column}\"><a href=\"")).nth(1).unwrap();
            head.split('"').next().unwrap().replace("./", "/").replace("&#38;", "&")
        };
        let start = if column == "name" { "/?sort=modified" } else { "/" };
        let once = link(&page(&app, start));
        let twice = link(&page(&app, &once));
        assert!(once.contains("sort=") && !once.contains("dir=desc") && twice.contains("dir=desc"), "{once} {twice}");
        assert_ne!(rows(&app, &once), Vec::<String>::new());
    }
}

#[test]
fn the_search_field_accepts_filters_and_words() {
    let env = models();
    let app = dashboard(&env);
    for (q, found) in [
        ("ash", vec!["ash"]),
        ("ZETA kim", vec!["ash"]),
        ("metrics.accuracy >= 0.5", vec!["ash", "yew"]),
        ("metrics.accuracy = 0.4", vec!["Box", "yew"]),
        ("stage = 'production'", vec!["ash"]),
        ("stage = 'Staging' OR name LIKE 'B%'", vec!["ash", "Box", "yew"]),
        ("NOT project IN ('zeta', 'mid')", vec!["Box"]),
        ("deleted = true", vec!["fir"]),
        ("in production", vec![]),
    ] {
        assert_eq!(rows(&app, &search(q, "")), found, "{q}");
    }
    // The other fields and the order still apply.
    assert_eq!(rows(&app, &search("version > 0", "&sort=latest&dir=desc")), ["yew", "ash", "Box"]);
    assert_eq!(rows(&app, &search("version > 0", "&stage=Staging")), ["ash", "yew"]);
    assert!(page(&app, &search("version > 0", "")).contains("value=\"version &#62; 0\""));
}

#[test]
fn an_invalid_filter_is_reported_with_its_place() {
    let env = models();
    let app = dashboard(&env);
    let shown = page(&app, &search("name = 'ash' AND verion > 3", ""));
    assert!(
        shown.contains("This filter cannot be read. At column 18: unknown field `verion`; did you mean `version`?"),
        "{shown}"
    );
    assert_eq!(rows(&app, &search("verion > 3", "")).len(), 4);
    // Deep and long filters are errors too.
    let deep = format!("/?q={}version%3E0", "(".repeat(3_000));
    assert!(page(&app, &deep).contains("This filter cannot be read"));
    let many = format!("/?q=version+IN+({}1)%3D", "1,".repeat(1_500));
    assert!(page(&app, &many).contains("This filter cannot be read"));
    assert_eq!(ask(&app, &format!("/?q={}%3E0", "a".repeat(5_000))).status, StatusCode::URI_TOO_LONG);
    let marked = page(&app, &search("<script>alert(1)</script>", ""));
    assert_eq!(marked.matches("<script").count(), 1);
}

#[test]
fn a_filter_follows_the_branch() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    assert_eq!(rows(&app, &search("version >= 3", "")), Vec::<String>::new());
    env.register("iris", 3);
    env.register("fir", 1);
    assert_eq!(rows(&app, &search("version >= 3", "")), ["iris"]);
    assert_eq!(rows(&app, &search("version = 1", "")), ["fir", "iris"]);
}

#[test]
fn a_filter_finds_the_same_versions_as_the_command() {
    let env = example();
    let app = dashboard(&env);
    for filter in ["metrics.accuracy > 0.95", "stage = 'Production'", "flavor != 'sklearn' OR params.C IS NOT NULL"] {
        let found = env.modelreg("reg", &["search", filter, "--format", "json"]).output().unwrap().stdout;
        let found: serde_json::Value = serde_json::from_slice(&found).unwrap();
        let names = found["versions"].as_array().unwrap().iter().map(|version| version["name"].as_str().unwrap());
        let names: std::collections::BTreeSet<String> = names.map(str::to_owned).collect();
        let shown = rows(&app, &search(filter, "")).into_iter().collect();
        assert!(!names.is_empty() && names == shown, "{filter}: {names:?} {shown:?}");
    }
}
