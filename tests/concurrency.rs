//! With many writers at once, no change is lost or made twice, and the repository stays valid.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod common;

use std::process::{Child, Stdio};

use common::TestEnvironment;

const ROUNDS: usize = 3;

fn start(env: &TestEnvironment, dir: &str, args: &[&str]) -> Child {
    env.modelreg(dir, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for all processes. Each must have succeeded without a warning.
fn all_succeed(env: &TestEnvironment, children: Vec<Child>) -> Vec<String> {
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let mut said = Vec::new();
    for output in outputs {
        let shown = env.shown(&["..."], &output);
        assert!(output.status.success(), "{shown}");
        assert!(output.stderr.is_empty(), "{shown}");
        said.push(String::from_utf8(output.stdout).unwrap());
    }
    said
}

fn commits(env: &TestEnvironment, dir: &str) -> u64 {
    env.git(dir, &["rev-list", "--count", "main"]).parse().unwrap()
}

#[test]
fn eight_writers_of_one_model_get_eight_versions() {
    let env = TestEnvironment::with_registry();
    for round in 1..=ROUNDS {
        let uris: Vec<String> = (0..8).map(|writer| format!("s3://models/iris/{round}-{writer}")).collect();
        let children = uris.iter().map(|uri| start(&env, "reg", &["register", "iris", "--artifact", uri])).collect();
        let said = all_succeed(&env, children);
        let newest = 8 * round as u64;
        assert_eq!(env.versions("reg", "main", "iris"), (1..=newest).collect::<Vec<_>>());
        // Each command printed another number, and that version is the one that the command registered.
        let mut printed: Vec<u64> = Vec::new();
        for (uri, said) in uris.iter().zip(&said) {
            let number = said.split_once("Register iris ").and_then(|(_, rest)| rest.split_whitespace().next());
            let number: u64 = number.unwrap().parse().unwrap();
            let manifest = env.git("reg", &["show", &format!("main:models/iris/versions/{number}.toml")]);
            assert!(manifest.contains(&format!("\"{uri}\"")), "version {number} is not {uri}:\n{manifest}");
            printed.push(number);
        }
        printed.sort_unstable();
        assert_eq!(printed, (newest - 7..=newest).collect::<Vec<_>>());
    }
    assert_eq!(commits(&env, "reg"), 1 + 8 * ROUNDS as u64, "one commit each");
    env.assert_clean("reg");
}

#[test]
fn registering_and_promoting_different_models_do_not_disturb_each_other() {
    let env = TestEnvironment::with_registry();
    let models = ["elm", "fir", "oak", "yew"];
    models.iter().for_each(|model| env.register(model, 1));
    let before = commits(&env, "reg");
    for round in 0..ROUNDS {
        let mut children = Vec::new();
        for model in models {
            let stage = if round % 2 == 0 { "Staging" } else { "Production" };
            children.push(start(&env, "reg", &["register", model, "--artifact", "s3://models/next"]));
            children.push(start(&env, "reg", &["promote", model, "1", "--to", stage]));
            if round == 2 {
                // The pointer is at this version already, and the command is refused. So promote another version.
                let mut refused = children.pop().unwrap();
                refused.wait().unwrap();
                children.push(start(&env, "reg", &["promote", model, "2", "--to", stage]));
            }
        }
        all_succeed(&env, children);
    }
    for model in models {
        assert_eq!(env.versions("reg", "main", model), [1, 2, 3, 4]);
        assert!(env.read(&format!("reg/models/{model}/stages/staging.toml")).contains("\nversion = 2\n"));
        assert!(env.read(&format!("reg/models/{model}/stages/production.toml")).contains("\nversion = 1\n"));
    }
    assert_eq!(commits(&env, "reg"), before + 8 * ROUNDS as u64);
    env.assert_clean("reg");
}

/// Git's manual warns of pruning during a write: objects that no ref reaches yet can be removed. So a writer may fail here, but
/// then its commit is not in the branch, and the branch is complete.
#[test]
fn pruning_during_writes_removes_no_reported_commit() {
    let env = TestEnvironment::with_registry();
    let models = ["elm", "fir", "oak", "yew"];
    let mut acknowledged = [0; 4];
    for _ in 0..ROUNDS {
        let register = |model| start(&env, "reg", &["register", model, "--artifact", "s3://models/x"]);
        let children = models.map(register);
        let mut gc = env.program("reg", "git");
        let gc = gc.args(["gc", "--quiet", "--prune=now"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let gc = gc.spawn().unwrap();
        for (child, count) in children.into_iter().zip(&mut acknowledged) {
            let output = child.wait_with_output().unwrap();
            assert!(matches!(output.status.code(), Some(0 | 2)), "{}", env.shown(&["..."], &output));
            *count += u64::from(output.status.success());
        }
        gc.wait_with_output().unwrap();
        env.assert_sound("reg");
    }
    models.iter().for_each(|model| env.register(model, 0));
    for (model, count) in models.iter().zip(acknowledged) {
        assert_eq!(env.versions("reg", "main", model), (1..=count + 1).collect::<Vec<_>>());
    }
    env.assert_clean("reg");
}

#[test]
fn writers_in_linked_worktrees_share_the_branches_without_losing_any() {
    let env = TestEnvironment::with_registry();
    env.git("reg", &["worktree", "add", "--quiet", "-b", "side", "../side"]);
    for _ in 0..ROUNDS {
        let register = ["register", "iris", "--artifact", "s3://models/x"];
        let children = (0..8).map(|writer| start(&env, if writer % 2 == 0 { "reg" } else { "side" }, &register));
        all_succeed(&env, children.collect());
    }
    for (dir, branch) in [("reg", "main"), ("side", "side")] {
        assert_eq!(env.versions(dir, branch, "iris"), (1..=4 * ROUNDS as u64).collect::<Vec<_>>());
        env.assert_clean(dir);
    }
}
