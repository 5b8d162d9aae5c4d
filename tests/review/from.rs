//! A move says from what: it is refused if the stage holds another version than its maker saw.

use super::Team;

/// Staging holds 2 after 1 after 2 after 1, everywhere.
fn staged() -> Team {
    let team = Team::new("recorded");
    for version in ["1", "2", "1", "2"] {
        team.ok("ada", &["promote", "iris", version, "--to", "Staging"]);
    }
    team.git("ada", &["push", "-q", "origin", "main"]);
    for person in ["lead", "eve"] {
        team.git(person, &["pull", "-q"]);
    }
    team
}

const ROLLBACK: [&str; 7] = ["rollback", "iris", "--stage", "Staging", "--reason", "it burns", "--push"];

fn moves(team: &Team, before: &str) -> usize {
    team.git("hub.git", &["rev-list", "--count", &format!("{before}..main")]).parse().unwrap()
}

#[test]
fn two_people_who_roll_back_the_same_version_go_one_version_back() {
    let team = staged();
    let before = team.env.tip("hub.git", "main");
    team.ok("lead", &ROLLBACK);
    let here = team.env.tip("ada", "main");
    let refused = team.refused("ada", &ROLLBACK);
    assert!(refused.contains("version 1 is in Staging of `iris` now, and this clone showed version 2"), "{refused}");
    assert!(
        refused.contains("the last move: Roll back iris in Staging from 2 to 1, by lead@example.com at "),
        "{refused}"
    );
    assert!(refused.contains("UTC, it burns"), "{refused}");
    assert!(refused.contains("add `--from 1` to the command"), "{refused}");
    assert_eq!(moves(&team, &before), 1);
    assert_eq!(team.env.tip("ada", "main"), here, "the clone is as it was");
    // Who has looked may go on.
    team.ok("ada", &[&ROLLBACK[..], &["--from", "1"]].concat());
    assert_eq!(moves(&team, &before), 2);
    // And from a clone that is up to date nothing has to be said.
    team.git("lead", &["pull", "-q"]);
    team.ok("lead", &ROLLBACK);
}

#[test]
fn a_rollback_that_loses_its_race_to_the_same_rollback_is_refused() {
    let team = staged();
    let before = team.env.tip("hub.git", "main");
    // The lead pushes the same rollback while Ada's git pushes.
    team.ok("lead", &ROLLBACK[..6]);
    let hook = team.env.path("ada/.git/hooks/pre-push");
    std::fs::write(&hook, "#!/bin/sh\nunset GIT_DIR\ngit -C ../lead push -q origin main\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let refused = team.refused("ada", &ROLLBACK);
    assert!(refused.contains("this clone showed version 2"), "{refused}");
    assert_eq!(team.env.tip("hub.git", "main"), team.env.tip("lead", "main"));
    assert_eq!(moves(&team, &before), 1);
}

#[test]
fn a_rollback_of_the_same_version_in_one_clone_is_refused_to_the_slower() {
    let team = staged();
    // Without a push, the branch of the clone is what both move.
    let refused = team.refused("ada", &["rollback", "iris", "--stage", "Staging", "--reason", "x", "--from", "1"]);
    assert!(refused.contains("version 2 is in Staging of `iris` now, and you named version 1"), "{refused}");
    team.ok("ada", &["rollback", "iris", "--stage", "Staging", "--reason", "x", "--from", "2"]);
    team.env.assert_clean("ada");
}

#[test]
fn a_promotion_does_not_replace_a_version_that_its_maker_did_not_see() {
    let team = staged();
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3", "--push"]);
    team.git("lead", &["pull", "-q"]);
    team.ok("ada", &["promote", "iris", "3", "--to", "Staging", "--reason", "much better", "--push"]);
    let promote = ["promote", "iris", "1", "--to", "Staging", "--push"];
    let refused = team.refused("lead", &promote);
    assert!(refused.contains("version 3 is in Staging of `iris` now, and this clone showed version 2"), "{refused}");
    assert!(refused.contains("Promote iris 3 to Staging (was 2), by ada@example.com"), "{refused}");
    team.ok("lead", &[&promote[..], &["--from", "3"]].concat());
}

#[test]
fn a_request_that_was_fetched_but_not_merged_counts_as_seen_only_where_it_is_shown() {
    let team = staged();
    team.ok("lead", &ROLLBACK);
    // Git has fetched, but what is checked out still shows version 2.
    team.git("ada", &["fetch", "-q"]);
    team.refused("ada", &ROLLBACK);
    team.git("ada", &["merge", "-q", "--ff-only", "origin/main"]);
    team.ok("ada", &ROLLBACK);
}

#[test]
fn a_dry_run_of_each_move_writes_nothing_and_says_what_would_be_done() {
    let team = staged();
    let before = team.git("ada", &["for-each-ref"]);
    for (args, subject, how) in [
        (&["rollback", "iris", "--stage", "Staging", "--reason", "x"][..], "Roll back iris in Staging from 2 to 1", ""),
        (&["withdraw", "iris", "2", "--from", "Staging"], "Withdraw iris 2 from Staging", ""),
        (
            &["promote", "iris", "2", "--to", "Production"],
            "Promote iris 2 to Production",
            "1 approval by lead@example.com",
        ),
    ] {
        let shown = team.ok("ada", &[args, &["--dry-run"]].concat());
        assert!(shown.contains(subject) && shown.contains("would be done"), "{shown}");
        assert!(shown.contains(how) && shown.contains("nothing was written"), "{shown}");
    }
    team.refused("ada", &["rollback", "iris", "--stage", "Staging", "--reason", "x", "--from", "1", "--dry-run"]);
    assert_eq!(team.git("ada", &["for-each-ref"]), before);
}
