//! A version in several stages is shown in, and found in, each of them.

use serde_json::{Value, json};

use crate::common::TestEnvironment;

/// Version 2 is in both stages, version 1 was.
fn in_two_stages() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Staging"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Staging"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production"]);
    env
}

fn json(env: &TestEnvironment, args: &[&str]) -> Value {
    let output = env.modelreg("reg", &[args, &["--format", "json"]].concat()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_version_in_two_stages_is_found_and_shown_in_both() {
    let env = in_two_stages();
    for stage in ["Staging", "Production"] {
        let found = json(&env, &["search", &format!("stage = '{stage}'")]);
        let found = &found["versions"];
        assert_eq!((&found[0]["version"], &found[1]), (&json!(2), &Value::Null), "{found}");
        assert_eq!(found[0]["stages"], json!(["Staging", "Production"]));
        assert_eq!(found[0]["stage"], "Production");
    }
    assert_eq!(json(&env, &["search", "stage = 'Archived'"])["versions"][0]["stages"], json!(["Archived"]));
    let shown = json(&env, &["show", "iris"]);
    assert_eq!(shown["versions"][0]["stages"], json!(["Staging", "Production"]));
    assert_eq!(json(&env, &["show", "iris@2"])["stages"], json!(["Staging", "Production"]));
    let listed = json(&env, &["list"]);
    let versions: Vec<&Value> =
        listed["models"][0]["stages"].as_array().unwrap().iter().map(|s| &s["version"]).collect();
    assert_eq!(versions, [2, 2]);
    for command in
        [&["show", "iris"][..], &["show", "iris@2"], &["search", "version = 2"], &["compare", "iris", "1", "2"]]
    {
        let shown = env.run("reg", command);
        assert!(shown.contains("Staging, Production"), "{shown}");
    }
}
