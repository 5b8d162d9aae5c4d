//! `--format json` of the commands that write, and the dry run of a registration.

use serde_json::Value;

use crate::common::TestEnvironment;

/// Runs a command with `--format json`, which must print one JSON value and nothing else.
fn json(env: &TestEnvironment, args: &[&str]) -> Value {
    let output = env.modelreg("reg", &[args, &["--format", "json"]].concat()).output().unwrap();
    let shown = env.shown(args, &output);
    assert!(output.status.success() && output.stderr.is_empty(), "{shown}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {shown}"))
}

#[test]
fn every_command_that_writes_answers_in_json() {
    let env = TestEnvironment::with_model();
    env.write("model.pkl", "bytes");
    let registered = json(&env, &["register", "iris", "--artifact", "../model.pkl", "--uri", "s3://models/iris/3"]);
    assert_eq!(registered["state"], "done");
    assert_eq!(registered["subject"], "Register iris 3");
    assert_eq!(registered["commit"], env.tip("reg", "main"));
    assert_eq!(registered["result"]["version"], 3);
    assert_eq!((&registered["result"]["files"], &registered["result"]["size"]), (&1.into(), &5.into()));
    assert_eq!(registered["next"][0], "modelreg promote iris 3 --to STAGE");
    let moved = json(&env, &["promote", "iris", "2", "--to", "Production"]);
    assert_eq!(moved["result"]["serving"]["version"], 2);
    assert_eq!(moved["result"]["serving"]["uri"], "s3://models/iris/2");
    assert_eq!(moved["pushed_to"], Value::Null);
    for args in [
        &["describe", "iris", "What it is."][..],
        &["tag", "iris", "a=1"],
        &["alias", "iris", "best", "2"],
        &["comment", "iris", "2", "fine"],
        &["promote", "iris", "3", "--to", "Production"],
        &["rollback", "iris", "--reason", "worse"],
        &["withdraw", "iris", "2", "--from", "Production"],
        &["archive", "iris", "3"],
        &["unarchive", "iris", "3"],
        &["rename", "iris", "lily"],
        &["delete", "lily@3", "--reason", "wrong"],
        &["restore", "lily@3"],
    ] {
        let answer = json(&env, args);
        assert_eq!((&answer["state"], &answer["repeated"]), (&"done".into(), &false.into()), "{args:?}");
        assert_eq!(answer["commit"], env.tip("reg", "main"));
    }
}

#[test]
fn a_dry_run_of_a_registration_says_the_number_and_writes_nothing() {
    let env = TestEnvironment::with_model();
    let before = env.git("reg", &["for-each-ref"]);
    let args = ["register", "iris", "--artifact", "s3://models/iris/3", "--dry-run"];
    let shown = env.run("reg", &args);
    assert!(shown.contains("Register iris 3: would be done") && shown.contains("nothing was written"), "{shown}");
    assert_eq!(env.git("reg", &["for-each-ref"]), before);
    env.assert_clean("reg");
}
