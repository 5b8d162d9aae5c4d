//! Each command that writes: its output, and the message of its commit.

use crate::common::TestEnvironment;

/// Runs a command in `reg` and shows it with the message of its commit.
fn done(env: &TestEnvironment, args: &[&str]) -> String {
    let before = env.git("reg", &["rev-parse", "HEAD"]);
    let shown = env.run("reg", args);
    assert_eq!(env.git("reg", &["rev-parse", "HEAD^"]), before, "one commit:\n{shown}");
    assert_eq!(
        env.git("reg", &["log", "-1", "--format=%an <%ae> %aI"]),
        "Ada Lovelace <ada@example.com> 2026-01-02T03:04:05Z"
    );
    env.assert_clean("reg");
    format!("{shown}--- commit\n{}\n", env.steady(&env.message()))
}

fn all_done(env: &TestEnvironment, commands: &[&[&str]]) -> String {
    commands.iter().map(|args| done(env, args)).collect::<Vec<_>>().join("\n")
}

#[test]
fn init_makes_a_repository_and_commits_the_registry() {
    let env = TestEnvironment::new();
    let shown = env.run(".", &["init", "reg", "--name", "acme"]);
    env.assert_clean("reg");
    let files = env.git("reg", &["ls-files"]);
    let log = env.git("reg", &["log", "--format=%B"]);
    insta::assert_snapshot!(format!("{shown}--- commit\n{log}\n--- files\n{files}\n"));
}

#[test]
fn init_in_a_folder_of_an_existing_repository_keeps_its_files() {
    let env = TestEnvironment::new();
    env.git(".", &["init", "--quiet", "--initial-branch=trunk", "code"]);
    env.write("code/README.md", "mine\n");
    env.git("code", &["add", "."]);
    env.git("code", &["commit", "--quiet", "-m", "code"]);
    insta::assert_snapshot!(env.run("code", &["init", "registry", "--layout", "sharded"]));
    assert_eq!(env.read("code/README.md"), "mine\n");
    assert!(env.read("code/registry/registry.toml").contains("branch = \"trunk\""));
    env.assert_clean("code");
}

#[test]
fn the_example_registry_is_valid() {
    let env = TestEnvironment::new();
    env.succeed(".", &["init", "reg", "--example"]);
    env.assert_clean("reg");
    env.succeed("reg", &["validate"]);
}

#[test]
fn register_commits_the_facts_as_the_next_version() {
    let env = TestEnvironment::with_registry();
    let facts = [
        "register",
        "iris",
        "--artifact",
        "s3://models/iris/1",
        "--param",
        "depth=4",
        "--metric",
        "accuracy=0.97",
        "--tag",
        "team=vision",
        "--description",
        "The first one",
        "--project",
        "iris",
        "--environment",
        "databricks-9.1",
        "--flavor",
        "sklearn",
        "--run-id",
        "8f3a",
        "--dataset",
        "iris=s3://data/iris.parquet",
    ];
    let first = done(&env, &facts);
    let next = ["register", "iris", "--artifact", "s3://models/iris/2", "--parent", "models:/iris/1"];
    let second = done(&env, &next);
    insta::assert_snapshot!(format!("{first}\n{second}"));
    insta::assert_snapshot!("the_manifest_of_version_1", env.read("reg/models/iris/versions/1.toml"));
}

#[test]
fn register_reads_a_local_artifact() {
    let env = TestEnvironment::with_registry();
    std::fs::create_dir(env.path("out")).unwrap();
    env.write("out/model.pkl", "weights");
    env.write("out/MLmodel", "flavors: {}\n");
    let args = ["register", "iris", "--artifact", "../out", "--uri", "s3://models/iris/1"];
    insta::assert_snapshot!(done(&env, &args));
}

#[test]
fn promote_and_rollback_move_the_pointer_and_keep_its_journal() {
    let env = TestEnvironment::with_model();
    insta::assert_snapshot!(all_done(
        &env,
        &[
            &["promote", "iris", "1", "--to", "Production"],
            &["promote", "iris", "2", "--to", "Production", "--reason", "better recall"],
            &["rollback", "iris", "--reason", "wrong labels in the training set"],
        ]
    ));
    insta::assert_snapshot!("the_journal_of_production", env.read("reg/models/iris/stages/production.toml"));
    env.succeed("reg", &["validate"]);
}

#[test]
fn promote_can_keep_the_current_version_in_beside_and_withdraw_removes_it() {
    let env = TestEnvironment::with_model();
    insta::assert_snapshot!(all_done(
        &env,
        &[
            &["promote", "iris", "1", "--to", "Staging"],
            &["promote", "iris", "2", "--to", "Staging", "--keep-existing"],
            &["withdraw", "iris", "1", "--from", "Staging"],
            &["withdraw", "iris", "2", "--from", "Staging", "--reason", "no canary any more"],
        ]
    ));
    env.succeed("reg", &["validate"]);
}

#[test]
fn the_editable_keys_of_a_model_change() {
    let env = TestEnvironment::with_model();
    insta::assert_snapshot!(all_done(
        &env,
        &[
            &["describe", "iris", "Tells irises apart"],
            &["describe", "iris@2", "With petals only"],
            &["tag", "iris@2", "team=vision", "tier=gold"],
            &["tag", "iris@2", "--remove", "tier"],
            &["alias", "iris", "champion", "1"],
            &["alias", "iris", "champion", "2"],
            &["alias", "iris", "champion", "--remove"],
            &["comment", "iris", "1", "Do not use:\nits labels are wrong"],
            &["archive", "iris", "1"],
            &["unarchive", "iris", "1"],
        ]
    ));
    env.succeed("reg", &["validate"]);
}

/// Such a version counts as archived without the key `archived`.
#[test]
fn a_version_that_has_left_its_stage_is_archived_and_unarchived() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Staging"]);
    env.succeed("reg", &["withdraw", "iris", "1", "--from", "Staging"]);
    all_done(&env, &[&["unarchive", "iris", "1"], &["archive", "iris", "1"]]);
}

#[test]
fn deleting_writes_a_tombstone_and_restoring_removes_it() {
    let env = TestEnvironment::with_model();
    insta::assert_snapshot!(all_done(
        &env,
        &[
            &["delete", "iris@2", "--reason", "trained on test data"],
            &["register", "iris", "--artifact", "s3://models/iris/3"],
            &["restore", "iris@2"],
            &["delete", "iris"],
            &["restore", "iris"],
        ]
    ));
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    env.succeed("reg", &["validate"]);
}

#[test]
fn a_renamed_model_is_still_found_by_its_old_name() {
    let env = TestEnvironment::with_model();
    let renamed = done(&env, &["rename", "iris", "flowers"]);
    let found = done(&env, &["promote", "iris", "2", "--to", "Staging"]);
    insta::assert_snapshot!(format!("{renamed}\n{found}"));
    assert!(!env.path("reg/models/iris").exists());
    assert_eq!(env.versions("reg", "main", "flowers"), [1, 2]);
    env.succeed("reg", &["validate"]);
}

#[test]
fn a_sharded_registry_keeps_models_below_two_characters() {
    let env = TestEnvironment::new();
    env.succeed(".", &["init", "reg", "--layout", "sharded"]);
    env.register("IRIS", 1);
    env.succeed("reg", &["promote", "IRIS", "1", "--to", "Staging"]);
    assert_eq!(
        env.git("reg", &["ls-files", "models"]),
        "models/ir/IRIS/model.toml\nmodels/ir/IRIS/stages/staging.toml\nmodels/ir/IRIS/versions/1.toml"
    );
    env.assert_clean("reg");
    env.succeed("reg", &["validate"]);
}
