//! A file that cannot be read leaves out its model, and no other.

use serde_json::Value;

use crate::common::TestEnvironment;

const BROKEN: &str = "models/iris/versions/1.toml";

/// A registry with `iris`, of which a manifest cannot be read, and `wine`, whose version 1 is in Production.
fn spoilt() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.register("wine", 1);
    env.register("wine", 2);
    env.succeed("reg", &["promote", "wine", "1", "--to", "Production"]);
    let text = env.read(&format!("reg/{BROKEN}"));
    env.write(&format!("reg/{BROKEN}"), &text.replace("version = 1", "version = one"));
    env.git("reg", &["commit", "-qam", "broken"]);
    env
}

fn json(env: &TestEnvironment, args: &[&str]) -> (Option<i32>, Value) {
    let args = [args, &["--format", "json"]].concat();
    let output = env.modelreg("reg", &args).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn queries_answer_for_the_other_models_and_say_what_was_left_out() {
    let env = spoilt();
    let queries: [(&[&str], &str, &str); 4] = [
        (&["list"], "/models/0/name", "wine"),
        (&["search", "stage = 'Production'"], "/versions/0/name", "wine"),
        (&["history"], "/events/0/model", "wine"),
        (&["compare", "iris@1", "wine@1", "wine@2"], "/versions/0", "wine@1"),
    ];
    for (query, at, wanted) in queries {
        let shown = env.run("reg", query);
        assert!(shown.contains("wine") && shown.contains("left out: models/iris/versions/1.toml:"), "{shown}");
        assert!(shown.contains("hint: `modelreg validate`") && shown.ends_with("--- status 1\n"), "{shown}");
        let (status, answer) = json(&env, query);
        assert_eq!((status, answer.pointer(at).and_then(Value::as_str)), (Some(1), Some(wanted)), "{answer}");
        assert!(answer["unreadable"][0]["path"].as_str().unwrap().starts_with(BROKEN), "{answer}");
        assert!(!answer["unreadable"][0]["why"].as_str().unwrap().is_empty() && answer["unreadable"][1].is_null());
    }
    // What names the model itself, or nothing that can be read, has no answer.
    for query in [&["history", "iris"][..], &["show", "iris"], &["compare", "iris@1", "iris@1"]] {
        let shown = env.run("reg", query);
        assert!(shown.contains("error: models/iris/versions/1.toml:") && shown.ends_with("--- status 1\n"), "{shown}");
    }
}

#[test]
fn queries_of_a_readable_registry_leave_nothing_out() {
    let env = TestEnvironment::with_model();
    for query in [&["list"][..], &["search"], &["history"], &["compare", "iris", "1", "2"], &["requests"]] {
        let (status, answer) = json(&env, query);
        assert_eq!((status, &answer["unreadable"]), (Some(0), &Value::Array(Vec::new())), "{answer}");
    }
}

#[test]
fn a_former_name_is_found_beside_a_file_that_cannot_be_read() {
    let env = spoilt();
    env.succeed("reg", &["rename", "wine", "port"]);
    env.write("reg/models/iris/model.toml", "name = \"wine\" = broken\\\n");
    env.git("reg", &["commit", "-qam", "more broken"]);
    let shown = env.run("reg", &["resolve", "models:/wine/1"]);
    assert!(shown.contains("s3://models/wine/1") && shown.ends_with("--- status 0\n"), "{shown}");
}

#[test]
fn a_broken_request_and_a_broken_journal_hide_no_other_request() {
    let env = TestEnvironment::with_model();
    let registry = env.read("reg/registry.toml");
    env.write("reg/registry.toml", &registry.replace("policy_version = 1", "policy_version = 2"));
    let stages = "name = \"Production\"\nreview = \"recorded\"\napprovals = 1\nemergency = true\n";
    let registry = env.read("reg/registry.toml");
    let (before, after) = registry.split_once("name = \"Production\"\n").unwrap();
    let after = after.find("[[").map_or("", |next| &after[next..]);
    env.write("reg/registry.toml", &format!("{before}{stages}\n{after}"));
    env.git("reg", &["commit", "-qam", "policy"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production"]);
    env.git("reg", &["checkout", "-qb", "requests/wine/Production/1"]);
    env.git("reg", &["commit", "-q", "--allow-empty", "-m", "no request"]);
    env.git("reg", &["checkout", "-q", "main"]);
    env.succeed("reg", &["register", "tulip", "--artifact", "s3://models/tulip/1"]);
    std::fs::create_dir_all(env.path("reg/models/tulip/stages")).unwrap();
    env.write("reg/models/tulip/stages/production.toml", "emergency = true = broken\n");
    env.git("reg", &["add", "."]);
    env.git("reg", &["commit", "-qm", "broken"]);
    let (status, answer) = json(&env, &["requests"]);
    assert_eq!((status, &answer["requests"][0]["id"]), (Some(1), &Value::from("iris/Production/2")), "{answer}");
    let paths: Vec<&str> =
        answer["unreadable"].as_array().unwrap().iter().map(|why| why["path"].as_str().unwrap()).collect();
    assert!(paths[0].starts_with("requests/wine/Production/1"), "{answer}");
    assert!(paths[1].starts_with("models/tulip/stages/production.toml:1:"), "{answer}");
    let shown = env.run("reg", &["requests"]);
    assert!(shown.contains("iris/Production/2") && shown.contains("left out: requests/wine"), "{shown}");
}

/// The registry of `spoilt`, where another two models also have names that differ only in case.
fn clashing() -> TestEnvironment {
    let env = spoilt();
    env.succeed("reg", &["promote", "wine", "2", "--to", "Production"]);
    env.git("reg", &["checkout", "-qb", "other", "main"]);
    env.register("QRupdate", 1);
    env.git("reg", &["checkout", "-q", "main"]);
    env.register("QRUpdate", 1);
    env.git("reg", &["merge", "-q", "-m", "both", "other"]);
    env
}

#[test]
fn a_finding_of_another_model_is_a_warning_and_never_stops_a_rollback() {
    let env = clashing();
    let shown = env.run("reg", &["rollback", "wine", "--reason", "outage"]);
    assert!(shown.contains("warning: models/QRupdate: ") && shown.contains("(name-case-clash)"), "{shown}");
    assert!(shown.contains("the base had this before") && shown.ends_with("--- status 0\n"), "{shown}");
    let shown = env.run("reg", &["validate", "--base", "HEAD~1"]);
    assert!(shown.contains("broken-before") && shown.ends_with("--- status 0\n"), "{shown}");
    // A change of the broken model itself, or one that brings a finding, is refused.
    let shown = env.run("reg", &["validate", "--base", "HEAD~4"]);
    assert!(shown.contains("error[name-case-clash]") && shown.ends_with("--- status 1\n"), "{shown}");
}
