//! The content of each page.

use axum::http::StatusCode;

use crate::common::TestEnvironment;
use crate::{ask, ask_as, dashboard, example, page};

fn has(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "`{text}` is not in\n{page}");
    }
}

#[test]
fn the_overview_has_every_model_with_the_version_in_each_stage() {
    let env = example();
    let app = dashboard(&env);
    let shown = page(&app, "/");
    has(&shown, &["IRIS_pred_model", "digits-reader", "wine-cultivar", "sbaronia@purdue.edu", "Transitions over time"]);
    has(&shown, &["href=\"models/IRIS_pred_model/\"", "href=\"models/IRIS_pred_model/versions/9/\"", "since"]);
    assert_eq!(shown.matches("<th scope=\"row\">").count(), 7);
    assert!(!shown.contains("style="), "the policy for content forbids it");
}

#[test]
fn the_address_contains_the_search_the_filters_and_the_order() {
    let env = example();
    let app = dashboard(&env);
    let rows = |query: &str| {
        let shown = page(&app, query);
        let names = shown.split("<th scope=\"row\"><a href=\"models/").skip(1);
        names.map(|rest| rest.split('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rows("/?q=IRIS+pred"), ["IRIS_pred_model"]);
    assert_eq!(rows("/?q=nothing-like-it"), Vec::<String>::new());
    assert!(rows("/?project=iris").iter().all(|name| name.to_lowercase().contains("iris")));
    let up = rows("/?sort=modified");
    let mut down = rows("/?sort=modified&dir=desc");
    down.reverse();
    assert_eq!(up, down);
    assert_eq!(rows("/?page=99999999"), rows("/"), "a page beyond the end is the last");
    for key in ["name", "project", "owner", "latest", "stage:Production", "requests", "modified", "nonsense", "stage:x"]
    {
        assert_eq!(rows(&format!("/?sort={key}&dir=desc")).len(), 7, "{key}");
    }
}

#[test]
fn a_model_has_versions_a_timeline_metrics_and_how_to_use_it() {
    let env = example();
    let shown = page(&dashboard(&env), "/models/IRIS_pred_model/");
    has(&shown, &["Version 10", "2022-02-10 19:50", "sbaronia@purdue.edu", "Production", "@champion", "10, 5 active"]);
    has(&shown, &["Version 6 in Production", "by a rollback", "a rollback goes to 8"]);
    has(&shown, &["aria-label=\"accuracy of 10 versions\"", "modelreg resolve models:/IRIS_pred_model/Production"]);
    has(&shown, &["name=\"v\" value=\"IRIS_pred_model@10\"", "Version 7 never answers virginica"]);
}

#[test]
fn a_version_has_its_facts_files_lineage_and_source() {
    let env = example();
    let app = dashboard(&env);
    let shown = page(&app, "/models/IRIS_pred_model/versions/9/");
    has(
        &shown,
        &["sha256:ba4f2e300bccd720", "model.joblib", "iris-train", "d9b77f45616d", "0.986667", "databricks-workspace"],
    );
    has(
        &shown,
        &["https://tracking.example.com/runs/", "sepal length (cm)", "promoted to", "uri = &#34;s3://acme-models"],
    );
    let parent = page(&app, "/models/IRIS_pred_model/versions/6/");
    has(&parent, &["Child version", "IRIS_pred_model 7"]);
}

#[test]
fn versions_are_compared_within_a_model_and_across() {
    let env = example();
    let app = dashboard(&env);
    let shown = page(&app, "/compare/?v=IRIS_pred_model%408&v=IRIS_pred_model%409&v=nope%401");
    has(&shown, &["accuracy", "best", "+0.013334", "Version <code>nope@1</code> does not exist", "class=\"differs\""]);
    has(&shown, &["<span class=\"add\">+ accuracy = 0.986667</span>", "<span class=\"remove\">- version = 8</span>"]);
    has(&shown, &["class=\"chart scatter\"", "class=\"chart parallel\""]);
    has(&page(&app, "/compare/?v=IRIS_pred_model%409&v=digits-reader%401"), &["digits-reader", "estimator"]);
    has(&page(&app, "/models/IRIS_pred_model/compare/"), &["Version 10", "Version 9"]);
    has(&page(&app, "/compare/"), &["Select versions"]);
    let many: String = (0..500).map(|at| format!("&v=IRIS_pred_model%40{}", at % 10 + 1)).collect();
    assert_eq!(ask(&app, &format!("/compare/?{}", &many[..3_000])).status, StatusCode::OK);
}

#[test]
fn activity_is_filtered_by_kind_person_model_and_time() {
    let env = example();
    let app = dashboard(&env);
    let count = |query: &str| page(&app, &format!("/activity/{query}")).matches("<li class=\"event").count();
    assert_eq!(count("?kind=rollback"), 2);
    assert!(count("?kind=register&model=IRIS_pred_model") == 10);
    assert_eq!(count("?since=2022-02-10&until=2022-02-10&model=IRIS"), 1);
    assert_eq!(count("?by=nobody@example.com"), 0);
    assert!(count("?since=garbage") > 10);
}

#[test]
fn a_feed_has_an_entry_for_each_event_with_an_id_of_its_own() {
    let env = example();
    let app = dashboard(&env);
    for path in ["/activity.atom", "/models/IRIS_pred_model/activity.atom"] {
        let answer = ask(&app, path);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/atom+xml"));
        let ids: Vec<&str> = answer.text.split("<id>").skip(2).map(|rest| rest.split('<').next().unwrap()).collect();
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert!(ids.len() > 10 && ids.len() == unique.len(), "{path}");
        let mut reader = quick_xml::Reader::from_str(&answer.text);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    }
}

/// A registry whose Production requires two approvals, with a request, a rejected request and an emergency.
fn under_review() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    let policy = "format = 1\nname = \"acme\"\npolicy_version = 2\n[[stages]]\nname = \"Production\"\nreview = \"recorded\"\n\
                  approvals = 2\napprovers = [\"lead@example.com\", \"kim@example.com\"]\nemergency = true\n";
    env.write("reg/registry.toml", &format!("{policy}[[stages.gates]]\nmetric = \"accuracy\"\nmin = 0.1\n"));
    env.git("reg", &["commit", "-qam", "policy"]);
    let address = "s3://models/iris/3";
    env.succeed("reg", &["register", "iris", "--artifact", address, "--metric", "accuracy=0.9"]);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Production", "--reason", "It is <better>."]);
    env.git("reg", &["config", "user.email", "kim@example.com"]);
    env.succeed("reg", &["approve", "iris/Production/3", "--comment", "Fine."]);
    env
}

#[test]
fn a_request_shows_its_approvals_and_checks() {
    let env = under_review();
    let app = dashboard(&env);
    let shown = page(&app, "/requests/");
    has(&shown, &["Promote", "iris", "version 3", "It is &#60;better&#62;.", "1 of 2", "Awaits approval"]);
    has(&shown, &["kim@example.com", "Fine.", "May approve: lead@example.com", "accuracy &#62;= 0.1 is required"]);
    has(&shown, &["modelreg approve iris/Production/3"]);
    has(&page(&app, "/"), &["Requests waiting", "<span class=\"pill\">1</span>"]);
    has(&page(&app, "/models/iris/"), &["<a class=\"pill\" href=\"../../requests/\">Production</a>"]);
    has(&page(&app, "/activity/?kind=request"), &["requested for"]);
}

#[test]
fn a_landed_approval_shows_whether_it_counts() {
    let env = under_review();
    env.git("reg", &["config", "user.email", "lead@example.com"]);
    env.succeed("reg", &["approve", "iris/Production/3"]);
    env.succeed("reg", &["land", "iris/Production/3"]);
    let app = dashboard(&env);
    has(&page(&app, "/models/iris/versions/3/"), &["approved by kim@example.com", "class=\"pass\""]);
    has(&page(&app, "/requests/"), &["No open requests", "Landed", "kim@example.com, lead@example.com"]);
}

#[test]
fn a_former_name_leads_to_the_present_one() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["rename", "iris", "flowers"]);
    let app = dashboard(&env);
    let answer = ask(&app, "/models/iris/versions/2/");
    assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(answer.headers["location"], "../../../../models/flowers/versions/2/");
    assert_eq!(ask(&app, "/models/flowers?x=1").headers["location"], "flowers/?x=1");
}

#[test]
fn an_empty_registry_shows_the_first_commands() {
    let env = TestEnvironment::with_registry();
    let app = dashboard(&env);
    has(&page(&app, "/"), &["No models yet", "modelreg register MODEL"]);
    has(&page(&app, "/requests/"), &["No open requests"]);
    has(&page(&app, "/activity/"), &["No events match"]);
    has(&page(&app, "/activity.atom"), &["1970-01-01T00:00:00.000Z"]);
    let head = ask_as(&app, "HEAD", "/", &[("host", "localhost")]);
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
}
