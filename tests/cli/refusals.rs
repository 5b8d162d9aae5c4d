//! Each command refused: nothing is written, and the message has the reason and the fix.

use crate::common::TestEnvironment;

/// Runs commands in `reg`, which must be refused and change nothing. Returns the messages.
fn refused(env: &TestEnvironment, commands: &[&[&str]]) -> String {
    let before = env.git("reg", &["for-each-ref"]);
    let shown = env.story(commands);
    let endings = shown.matches("\n--- status 1\n").count() + shown.matches("\n--- status 2\n").count();
    assert_eq!(endings, commands.len(), "{shown}");
    assert_eq!(env.git("reg", &["for-each-ref"]), before, "nothing was written:\n{shown}");
    env.assert_clean("reg");
    shown
}

#[test]
fn commands_refuse_a_folder_without_a_registry() {
    let env = TestEnvironment::new();
    std::fs::create_dir(env.path("empty")).unwrap();
    env.git(".", &["init", "--quiet", "code"]);
    let args = ["register", "iris", "--artifact", "s3://models/iris/1"];
    insta::assert_snapshot!(format!("{}\n{}", env.run("empty", &args), env.run("code", &args)));
}

#[test]
fn init_refuses_a_second_registry() {
    let env = TestEnvironment::with_registry();
    insta::assert_snapshot!(refused(&env, &[&["init"]]));
}

#[test]
fn register_refuses_what_cannot_be_recorded() {
    let env = TestEnvironment::with_model();
    let uri = "s3://models/iris/3";
    insta::assert_snapshot!(refused(
        &env,
        &[
            &["register", "../iris", "--artifact", uri],
            &["register", "IRIS", "--artifact", uri],
            &["register", "CON", "--artifact", uri],
            &["register", "--", "-iris", "--artifact", uri],
            &["register", "iris", "--artifact", "http://169.254.169.254/latest"],
            &["register", "iris", "--artifact", "s3://b/../x"],
            &["register", "iris", "--artifact", "https://user:secret@example.com/x"],
            &["register", "iris", "--artifact", "missing.pkl"],
            &["register", "iris", "--artifact", uri, "--metric", "accuracy=1e999"],
            &["register", "iris", "--artifact", uri, "--param", "depth"],
            &["register", "iris", "--artifact", uri, "--digest", "sha256:12"],
            &["register", "iris"],
        ]
    ));
}

#[test]
fn moves_refuse_missing_models_versions_and_stages() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    env.succeed("reg", &["archive", "iris", "2"]);
    insta::assert_snapshot!(refused(
        &env,
        &[
            &["promote", "irs", "1", "--to", "Staging"],
            &["promote", "iris", "9", "--to", "Staging"],
            &["promote", "iris", "0", "--to", "Staging"],
            &["promote", "iris", "1", "--to", "Prodcution"],
            &["promote", "iris", "1", "--to", "Production"],
            &["promote", "iris", "2", "--to", "Production"],
            &["rollback", "iris", "--reason", "bad"],
            &["rollback", "iris"],
            &["rollback", "iris", "--reason", " "],
            &["rollback", "iris", "--stage", "Staging", "--reason", "bad"],
            &["rollback", "iris", "--to", "2", "--reason", "bad"],
            &["withdraw", "iris", "2", "--from", "Production"],
        ]
    ));
}

#[test]
fn edits_refuse_missing_things_and_things_in_use() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    env.succeed("reg", &["alias", "iris", "champion", "2"]);
    for version in [3, 4] {
        env.register("iris", version);
        env.succeed("reg", &["archive", "iris", &version.to_string()]);
    }
    env.succeed("reg", &["unarchive", "iris", "4"]);
    insta::assert_snapshot!(refused(
        &env,
        &[
            &["describe", "iris", ""],
            &["tag", "iris", "team"],
            &["tag", "iris", "--remove", "team"],
            &["alias", "iris", "champion", "7"],
            &["alias", "iris", "Production", "2"],
            &["alias", "iris", "other", "--remove"],
            &["comment", "iris", "7", "fine"],
            &["archive", "iris", "1"],
            &["unarchive", "iris", "1"],
            &["unarchive", "iris", "2"],
            &["archive", "iris", "3"],
            &["unarchive", "iris", "4"],
            &["delete", "iris@1"],
            &["delete", "iris@2"],
            &["delete", "iris"],
            &["restore", "iris@2"],
            &["rename", "iris", "Iris."],
            &["rename", "oak", "elm"],
        ]
    ));
}

#[test]
fn a_taken_name_is_refused() {
    let env = TestEnvironment::with_model();
    env.register("oak", 1);
    env.succeed("reg", &["rename", "oak", "elm"]);
    insta::assert_snapshot!(refused(&env, &[&["rename", "iris", "ELM"], &["rename", "iris", "oak"]]));
}

#[test]
fn a_deleted_model_accepts_no_new_version() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["delete", "iris", "--reason", "superseded"]);
    insta::assert_snapshot!(refused(
        &env,
        &[&["register", "iris", "--artifact", "s3://models/iris/3"], &["promote", "iris", "1", "--to", "Staging"]]
    ));
}

#[test]
fn a_write_needs_the_users_address() {
    let env = TestEnvironment::with_model();
    env.git(".", &["config", "--global", "--unset", "user.email"]);
    let unknown = refused(&env, &[&["register", "iris", "--artifact", "s3://models/iris/3"]]);
    env.set_global_config("user.email", "eve <eve@example.com>\nother");
    let hostile = refused(&env, &[&["register", "iris", "--artifact", "s3://models/iris/3"]]);
    insta::assert_snapshot!(format!("{unknown}\n{hostile}"));
}

#[test]
fn history_refuses_a_stage_that_the_registry_does_not_have() {
    let env = TestEnvironment::with_model();
    insta::assert_snapshot!(refused(
        &env,
        &[
            &["history", "--stage", "Prodution"],
            &["history", "iris", "--stage", "Canary", "--format", "json"],
            &["history", "--stage", "None"],
        ]
    ));
    env.succeed("reg", &["promote", "iris", "2", "--to", "Staging"]);
    assert!(env.run("reg", &["history", "--stage", "staging"]).contains("iris@2 -> Staging"));
    assert!(env.run("reg", &["history", "--stage", "Production"]).contains("no events yet"));
}

#[test]
fn serve_refuses_settings_that_cannot_work() {
    let env = TestEnvironment::with_model();
    let asked = refused(
        &env,
        &[
            &["serve", "--listen", "0", "--fetch", "1", "--write"],
            &["serve", "--listen", "0", "--write", "--rev", "HEAD"],
            &["serve", "--listen", "0", "--push"],
            &["serve", "--listen", "0", "--fetch", "1"],
        ],
    );
    env.git(".", &["config", "--global", "--unset", "user.email"]);
    let unknown = refused(&env, &[&["serve", "--listen", "0", "--write"]]);
    insta::assert_snapshot!(format!("{asked}\n{unknown}"));
}
