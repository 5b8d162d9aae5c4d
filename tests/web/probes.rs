//! `/metrics` and `/healthz`.

use crate::common::TestEnvironment;
use crate::{ask, dashboard, dashboard_of, page};

/// The samples of a metric, without its name.
fn samples(metrics: &str, name: &str) -> Vec<String> {
    let of = |line: &str| line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' '])).map(str::to_owned);
    metrics.lines().filter_map(of).collect()
}

#[test]
fn the_contents_of_a_registry_are_counted() {
    let env = TestEnvironment::with_model();
    env.register("iris", 3);
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production", "--reason", "first"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production", "--reason", "canary", "--keep-existing"]);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Staging", "--request", "--reason", "try"]);
    env.succeed(".", &["init", "zoo", "--name", "a \"zoo\\\""]);
    let metrics = page(&dashboard_of(&env, &["reg", "zoo"]), "/metrics");
    let one = |name: &str| samples(&metrics, name);
    assert_eq!(one("modelreg_models"), ["{registry=\"a \\\"zoo\\\\\\\"\"} 0", "{registry=\"acme\"} 1"]);
    assert_eq!(
        one("modelreg_model_versions"),
        ["{registry=\"acme\",stage=\"None\"} 1", "{registry=\"acme\",stage=\"Production\"} 2"]
    );
    assert_eq!(one("modelreg_stage_version"), ["{model=\"iris\",registry=\"acme\",stage=\"Production\"} 2"]);
    let info = |version| format!("{{model=\"iris\",registry=\"acme\",stage=\"Production\",version=\"{version}\"}} 1");
    assert_eq!(one("modelreg_stage_version_info"), [info(1), info(2)]);
    let moved = "{action=\"promote\",registry=\"acme\",stage=\"Production\"} 2";
    assert_eq!(one("modelreg_transitions_total"), [moved]);
    assert!(one("modelreg_requests_open").contains(&"{registry=\"acme\"} 1".to_owned()), "{metrics}");
    let commit = format!("{{commit=\"{}\",registry=\"acme\"}} 1", env.tip("reg", "main"));
    assert!(one("modelreg_commit_info").contains(&commit), "{metrics}");
    assert_eq!(one("modelreg_last_fetch_timestamp_seconds"), Vec::<String>::new());
}

#[test]
fn a_version_in_two_stages_counts_and_is_shown_in_both() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "2", "--to", "Staging"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production"]);
    let app = dashboard(&env);
    let counts = samples(&page(&app, "/metrics"), "modelreg_model_versions");
    let one = |stage: &str| format!("{{registry=\"acme\",stage=\"{stage}\"}} 1");
    assert_eq!(counts, [one("None"), one("Production"), one("Staging")]);
    let both = "<span class=\"badge stage-1\">Staging</span> <span class=\"badge stage-last\">Production</span>";
    for path in ["/models/iris/", "/models/iris/versions/2/", "/compare/?v=iris@1&v=iris@2"] {
        let shown = page(&app, path);
        assert!(shown.contains(both), "{path}: {shown}");
    }
    assert!(page(&app, "/?filter=stage+%3D+%27Staging%27").contains("iris"));
}

#[test]
fn answers_are_timed_by_kind_of_page() {
    let env = TestEnvironment::with_model();
    let app = dashboard_of(&env, &["reg"]);
    for path in ["/", "/models/iris/", "/models/iris/versions/1/", "/models/iris/versions/2/", "/models/nope/", "/x"] {
        ask(&app, path);
    }
    for path in ["/requests/", "/activity/", "/activity.atom", "/compare/", "/assets/icon.svg", "/healthz"] {
        page(&app, path);
    }
    page(&app, "/metrics");
    let metrics = page(&app, "/metrics");
    let count = |route: &str, status: &str| {
        let labels = format!("{{registry=\"acme\",route=\"{route}\",status=\"{status}\"}} ");
        let counts = samples(&metrics, "modelreg_http_request_duration_seconds_count");
        counts.iter().find_map(|sample| sample.strip_prefix(&labels).map(|count| count.parse::<u64>().unwrap()))
    };
    for (route, status, expected) in [
        ("overview", "2xx", Some(1)),
        ("model", "2xx", Some(1)),
        ("model", "4xx", Some(1)),
        ("version", "2xx", Some(2)),
        ("other", "4xx", Some(1)),
        ("requests", "2xx", Some(1)),
        ("activity", "2xx", Some(1)),
        ("feed", "2xx", Some(1)),
        ("compare", "2xx", Some(1)),
        ("asset", "2xx", Some(1)),
        ("health", "2xx", Some(1)),
        ("metrics", "2xx", Some(1)),
        ("overview", "5xx", None),
    ] {
        assert_eq!(count(route, status), expected, "{route} {status}: {metrics}");
    }
    // The request for the metrics itself.
    assert_eq!(samples(&metrics, "modelreg_http_requests_in_flight"), ["{registry=\"acme\"} 1"]);
    assert!(metrics.contains("route=\"overview\",status=\"2xx\",le=\"30\"} 1\n"), "{metrics}");
}

#[test]
fn an_unreadable_registry_has_a_metric_for_alerts() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    assert_eq!(samples(&page(&app, "/metrics"), "modelreg_readable"), ["{registry=\"acme\"} 1"]);
    env.write("reg/registry.toml", "name = ");
    env.git("reg", &["commit", "-qam", "spoilt"]);
    let metrics = page(&app, "/metrics");
    assert_eq!(samples(&metrics, "modelreg_readable"), ["{registry=\"acme\"} 0"]);
    assert_eq!(samples(&metrics, "modelreg_models"), ["{registry=\"acme\"} 1"], "the last that could be read");
}

#[test]
fn the_page_of_the_metrics_has_each_with_its_type_and_help() {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "reg", "clone"]);
    env.succeed("clone", &["promote", "iris", "1", "--to", "Production", "--reason", "first"]);
    let server = crate::server::Server::start(&env, "clone", &["--fetch", "60"]);
    server.get("/");
    let metrics = server.get("/metrics");
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `")).map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let name = cells[1].trim_matches('`');
        format!("# HELP {name} {}\n# TYPE {name} {}", cells[4], cells[2])
    });
    let lines: Vec<&str> = metrics.lines().filter(|line| line.starts_with('#')).collect();
    let mut printed: Vec<String> = lines.chunks(2).map(|pair| pair.join("\n")).collect();
    let mut written: Vec<String> = rows.collect();
    printed.sort();
    written.sort();
    assert_eq!(printed, written);
}
