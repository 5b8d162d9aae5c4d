//! The pre-receive hook of a bare repository: which pushes it accepts, and the messages for the others.

use crate::common::TestEnvironment;

/// A server with the hook, a clone `reg` whose `main` is on the server, and a second clone `two`.
fn server() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Staging"]);
    env.git(".", &["init", "--quiet", "--bare", "-b", "main", "hub.git"]);
    let installed = env.run("hub.git", &["hook", "install"]);
    assert!(installed.contains("pre-receive installed"), "{installed}");
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    taken(&push(&env, &["main"]));
    env.git(".", &["clone", "--quiet", "hub.git", "two"]);
    env
}

fn push(env: &TestEnvironment, args: &[&str]) -> String {
    env.git_with_hooks("reg", &[&["push", "-q", "origin"], args].concat())
}

#[track_caller]
fn taken(said: &str) {
    assert!(said.ends_with("status 0\n"), "{said}");
}

/// Asserts that a push is refused and did not move the branch. Returns the messages.
#[track_caller]
fn refused(env: &TestEnvironment, args: &[&str]) -> String {
    let before = env.git("hub.git", &["for-each-ref"]);
    let said = push(env, args);
    assert!(said.ends_with("status 1\n"), "{said}");
    assert_eq!(env.git("hub.git", &["for-each-ref"]), before);
    env.assert_sound("hub.git");
    said
}

/// Commits an edit of a file of `reg`.
fn edit(env: &TestEnvironment, file: &str, change: impl Fn(&str) -> String) {
    let path = format!("reg/{file}");
    env.write(&path, &change(&env.read(&path)));
    env.git("reg", &["add", "-A"]);
    env.git("reg", &["commit", "-qm", "edit"]);
}

#[test]
fn commits_of_the_commands_are_accepted() {
    let env = server();
    env.succeed("reg", &["promote", "iris", "2", "--to", "Staging"]);
    env.succeed("reg", &["rollback", "iris", "--stage", "Staging", "--reason", "worse recall"]);
    taken(&push(&env, &["main"]));
    taken(&push(&env, &["main:refs/heads/anything"]));
    taken(&push(&env, &["main~1:refs/heads/anything", "--force"]));
    taken(&push(&env, &[":anything"]));
    taken(&push(&env, &["main:refs/tags/v1"]));
}

#[test]
fn loose_and_packed_objects_of_a_push_are_read() {
    let env = server();
    for (version, limit) in [(3, "1"), (4, "1000")] {
        env.git("hub.git", &["config", "receive.unpackLimit", limit]);
        env.register("iris", version);
        taken(&push(&env, &["main"]));
    }
    assert_eq!(env.versions("hub.git", "main", "iris"), [1, 2, 3, 4]);
}

#[test]
fn the_registrys_branch_is_neither_forced_nor_deleted() {
    let env = server();
    env.git("hub.git", &["config", "receive.denyDeleteCurrent", "ignore"]);
    let deleted = refused(&env, &[":main"]);
    env.git("reg", &["reset", "--quiet", "--hard", "HEAD~1"]);
    env.register("iris", 3);
    let forced = refused(&env, &["--force", "main"]);
    insta::assert_snapshot!([deleted, forced].join("\n"));
}

#[test]
fn an_edited_fact_is_refused() {
    let env = server();
    edit(&env, "models/iris/versions/1.toml", |text| text.replace("s3://models/iris/1", "s3://models/iris/x"));
    insta::assert_snapshot!(refused(&env, &["main"]));
}

#[test]
fn a_rewritten_journal_is_refused() {
    let env = server();
    edit(&env, "models/iris/stages/staging.toml", |text| text.replace("ada@example.com", "eve@example.com"));
    insta::assert_snapshot!(refused(&env, &["main"]));
}

#[test]
fn a_skipped_version_is_refused() {
    let env = server();
    env.register("iris", 3);
    env.register("iris", 4);
    std::fs::remove_file(env.path("reg/models/iris/versions/3.toml")).unwrap();
    edit(&env, "README.md", |text| format!("{text}more\n"));
    insta::assert_snapshot!(refused(&env, &["main"]));
}

#[test]
fn a_policy_and_a_move_together_are_refused_and_one_after_the_other_accepted() {
    let env = server();
    let raise = |text: &str| text.replace("policy_version = 1 ", "policy_version = 2 ") + "ops = []\n";
    let teams = |text: &str| raise(&text.replace("# [teams]\n", "[teams]\n"));
    edit(&env, "registry.toml", teams);
    let policy = env.tip("reg", "main");
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    insta::assert_snapshot!(refused(&env, &["main"]));
    taken(&push(&env, &[&format!("{policy}:refs/heads/main")]));
    taken(&push(&env, &["main"]));
}

#[test]
fn safety_12_a_server_can_lock_who_may_approve() {
    let env = server();
    env.git("hub.git", &["config", "modelreg.lockPolicy", "true"]);
    let raise = |text: &str| text.replace("policy_version = 1 ", "policy_version = 2 ") + "ops = []\n";
    edit(&env, "registry.toml", |text| raise(&text.replace("# [teams]\n", "[teams]\n")));
    insta::assert_snapshot!(refused(&env, &["main"]));
    env.git("reg", &["reset", "--quiet", "--hard", "HEAD~1"]);
    env.write(
        "reg/allowed_signers",
        "eve@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n",
    );
    env.git("reg", &["add", "-A"]);
    env.git("reg", &["commit", "--quiet", "-m", "signers: me"]);
    assert!(refused(&env, &["main"]).contains("this server locks that"));
    env.git("reg", &["reset", "--quiet", "--hard", "HEAD~1"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Staging"]);
    taken(&push(&env, &["main"]));
    env.git("hub.git", &["config", "modelreg.lockPolicy", "perhaps"]);
    env.succeed("reg", &["promote", "iris", "1", "--to", "Staging"]);
    let said = refused(&env, &["main"]);
    assert!(said.contains("`modelreg.lockPolicy` is neither true nor false"), "what it means is not guessed: {said}");
}

#[test]
fn only_the_result_of_a_push_is_checked_and_not_each_commit() {
    let env = server();
    edit(&env, "models/iris/versions/1.toml", |text| text.replace("s3://models/iris/1", "s3://models/iris/x"));
    env.git("reg", &["revert", "--no-edit", "HEAD"]);
    taken(&push(&env, &["main"]));
}

#[test]
fn a_stale_push_is_refused_even_with_force() {
    let env = server();
    env.register("iris", 3);
    env.succeed("two", &["register", "iris", "--artifact", "s3://models/iris/other"]);
    taken(&env.git_with_hooks("two", &["push", "-q", "origin", "main"]));
    assert!(push(&env, &["main"]).contains("fetch first"));
    insta::assert_snapshot!(refused(&env, &["--force", "main"]));
}

#[test]
fn a_merge_of_two_changes_that_are_invalid_together_is_refused() {
    let env = server();
    env.register("iris", 3);
    env.succeed("two", &["register", "iris", "--artifact", "s3://models/iris/other"]);
    taken(&env.git_with_hooks("two", &["push", "-q", "origin", "main"]));
    env.git("reg", &["fetch", "--quiet", "origin"]);
    env.git("reg", &["merge", "--quiet", "-X", "ours", "-m", "merge", "origin/main"]);
    assert!(refused(&env, &["main"]).contains("[fact-changed]"));
}

#[test]
fn names_that_could_be_taken_for_the_registrys_branch_are_refused() {
    let env = server();
    let said = ["refs/heads/Main", "refs/tags/main", "refs/tags/MAIN", "refs/heads/ma\u{200b}in", "refs/replace/main"]
        .map(|name| refused(&env, &[&format!("main:{name}")]));
    insta::assert_snapshot!(said.join("\n"));
    taken(&push(&env, &["main:refs/heads/maintenance"]));
}

#[test]
fn a_request_is_checked_from_its_merge_base() {
    let env = server();
    let request = "main:refs/heads/requests/iris/Production/1";
    env.git("reg", &["switch", "--quiet", "-c", "ask"]);
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    taken(&push(&env, &["ask:refs/heads/requests/iris/Production/1"]));
    edit(&env, "models/iris/versions/1.toml", |text| text.replace("s3://models/iris/1", "s3://models/iris/x"));
    let changed = refused(&env, &["ask:refs/heads/requests/iris/Production/1"]);
    env.git("reg", &["switch", "--quiet", "--orphan", "alone"]);
    env.git("reg", &["commit", "--quiet", "--allow-empty", "-m", "alone"]);
    let alone = refused(&env, &["--force", "alone:refs/heads/requests/iris/Production/1"]);
    insta::assert_snapshot!([changed, alone].join("\n"));
    taken(&push(&env, &["--force", request]));
    taken(&push(&env, &[":requests/iris/Production/1"]));
}

#[test]
fn branches_in_the_way_of_requests_are_refused_and_a_request_is_accepted_in_one_line() {
    let env = server();
    env.write(
        "reg/registry.toml",
        "format = 1\nname = \"acme\"\npolicy_version = 2\n\n[[stages]]\nname = \"Staging\"\n\n[[stages]]\nname = \"Production\"\nreview = \"recorded\"\napprovers = [\"lead@example.com\"]\n",
    );
    env.git("reg", &["commit", "-qam", "policy"]);
    taken(&push(&env, &["main"]));
    for name in [
        "requests",
        "Requests",
        "requests/iris",
        "requests/iris/Production",
        "requests/iris/Production/2/x",
        "REQUESTS/iris/Production/2",
    ] {
        let said = refused(&env, &[&format!("main:refs/heads/{name}")]);
        assert!(said.contains("is in their way"), "{name}: {said}");
    }
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production"]);
    let said = push(&env, &["requests/iris/Production/2"]);
    taken(&said);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("remote:")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains("requests/iris/Production/2 is accepted and waits for approval"), "{said}");
    let twin = refused(&env, &["requests/iris/Production/2:refs/heads/requests/Iris/Production/2"]);
    assert!(twin.contains("differs only by case from `requests/iris/Production/2`"), "{twin}");
    taken(&push(&env, &[":requests/iris/Production/2"]));
}

#[test]
fn one_bad_ref_refuses_the_whole_push() {
    let env = server();
    env.register("iris", 3);
    refused(&env, &["main", "main:refs/tags/main"]);
    taken(&push(&env, &["main"]));
}

#[test]
fn the_first_push_must_be_a_valid_registry() {
    let env = TestEnvironment::with_model();
    env.git(".", &["init", "--quiet", "--bare", "-b", "main", "hub.git"]);
    env.run("hub.git", &["hook", "install"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    edit(&env, "models/iris/model.toml", |text| text.replace("\"iris\"", "\"other\""));
    refused(&env, &["main"]);
    taken(&push(&env, &["main~1:refs/heads/main"]));
}

#[test]
fn the_registrys_branch_is_guarded_though_the_servers_head_names_another() {
    let env = server();
    env.git("hub.git", &["symbolic-ref", "HEAD", "refs/heads/master"]);
    refused(&env, &[":main"]);
    env.git("hub.git", &["symbolic-ref", "refs/heads/trunk", "refs/heads/main"]);
    env.git("reg", &["reset", "--quiet", "--hard", "HEAD~1"]);
    refused(&env, &["--force", "main:trunk"]);
}

#[test]
fn a_second_registry_in_the_repository_does_not_disable_the_hook() {
    let env = server();
    env.git("hub.git", &["symbolic-ref", "HEAD", "refs/heads/master"]);
    env.git("reg", &["switch", "--quiet", "-c", "aaa"]);
    edit(&env, "registry.toml", |text| {
        text.replace("branch = \"main\"", "branch = \"aaa\"").replace("n = 1 ", "n = 2 ")
    });
    taken(&push(&env, &["aaa"]));
    refused(&env, &[":main"]);
    refused(&env, &["--force", "main~1:main"]);
    env.git("reg", &["switch", "--quiet", "main"]);
    edit(&env, "models/iris/versions/1.toml", |text| text.replace("s3://models/iris/1", "s3://models/iris/x"));
    assert!(refused(&env, &["main"]).contains("[fact-changed]"));
}

#[test]
fn a_registry_in_a_folder_is_guarded_and_the_rest_is_not() {
    let env = TestEnvironment::new();
    env.git(".", &["init", "--quiet", "-b", "main", "reg"]);
    env.succeed(".", &["init", "reg/ml"]);
    env.succeed("reg/ml", &["register", "iris", "--artifact", "s3://models/iris/1"]);
    env.git(".", &["init", "--quiet", "--bare", "-b", "main", "hub.git"]);
    env.run("hub.git", &["hook", "install", "--folder", "ml"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    taken(&push(&env, &["main"]));
    env.write("reg/code.py", "print()\n");
    edit(&env, "ml/README.md", |text| format!("{text}more\n"));
    taken(&push(&env, &["main"]));
    edit(&env, "ml/models/iris/versions/1.toml", |text| text.replace("s3://models/iris/1", "s3://models/iris/x"));
    assert!(refused(&env, &["main"]).contains("ml/models/iris/versions/1.toml"));
}

#[test]
fn a_quarantine_folder_outside_of_the_repository_is_refused() {
    let env = server();
    let mut command = env.modelreg("hub.git", &["hook", "pre-receive"]);
    let output = command.env("GIT_QUARANTINE_PATH", env.path("reg/.git/objects")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("incoming objects"));
}

/// A registry in a folder, moved up by a change: all judges say that the registry is missing where it was.
#[test]
fn a_registry_that_a_change_moves_away_is_missing_for_every_judge() {
    let env = TestEnvironment::new();
    env.git(".", &["init", "-q", "-b", "main", "mono"]);
    env.succeed("mono", &["init", "ml/reg", "--name", "acme"]);
    env.succeed("mono/ml/reg", &["register", "iris", "--artifact", "s3://models/iris/1"]);
    env.git("mono", &["branch", "before"]);
    env.git("mono", &["mv", "ml/reg/registry.toml", "ml/reg/models", "ml/reg/schema", "."]);
    env.git("mono", &["commit", "-qm", "moved"]);
    std::fs::create_dir_all(env.path("mono/ml/reg")).unwrap();
    for args in [&["validate", "--head", "HEAD"][..], &["validate", "--base", "before", "--head", "HEAD"]] {
        let shown = env.run("mono", &[&["-C", "ml/reg"], args].concat());
        assert!(shown.contains("error[registry-missing]") && shown.ends_with("--- status 1\n"), "{shown}");
    }
    // A folder of the registry itself is still a place to ask from.
    let shown = env.run("mono/models", &["validate", "--head", "HEAD"]);
    assert!(shown.ends_with("--- status 0\n"), "{shown}");
}

#[test]
fn safety_22_a_tree_of_repeated_trees_beside_the_registry_costs_nothing() {
    let env = TestEnvironment::new();
    env.git(".", &["init", "-q", "-b", "main", "mono"]);
    env.succeed("mono", &["init", "ml/reg", "--name", "acme"]);
    env.git("mono", &["branch", "before"]);
    env.write("mono/x", "x");
    let blob = env.git("mono", &["hash-object", "-w", "x"]);
    let tree = |kind: &str, id: &str| {
        let rows: String = (0..10).map(|n| format!("{kind} {id}\tn{n}\n")).collect();
        env.write("rows", &rows);
        let made = env.program("mono", "sh").args(["-c", "git mktree <../rows"]).output().unwrap();
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    };
    let mut bomb = tree("100644 blob", &blob);
    for _ in 0..9 {
        bomb = tree("040000 tree", &bomb);
    }
    env.git("mono", &["read-tree", "HEAD"]);
    let listed = env.git("mono", &["ls-tree", "HEAD"]);
    env.write("rows", &format!("{listed}\n040000 tree {bomb}\tnotes\n"));
    let made = env.program("mono", "sh").args(["-c", "git mktree <../rows"]).output().unwrap();
    let top = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let commit = env.git("mono", &["commit-tree", &top, "-p", "HEAD", "-m", "bomb"]);
    let started = std::time::Instant::now();
    env.succeed("mono/ml/reg", &["validate", "--base", "before", "--head", &commit]);
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}
