//! `sync`: what two clones did at the same time is joined by what the files mean, never by lines of text.

use super::Team;
use super::unanswered::in_place_of_push;

/// Both clones are at the hub's state; `theirs` are commands of the lead, who has pushed, and `own` are Ada's.
pub(super) fn apart(review: &str, theirs: &[&[&str]], own: &[&[&str]]) -> Team {
    let team = Team::new(review);
    for args in theirs {
        team.ok("lead", args);
    }
    team.git("lead", &["push", "-q", "origin", "main"]);
    for args in own {
        team.ok("ada", args);
    }
    team
}

/// Both sides are the same and valid, and nothing is left over.
pub(super) fn assert_joined(team: &Team) {
    assert_eq!(team.env.tip("ada", "main"), team.env.tip("hub.git", "main"));
    team.env.assert_clean("ada");
    team.env.assert_sound("ada");
    team.ok("ada", &["validate"]);
    assert!(!team.env.path("ada/.git/modelreg.pending").exists());
}

pub(super) fn on_hub(team: &Team, path: &str) -> String {
    team.git("hub.git", &["show", &format!("main:models/iris/{path}")])
}

#[test]
fn a_version_that_both_registered_gets_the_next_number_and_what_points_to_it_follows() {
    let team = apart(
        "recorded",
        &[&["register", "iris", "--artifact", "s3://models/iris/theirs"]],
        &[
            &["register", "iris", "--artifact", "s3://models/iris/own"],
            &["register", "iris", "--artifact", "s3://models/iris/next", "--parent", "models:/iris/3"],
            &["promote", "iris", "3", "--to", "Staging", "--reason", "good"],
            &["alias", "iris", "best", "4"],
            &["comment", "iris", "3", "fine"],
        ],
    );
    let shown = team.ok("ada", &["sync"]);
    assert!(shown.contains("Register iris 3 is now: Register iris 4"), "{shown}");
    assert!(shown.contains("Register iris 4 is now: Register iris 5"), "{shown}");
    assert!(shown.contains("Promote iris 3 to Staging is now: Promote iris 4 to Staging"), "{shown}");
    assert!(shown.contains("received 1 commit\n") && shown.contains("sent 5 commits\n"), "{shown}");
    assert!(shown.contains("pushed to origin"), "{shown}");
    assert_joined(&team);
    assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3, 4, 5]);
    assert!(on_hub(&team, "versions/3.toml").contains("iris/theirs"));
    let own = on_hub(&team, "versions/4.toml");
    assert!(own.contains("iris/own") && own.contains("version = 4\n") && own.contains("text = \"fine\""), "{own}");
    let next = on_hub(&team, "versions/5.toml");
    assert!(next.contains("version = 5\n") && next.contains("parent = \"models:/iris/4\""), "{next}");
    assert!(on_hub(&team, "stages/staging.toml").contains("version = 4\n"));
    assert!(on_hub(&team, "model.toml").contains("best = 5"));
    let message = team.git("hub.git", &["log", "--format=%B", "--author=ada", "-1", "--grep=Register iris 4", "main"]);
    assert!(message.contains("Modelreg-Version: 4"), "{message}");
    // Once more there is nothing to do.
    assert!(team.ok("ada", &["sync"]).contains("main and origin/main are the same"));
}

#[test]
fn edits_of_one_file_by_both_are_joined_by_key() {
    let team = apart(
        "recorded",
        &[
            &["describe", "iris", "theirs"],
            &["tag", "iris", "a=1"],
            &["comment", "iris", "1", "theirs"],
            &["alias", "iris", "x", "1"],
        ],
        &[
            &["tag", "iris", "b=2"],
            &["comment", "iris", "1", "own"],
            &["alias", "iris", "y", "2"],
            &["tag", "iris@1", "t=1"],
        ],
    );
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    let model = on_hub(&team, "model.toml");
    for part in ["description = \"theirs\"", "a = \"1\"", "b = \"2\"", "x = 1", "y = 2"] {
        assert!(model.contains(part), "{part}: {model}");
    }
    let version = on_hub(&team, "versions/1.toml");
    for part in ["text = \"theirs\"", "text = \"own\"", "t = \"1\""] {
        assert!(version.contains(part), "{part}: {version}");
    }
}

#[test]
fn a_model_that_both_created_is_one_model_and_different_models_stay_two() {
    let team = apart(
        "recorded",
        &[
            &["register", "rose", "--artifact", "s3://models/rose/theirs"],
            &["register", "elm", "--artifact", "s3://models/elm/1"],
        ],
        &[
            &["register", "rose", "--artifact", "s3://models/rose/own"],
            &["register", "oak", "--artifact", "s3://models/oak/1"],
        ],
    );
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    assert_eq!(team.env.versions("hub.git", "main", "rose"), [1, 2]);
    for model in ["elm", "oak"] {
        assert_eq!(team.env.versions("hub.git", "main", model), [1]);
    }
}

#[test]
fn moves_of_different_stages_are_joined_and_a_move_of_the_same_is_refused_or_left_out() {
    let team = apart(
        "none",
        &[&["promote", "iris", "2", "--to", "Production", "--reason", "theirs"]],
        &[&["promote", "iris", "1", "--to", "Staging"], &["describe", "iris", "kept"]],
    );
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    team.git("lead", &["pull", "-q"]);
    // Both roll back the same version.
    for person in ["lead", "ada"] {
        team.ok(person, &["rollback", "iris", "--reason", &format!("as {person} says")]);
    }
    team.ok("ada", &["tag", "iris", "kept=yes"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    let before = team.env.tip("ada", "main");
    let refused = team.refused("ada", &["sync"]);
    assert!(refused.contains("`Roll back iris in Production from 2 to 1` does not apply any more"), "{refused}");
    assert!(refused.contains("version 1 is in Production on the remote"), "{refused}");
    assert!(refused.contains("by lead@example.com") && refused.contains("as lead says"), "{refused}");
    assert!(refused.contains("modelreg sync --drop-moves"), "{refused}");
    assert_eq!(team.env.tip("ada", "main"), before);
    let shown = team.ok("ada", &["sync", "--drop-moves"]);
    assert!(shown.contains("left out, because it does not apply any more: Roll back iris"), "{shown}");
    assert_joined(&team);
    assert!(on_hub(&team, "model.toml").contains("kept = \"yes\""));
    assert_eq!(on_hub(&team, "stages/production.toml").matches("[[history]]").count(), 3);
}

#[test]
fn a_rebase_or_a_merge_that_git_has_stopped_is_taken_over() {
    for pull in ["--rebase", "--no-rebase"] {
        let team = apart(
            "none",
            &[
                &["register", "iris", "--artifact", "s3://models/iris/theirs"],
                &["promote", "iris", "3", "--to", "Staging"],
            ],
            &[&["register", "iris", "--artifact", "s3://models/iris/own"], &["tag", "iris@3", "own=yes"]],
        );
        let stopped = team.env.program("ada", "git").args(["pull", "-q", pull]).output().unwrap();
        assert!(!stopped.status.success(), "git joined the two by itself");
        // Every command says so, and how it goes on.
        let refused = team.env.run("ada", &["register", "iris", "--artifact", "s3://models/iris/x"]);
        assert!(refused.contains("is in progress") && refused.contains("`modelreg sync` gives up the"), "{refused}");
        let checked = team.env.run("ada", &["validate"]);
        assert!(checked.contains("modelreg sync"), "{checked}");
        let looked = team.env.run("ada", &["show", "iris"]);
        assert!(looked.contains("modelreg sync"), "{looked}");
        assert!(team.env.run("ada", &["doctor"]).contains("modelreg sync"));
        let shown = team.ok("ada", &["sync"]);
        assert!(shown.contains("that git had stopped") && shown.contains("is now: Register iris 4"), "{shown}");
        assert_joined(&team);
        assert!(on_hub(&team, "versions/4.toml").contains("own = \"yes\""));
    }
}

#[test]
fn a_merge_of_two_branches_of_one_clone_is_joined_too() {
    for how in [&["merge", "-q", "side"][..], &["rebase", "-q", "side"]] {
        let team = Team::new("none");
        team.git("ada", &["switch", "-q", "-c", "side"]);
        team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/side"]);
        team.git("ada", &["switch", "-q", "main"]);
        team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/main"]);
        let stopped = team.env.program("ada", "git").args(how).output().unwrap();
        assert!(!stopped.status.success(), "git joined the two by itself");
        team.ok("ada", &["sync"]);
        assert_joined(&team);
        assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3, 4]);
        team.git("ada", &["merge-base", "--is-ancestor", "side", "main"]);
    }
}

#[test]
fn a_sync_that_loses_its_race_joins_once_more() {
    let team = apart(
        "none",
        &[&["register", "iris", "--artifact", "s3://models/iris/theirs"]],
        &[&["register", "iris", "--artifact", "s3://models/iris/own"]],
    );
    // The lead registers one more while Ada's git pushes.
    team.ok("lead", &["register", "iris", "--artifact", "s3://models/iris/faster"]);
    let hook = team.env.path("ada/.git/hooks/pre-push");
    std::fs::write(&hook, "#!/bin/sh\nunset GIT_DIR\ngit -C ../lead push -q origin main\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let shown = team.ok("ada", &["sync"]);
    assert!(shown.contains("Register iris 3 is now: Register iris 5"), "{shown}");
    assert_joined(&team);
    assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3, 4, 5]);
}

#[test]
fn safety_24_a_sync_that_is_killed_after_its_push_is_finished_by_the_next_one() {
    let team = apart(
        "none",
        &[&["register", "iris", "--artifact", "s3://models/iris/theirs"]],
        &[&["register", "iris", "--artifact", "s3://models/iris/own"]],
    );
    let shown = in_place_of_push(&team, "ada", &["sync"], "$GIT \"$@\"; kill -9 $PPID");
    assert!(shown.ends_with("--- status killed\n"), "{shown}");
    let hub = team.env.tip("hub.git", "main");
    assert_ne!(team.env.tip("ada", "main"), hub);
    team.ok("ada", &["sync"]);
    assert_eq!(team.env.tip("hub.git", "main"), hub);
    assert_joined(&team);
    assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3, 4]);
}

#[test]
fn edits_of_the_user_stay_as_they_are() {
    let team = apart(
        "none",
        &[&["describe", "iris", "theirs"]],
        &[&["register", "iris", "--artifact", "s3://models/iris/own"]],
    );
    let path = "ada/models/iris/versions/1.toml";
    let edited = format!("{}# mine\n", team.env.read(path));
    team.env.write(path, &edited);
    team.env.write("ada/notes.txt", "mine");
    team.ok("ada", &["sync"]);
    assert_eq!(team.env.read(path), edited);
    assert_eq!(team.env.read("ada/notes.txt"), "mine");
    assert_eq!(team.git("ada", &["status", "--porcelain"]), " M models/iris/versions/1.toml\n?? notes.txt");
}

#[test]
fn only_what_was_fetched_or_only_what_is_here_is_joined_without_a_new_commit() {
    let team = apart("none", &[&["describe", "iris", "theirs"]], &[]);
    let shown = team.ok("ada", &["sync"]);
    assert!(shown.contains("received 1 commit\n") && !shown.contains("sent"), "{shown}");
    assert_joined(&team);
    team.ok("ada", &["describe", "iris", "own"]);
    let own = team.env.tip("ada", "main");
    assert!(team.ok("ada", &["sync"]).contains("sent 1 commit\n"));
    assert_joined(&team);
    assert_eq!(team.env.tip("hub.git", "main"), own);
}

/// A pull that merges brings in what is published; it is not this clone's change.
#[test]
fn a_merge_of_the_remotes_branch_is_not_made_again() {
    let team = apart(
        "none",
        &[
            &["promote", "iris", "2", "--to", "Production", "--reason", "good"],
            &["register", "iris", "--artifact", "s3://models/iris/3"],
        ],
        &[&["comment", "iris", "1", "note"]],
    );
    team.git("ada", &["pull", "-q", "--no-rebase", "--no-edit"]);
    team.ok("lead", &["rollback", "iris", "--reason", "2 is broken", "--push"]);
    team.ok("lead", &["tag", "iris@3", "k=v", "--push"]);
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    assert!(on_hub(&team, "stages/production.toml").contains("\nversion = 1\n"), "the rollback was undone");
    assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3]);
    assert!(on_hub(&team, "versions/1.toml").contains("text = \"note\""));
}

#[test]
fn the_older_comment_comes_in_after_the_newer_one() {
    let mut team = apart("none", &[], &[&["comment", "iris", "1", "first by ada"]]);
    team.env.set_clock("2026-01-02T05:00:00.000Z");
    team.ok("lead", &["comment", "iris", "1", "later by the lead", "--push"]);
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    assert_eq!(on_hub(&team, "versions/1.toml").matches("[[comments]]").count(), 2);
}

#[test]
fn what_an_interrupted_sync_has_published_is_not_published_again() {
    let team = apart(
        "none",
        &[&["register", "iris", "--artifact", "s3://models/iris/theirs"]],
        &[
            &["register", "iris", "--artifact", "s3://models/iris/own"],
            &["promote", "iris", "3", "--to", "Staging"],
            &["comment", "iris", "3", "own"],
        ],
    );
    in_place_of_push(&team, "ada", &["sync"], "$GIT \"$@\"; kill -9 $PPID");
    // The branch moves before the next command can finish the work.
    std::fs::remove_file(team.env.path("ada/.git/modelreg.pending")).unwrap();
    team.git("ada", &["commit", "-q", "--allow-empty", "-m", "any commit"]);
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3, 4]);
    assert_eq!(on_hub(&team, "stages/staging.toml").matches("[[history]]").count(), 1);
    assert_eq!(on_hub(&team, "versions/4.toml").matches("[[comments]]").count(), 1);
}

#[test]
fn a_move_that_builds_on_one_that_was_left_out_is_left_out_too() {
    let team = apart(
        "none",
        &[&["promote", "iris", "2", "--to", "Production", "--reason", "for good"]],
        &[
            &["promote", "iris", "2", "--to", "Production", "--reason", "mine"],
            &["rollback", "iris", "--reason", "oops"],
        ],
    );
    team.ok("ada", &["sync", "--drop-moves"]);
    assert_joined(&team);
    assert!(on_hub(&team, "stages/production.toml").contains("\nversion = 2\n"));
}

#[test]
fn received_files_have_their_modes_and_links() {
    let team = Team::new("none");
    team.env.write("lead/run.sh", "x");
    let made = team.env.program("lead", "sh").args(["-c", "chmod +x run.sh; ln -s run.sh link"]).output().unwrap();
    assert!(made.status.success());
    team.git("lead", &["add", "-A"]);
    team.git("lead", &["commit", "-q", "-m", "files"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    assert!(team.env.path("ada/link").is_symlink());
}

#[test]
fn a_parent_in_the_same_commit_follows_its_new_number() {
    let team = apart(
        "none",
        &[&["register", "iris", "--artifact", "s3://models/iris/theirs"]],
        &[
            &["register", "iris", "--artifact", "s3://models/iris/own"],
            &["register", "alpha", "--artifact", "s3://models/alpha/1", "--parent", "models:/iris/3"],
        ],
    );
    team.git("ada", &["reset", "-q", "--soft", "HEAD~2"]);
    team.git("ada", &["commit", "-q", "-m", "squashed"]);
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    let alpha = team.git("hub.git", &["show", "main:models/alpha/versions/1.toml"]);
    assert!(alpha.contains("parent = \"models:/iris/4\""), "{alpha}");
}

#[test]
fn files_beside_the_registry_are_joined_or_left_to_a_person() {
    let team = apart("none", &[&["describe", "iris", "theirs"]], &[]);
    for (person, file) in [("lead", "theirs.txt"), ("ada", "own.txt")] {
        team.env.write(&format!("{person}/{file}"), "text");
        team.git(person, &["add", file]);
        team.git(person, &["commit", "-q", "-m", file]);
    }
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.ok("ada", &["sync"]);
    assert_joined(&team);
    team.git("lead", &["pull", "-q"]);
    for person in ["lead", "ada"] {
        team.env.write(&format!("{person}/own.txt"), person);
        team.git(person, &["commit", "-q", "-a", "-m", "edit"]);
    }
    team.git("lead", &["push", "-q", "origin", "main"]);
    let refused = team.refused("ada", &["sync"]);
    assert!(refused.contains("both changed `own.txt`") && refused.contains("git pull --rebase"), "{refused}");
    team.env.assert_clean("ada");
}
