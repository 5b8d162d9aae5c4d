//! A run that was killed after its commit landed, and the same command again: the change is made once and reported. The
//! sweep in `tests/faults` kills real runs; here the test writes the note that such a run leaves.

use crate::common::TestEnvironment;

const NOTE: &str = "reg/.git/modelreg.pending";
const LATER: &str = "2026-01-03T00:00:00.000Z";

/// Restores the state of a run that was killed right after it made the last commit.
fn killed_after_landing(env: &TestEnvironment) {
    let (commit, from) = (env.git("reg", &["rev-parse", "HEAD"]), env.git("reg", &["rev-parse", "HEAD^"]));
    let paths = env.git("reg", &["diff", "--name-only", "HEAD^", "HEAD"]).replace('\n', "\npath ");
    let at = crate::common::NOW;
    let note = format!(
        "modelreg.pending 3\nbranch refs/heads/main\nfrom {from}\ncommit {commit} {at}\nfollow\npath {paths}\n"
    );
    env.write(NOTE, &note);
}

fn commits(env: &TestEnvironment) -> usize {
    env.git("reg", &["rev-list", "--count", "HEAD"]).parse().unwrap()
}

#[test]
fn the_same_command_again_reports_the_commit_that_landed() {
    let mut env = TestEnvironment::with_model();
    let register = ["register", "iris", "--artifact", "s3://models/iris/3", "--metric", "accuracy=0.5"];
    let promote = ["promote", "iris", "3", "--to", "Production"];
    let mut shown = String::new();
    for command in [&register[..], &promote] {
        env.set_clock(crate::common::NOW);
        env.succeed("reg", command);
        killed_after_landing(&env);
        let before = commits(&env);
        env.set_clock(LATER);
        shown.push_str(&env.run("reg", command));
        assert_eq!(commits(&env), before, "{shown}");
        env.assert_clean("reg");
    }
    // The commit has been reported, so the next command is a new one.
    env.succeed("reg", &register);
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3, 4]);
    insta::assert_snapshot!(shown);
}

#[test]
fn the_commit_is_recognized_after_the_branch_has_moved_on() {
    let env = TestEnvironment::with_model();
    let register = ["register", "iris", "--artifact", "s3://models/iris/3"];
    env.succeed("reg", &register);
    killed_after_landing(&env);
    env.git("reg", &["commit", "--quiet", "--allow-empty", "-m", "else"]);
    env.succeed("reg", &register);
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    env.assert_clean("reg");
}

#[test]
fn the_change_is_made_again_if_the_branch_lost_the_commit() {
    let env = TestEnvironment::with_model();
    let register = ["register", "iris", "--artifact", "s3://models/iris/3"];
    env.succeed("reg", &register);
    killed_after_landing(&env);
    env.git("reg", &["reset", "--quiet", "--hard", "HEAD^"]);
    env.git("reg", &["commit", "--quiet", "--allow-empty", "-m", "else"]);
    env.succeed("reg", &register);
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    env.assert_clean("reg");
}

#[test]
fn another_command_is_not_taken_for_a_repetition() {
    let env = TestEnvironment::with_model();
    env.write("model.pkl", "one");
    let register = ["register", "iris", "--artifact", "../model.pkl"];
    env.succeed("reg", &register);
    killed_after_landing(&env);
    // The same arguments, but another artifact.
    env.write("model.pkl", "two");
    env.succeed("reg", &register);
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3, 4]);
    killed_after_landing(&env);
    // The same arguments, by another user.
    env.set_global_config("user.email", "eve@example.com");
    env.succeed("reg", &register);
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3, 4, 5]);
    env.assert_clean("reg");
}

#[test]
fn queries_keep_the_note_and_a_refused_change_removes_it() {
    let env = TestEnvironment::with_model();
    env.register("iris", 3);
    killed_after_landing(&env);
    env.succeed("reg", &["show", "iris"]);
    assert!(env.path(NOTE).exists());
    env.run("reg", &["promote", "iris", "9", "--to", "Staging"]);
    assert!(!env.path(NOTE).exists());
}
