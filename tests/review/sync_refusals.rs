//! What `sync` and `--push` refuse: nothing unapproved is published, and nothing of the user is lost.

use super::Team;
use super::sync::{apart, assert_joined, on_hub};

#[test]
fn safety_11_a_move_without_approval_is_not_published_by_sync() {
    let team = apart("recorded", &[&["describe", "iris", "theirs"]], &[]);
    team.ok("ada", &["promote", "iris", "2", "--to", "Production"]);
    // The request, merged by hand.
    team.git("ada", &["merge", "-q", "--ff-only", "requests/iris/Production/2"]);
    for own in [false, true] {
        let refused = team.refused("ada", &["sync"]);
        assert!(refused.contains("error[approvals-missing]"), "{refused}");
        if !own {
            team.git("ada", &["rebase", "-q", "origin/main"]);
        }
    }
    assert!(!on_hub(&team, "stages/production.toml").contains("version = 2"));
}

#[test]
fn a_rename_and_an_edit_of_the_same_model_lose_nothing() {
    for (theirs, own) in [
        (&["describe", "iris", "hello"][..], &["rename", "iris", "rose"][..]),
        (&["rename", "iris", "rose"], &["describe", "iris", "hello"]),
    ] {
        let team = apart("none", &[theirs], &[own]);
        let before = team.env.tip("hub.git", "main");
        team.env.run("ada", &["sync"]);
        let hub = team.env.tip("hub.git", "main");
        if hub != before {
            assert!(team.git("hub.git", &["grep", "-c", "hello", "main"]).contains("model.toml"), "an edit was lost");
        }
        team.ok("lead", &["resolve", "models:/iris/Production"]);
        team.env.assert_clean("ada");
    }
}

#[test]
fn work_that_is_not_committed_is_never_given_up() {
    let stop = |how: &str| {
        let team = apart(
            "none",
            &[&["register", "iris", "--artifact", "s3://models/iris/theirs"]],
            &[&["register", "iris", "--artifact", "s3://models/iris/own"]],
        );
        assert!(!team.env.program("ada", "git").args(["pull", "-q", how]).output().unwrap().status.success());
        team
    };
    for how in ["--rebase", "--no-rebase"] {
        for staged in [false, true] {
            let team = stop(how);
            team.env.write("ada/README.md", "an hour of notes\n");
            team.env.write("ada/new.txt", "new\n");
            if staged {
                team.git("ada", &["add", "README.md", "new.txt"]);
            }
            let refused = team.refused("ada", &["sync"]);
            assert!(refused.contains("was edited since git stopped the"), "{refused}");
            assert_eq!(team.env.read("ada/README.md"), "an hour of notes\n");
            assert_eq!(team.env.read("ada/new.txt"), "new\n");
        }
    }
    // A refused run gives nothing up, and neither does one that names another branch.
    let team = stop("--no-rebase");
    team.git("ada", &["branch", "side"]);
    assert!(team.refused("ada", &["sync", "--branch", "side"]).contains("`--branch` names `side`"));
    team.git("ada", &["remote", "set-url", "origin", "../nowhere"]);
    team.env.run("ada", &["sync"]);
    assert!(team.env.path("ada/.git/MERGE_HEAD").exists(), "the merge was given up");
}

#[test]
fn earlier_commits_that_break_the_rules_are_not_carried_along_by_a_push() {
    let team = Team::new("recorded");
    team.ok("ada", &["promote", "iris", "2", "--to", "Production"]);
    team.git("ada", &["merge", "-q", "--ff-only", "requests/iris/Production/2"]);
    let refused = team.refused("ada", &["comment", "iris", "1", "fine", "--push"]);
    assert!(refused.contains("would also publish earlier commits of this clone"), "{refused}");
    assert!(refused.contains("error[approvals-missing]"), "{refused}");
}

#[test]
fn safety_11_a_request_that_was_rejected_meanwhile_is_not_landed_by_sync() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    team.ok("ada", &["land", super::ID]);
    team.ok("lead", &["reject", super::ID, "--reason", "found a backdoor", "--push"]);
    let refused = team.refused("ada", &["sync"]);
    assert!(refused.contains("error[closed-request-landed]"), "{refused}");
    assert!(on_hub(&team, "stages/production.toml").contains("\nversion = 1\n"));
}

#[test]
fn a_name_that_is_not_utf_8_is_neither_lost_nor_renamed() {
    use std::os::unix::ffi::OsStrExt as _;
    let team = apart("none", &[&["register", "iris", "--artifact", "s3://models/iris/theirs"]], &[]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    std::fs::write(team.env.path("ada").join(name), "x").unwrap();
    team.git("ada", &["add", "-A"]);
    team.git("ada", &["commit", "-q", "-m", "file"]);
    let refused = team.env.run("ada", &["sync"]);
    assert!(refused.contains("is not a plain file") && refused.contains("git pull --rebase"), "{refused}");
    team.git("ada", &["pull", "-q", "--rebase"]);
    team.ok("ada", &["sync"]);
    assert_eq!(team.env.tip("ada", "main"), team.env.tip("hub.git", "main"));
}

#[test]
fn safety_21_a_time_far_ahead_of_the_clock_is_not_published() {
    let team = apart("none", &[], &[]);
    let path = "ada/models/iris/model.toml";
    let ahead = "updated_at = 2030-01-01T00:00:00Z\nupdated_by = \"ada@example.com\"\ncreated_by";
    team.env.write(path, &team.env.read(path).replacen("created_by", ahead, 1));
    team.git("ada", &["commit", "-q", "-a", "-m", "by hand"]);
    for args in [&["sync"][..], &["tag", "iris", "a=1", "--push"]] {
        let refused = team.refused("ada", args);
        assert!(refused.contains("error[time-ahead]"), "{refused}");
    }
}

#[test]
fn an_own_executable_in_the_registrys_folder_is_left_to_git() {
    let team = apart("none", &[&["register", "iris", "--artifact", "s3://models/iris/theirs"]], &[]);
    team.env.write("ada/run.sh", "x");
    let made = team.env.program("ada", "chmod").args(["+x", "run.sh"]).output().unwrap();
    assert!(made.status.success());
    team.git("ada", &["add", "-A"]);
    team.git("ada", &["commit", "-q", "-m", "script"]);
    let refused = team.env.run("ada", &["sync"]);
    assert!(refused.contains("`run.sh` is not a plain file") && !refused.contains("corrupt"), "{refused}");
    team.git("ada", &["pull", "-q", "--rebase"]);
    team.ok("ada", &["sync"]);
    assert_joined(&team);
}
