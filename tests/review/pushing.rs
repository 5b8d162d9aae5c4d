//! With `--push`: a command succeeds only when the remote has the commit. After a lost race it plans again or is refused.

use std::sync::Barrier;

use super::{ID, Team};

#[test]
fn a_request_goes_through_the_hub_with_push_at_every_step() {
    let team = Team::new("signed");
    let asked = team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better", "--push"]);
    assert!(asked.contains("pushed to origin"), "{asked}");
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", ID, "--push"]);
    // Ada's branch is behind the remote's, and the hub's main has moved: both are brought up to date.
    team.ok("lead", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.ok("ada", &["land", ID, "--push"]);
    assert_eq!(team.env.tip("ada", "main"), team.env.tip("hub.git", "main"));
    assert_eq!(team.git("hub.git", &["branch", "--list", "requests/*"]), "", "the request's branch is gone there too");
    assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3]);
    team.env.assert_clean("ada");
    team.git("lead", &["pull", "-q", "--prune"]);
    assert!(team.ok("lead", &["requests"]).contains("no open requests"));
    team.ok("lead", &["validate"]);
}

#[test]
fn a_commit_that_the_remote_refuses_is_not_in_the_clone_either() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    let hook = team.env.path("hub.git/hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\necho 'not on Fridays' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let before = team.env.tip("ada", "main");
    let shown = team.env.run("ada", &["land", ID, "--push"]);
    assert!(shown.contains("not on Fridays") && shown.ends_with("--- status 2\n"), "{shown}");
    assert_eq!(team.env.tip("ada", "main"), before);
    assert!(team.ok("ada", &["requests"]).contains("ready to land"));
    team.env.assert_clean("ada");
}

/// Another person's request has landed, and this clone has fetched but not merged it.
#[test]
fn fetched_commits_count_before_they_are_merged() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    team.ok("ada", &["land", ID]);
    team.git("ada", &["push", "-q", "origin", "main", &format!(":requests/{ID}")]);
    team.ok("ada", &["rollback", "iris", "--reason", "worse", "--push"]);
    team.git("lead", &["fetch", "-q", "--prune"]);
    let back = "iris/Production/1";
    let listed = team.ok("lead", &["requests"]);
    assert!(listed.contains(back) && listed.contains("0 of 1") && !listed.contains("warning"), "{listed}");
    team.ok("lead", &["approve", back]);
    let refused = team.refused("lead", &["land", back]);
    assert!(refused.contains("`main` is behind `origin/main`"), "{refused}");
    assert!(refused.contains("git merge --ff-only origin/main"), "{refused}");
    team.git("lead", &["merge", "-q", "--ff-only", "origin/main"]);
    team.ok("lead", &["land", back]);
    team.env.assert_clean("lead");
}

/// The user rolls back without pulling first.
#[test]
fn a_clone_that_is_behind_rolls_back_the_hubs_version_after_a_pull() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    team.ok("ada", &["land", ID]);
    team.git("ada", &["push", "-q", "origin", "main", &format!(":requests/{ID}")]);
    let rollback = ["rollback", "iris", "--reason", "it burns", "--emergency", "--push"];
    let refused = team.refused("eve", &rollback);
    assert!(refused.contains("add `--from 2` to the command"), "{refused}");
    let printed = team.ok("eve", &[&rollback[..], &["--from", "2"]].concat());
    assert!(printed.contains("in Production now: version 1, s3://models/iris/1"), "{printed}");
    team.git("ada", &["pull", "-q"]);
    assert!(team.ok("ada", &["resolve", "models:/iris/Production"]).contains("s3://models/iris/1"));
    assert_eq!(team.env.tip("eve", "main"), team.env.tip("hub.git", "main"));
    team.env.assert_clean("eve");
}

#[test]
fn diverged_branches_are_reported() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    team.ok("lead", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3b"]);
    let shown = team.env.run("ada", &["land", ID, "--push"]);
    assert!(
        shown.contains("`main` and `origin/main` have diverged") && shown.contains("`modelreg sync` joins them"),
        "{shown}"
    );
}

/// Eight clones land eight requests on one hub at once. Two requests are for the same stage of one model.
#[test]
fn eight_clones_race_to_land_and_each_lands_or_is_refused_with_the_reason() {
    let team = Team::new("recorded");
    let env = &team.env;
    for n in 1..=7 {
        team.ok("ada", &["register", &format!("m{n}"), "--artifact", &format!("s3://models/m{n}/1")]);
    }
    team.ok("ada", &["register", "m1", "--artifact", "s3://models/m1/2"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    let wanted: Vec<(String, String)> =
        (1..=7).map(|n| (format!("m{n}"), "1".to_owned())).chain([("m1".to_owned(), "2".to_owned())]).collect();
    team.git("lead", &["pull", "-q"]);
    for (model, version) in &wanted {
        team.ok("ada", &["promote", model, version, "--to", "Production", "--push"]);
        team.git("lead", &["fetch", "-q"]);
        team.ok("lead", &["approve", &format!("{model}/Production/{version}"), "--push"]);
    }
    let clones: Vec<String> = (0..wanted.len()).map(|n| format!("racer{n}")).collect();
    for clone in &clones {
        env.git(".", &["clone", "-q", "hub.git", clone]);
    }
    let start = Barrier::new(clones.len());
    let results: Vec<(bool, String)> = std::thread::scope(|scope| {
        let race = |(clone, (model, version)): (&String, &(String, String))| {
            let id = format!("{model}/Production/{version}");
            let mut command = env.modelreg(clone, &["land", &id, "--push"]);
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let output = command.output().unwrap();
                (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
            })
        };
        let running: Vec<_> = clones.iter().zip(&wanted).map(race).collect();
        running.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let refused: Vec<&String> = results.iter().filter(|(landed, _)| !landed).map(|(_, why)| why).collect();
    assert_eq!(refused.len(), 1, "{results:?}");
    assert!(refused[0].contains("is stale"), "{refused:?}");
    let subjects = env.git("hub.git", &["log", "--first-parent", "--format=%s", "main"]);
    assert_eq!(subjects.lines().filter(|line| line.starts_with("Land: ")).count(), 7);
    env.assert_sound("hub.git");
    team.git("ada", &["pull", "-q"]);
    team.ok("ada", &["validate"]);
    for (n, clone) in clones.iter().enumerate() {
        env.assert_clean(clone);
        if results[n].0 {
            assert_eq!(env.git(clone, &["merge-base", "--is-ancestor", "HEAD", "origin/main"]), "");
        }
    }
}

#[test]
fn a_refused_move_leaves_a_clone_that_is_behind_as_it_was() {
    let team = Team::new("none");
    team.ok("lead", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    let before = team.env.tip("ada", "main");
    for args in [
        ["rollback", "iris", "--to", "2", "--reason", "worse", "--push"].as_slice(),
        &["promote", "iris", "9", "--to", "Production", "--push"],
        &["withdraw", "iris", "2", "--from", "Production", "--push"],
        &["rollback", "rose", "--reason", "worse", "--emergency", "--push"],
    ] {
        team.refused("ada", args);
        assert_eq!(team.env.tip("ada", "main"), before, "{args:?}");
    }
    team.ok("ada", &["promote", "iris", "3", "--to", "Production", "--reason", "better", "--push"]);
    assert_eq!(team.env.tip("ada", "main"), team.env.tip("hub.git", "main"));
}
