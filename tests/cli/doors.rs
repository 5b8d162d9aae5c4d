//! What a command refuses is refused in a pushed change too.

use crate::common::TestEnvironment;

/// A registry in `reg`, and a server with the hook in `hub.git`.
fn with_server() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "--bare", "reg", "hub.git"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    env.git("reg", &["fetch", "-q", "origin"]);
    env.succeed("hub.git", &["hook", "install"]);
    env
}

/// Commits everything in `reg`; the change must be refused by `validate` and by the server's hook, with this code.
fn refused_by_validate_and_hook(env: &TestEnvironment, code: &str) {
    env.git("reg", &["add", "-A"]);
    env.git("reg", &["commit", "-qm", "change"]);
    let shown = env.run("reg", &["validate", "--base", "HEAD~1"]);
    assert!(shown.contains(&format!("error[{code}]")) && shown.ends_with("--- status 1\n"), "{shown}");
    let before = env.tip("hub.git", "main");
    let shown = env.git_with_hooks("reg", &["push", "-q", "origin", "HEAD:main"]);
    assert!(shown.contains(code), "{shown}");
    assert_eq!(env.tip("hub.git", "main"), before, "{shown}");
    env.git("reg", &["reset", "-q", "--hard", "HEAD~1"]);
}

/// Runs a command and pushes its commit, which the server must accept.
fn pushed(env: &TestEnvironment, args: &[&str]) {
    env.succeed("reg", args);
    env.git_with_hooks("reg", &["push", "-q", "origin", "main"]);
    assert_eq!(env.tip("hub.git", "main"), env.tip("reg", "main"));
}

fn accepted(env: &TestEnvironment) {
    env.git("reg", &["add", "-A"]);
    env.git("reg", &["commit", "-qm", "change"]);
    env.succeed("reg", &["validate", "--base", "HEAD~1"]);
    env.git_with_hooks("reg", &["push", "-q", "origin", "HEAD:main"]);
    assert_eq!(env.tip("hub.git", "main"), env.tip("reg", "main"));
}

/// Writes a new model with one version by hand.
fn write_model(env: &TestEnvironment, name: &str) {
    let head = "created_at = 2026-01-02T03:04:05Z\ncreated_by = \"eve@example.com\"\n";
    std::fs::create_dir_all(env.path(format!("reg/models/{name}/versions"))).unwrap();
    env.write(&format!("reg/models/{name}/model.toml"), &format!("format = 1\nname = \"{name}\"\n{head}"));
    let version = format!("format = 1\nversion = 1\n{head}[artifact]\nuri = \"s3://evil\"\n");
    env.write(&format!("reg/models/{name}/versions/1.toml"), &version);
}

#[test]
fn safety_23_a_former_name_is_taken_over_by_no_door() {
    let env = with_server();
    pushed(&env, &["rename", "iris", "lily"]);
    write_model(&env, "iris");
    refused_by_validate_and_hook(&env, "former-name-reused");
    // Also with a change of the registry, or by a rename.
    write_model(&env, "iris");
    let registry = env.read("reg/registry.toml");
    env.write("reg/registry.toml", &format!("# more\n{registry}"));
    refused_by_validate_and_hook(&env, "former-name-reused");
    env.register("rose", 1);
    env.git_with_hooks("reg", &["push", "-q", "origin", "main"]);
    assert!(env.run("reg", &["rename", "rose", "iris"]).contains("the model `lily` was named `iris` before"));
    // A registration under the former name is one of the model that had it.
    let shown = env.run("reg", &["register", "iris", "--artifact", "s3://models/lily/3"]);
    assert!(shown.contains("Register lily 3"), "{shown}");
    write_model(&env, "tulip");
    accepted(&env);
    // The model itself may have its name again.
    pushed(&env, &["rename", "lily", "iris"]);
}

#[test]
fn safety_20_a_twin_of_a_registry_file_is_refused() {
    let env = with_server();
    for twin in ["Registry.toml", "Allowed_Signers", "registry.toml.", "r\u{435}gistry.toml", "models."] {
        env.write(&format!("reg/{twin}"), "format = 1\n");
        refused_by_validate_and_hook(&env, "disguised-file");
    }
    env.write("reg/registry.md", "About the registry\n");
    accepted(&env);
}

#[test]
fn safety_21_a_policy_version_rises_by_one() {
    let env = with_server();
    let registry = env.read("reg/registry.toml");
    for jump in ["3", "9223372036854775807"] {
        let text = registry.replace("policy_version = 1", &format!("policy_version = {jump}"));
        env.write("reg/registry.toml", &text);
        refused_by_validate_and_hook(&env, "policy-version-jumped");
    }
    env.write("reg/registry.toml", &registry.replace("policy_version = 1", "policy_version = 2"));
    accepted(&env);
}

#[test]
fn safety_21_the_end_of_time_is_refused_by_every_door_and_the_stage_can_be_moved() {
    let env = with_server();
    pushed(&env, &["promote", "iris", "1", "--to", "Production"]);
    let file = "reg/models/iris/stages/production.toml";
    let moved = |at: &str| {
        let text = env.read(file).replace("\nversion = 1\n\n", "\nversion = 2\n\n");
        let entry = "by = \"ada@example.com\"\naction = \"promote\"\nversion = 2\nfrom = 1\n";
        env.write(file, &format!("{text}\n[[history]]\nat = {at}\n{entry}"));
    };
    // The clock of these tests is at 2026-01-02T03:04:05Z.
    moved("9999-01-01T00:00:00Z");
    refused_by_validate_and_hook(&env, "bad-value");
    for ahead in ["9998-12-31T23:59:59.999Z", "2026-01-03T03:04:05.001Z", "2026-01-03T05:04:05.001+02:00"] {
        moved(ahead);
        refused_by_validate_and_hook(&env, "time-ahead");
    }
    moved("2026-01-03T03:04:05Z");
    accepted(&env);
    // The registry is now ahead of the clock, and the stage can still be moved.
    pushed(&env, &["rollback", "iris", "--reason", "late"]);
    pushed(&env, &["withdraw", "iris", "1", "--from", "Production"]);
}
