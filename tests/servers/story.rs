//! Two people, and a third who tries to avoid the review, over any protocol.

use super::team::{ID, Team};

/// Installs the hook on the hub.
fn guard(team: &Team) {
    team.ok("hub.git", &["hook", "install"]);
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_modelreg")).parent().unwrap();
    let hook = team.env.read("hub.git/hooks/pre-receive");
    let path = format!("#!/bin/sh\nPATH='{}':$PATH\n", program.display());
    team.env.write("hub.git/hooks/pre-receive", &hook.replacen("#!/bin/sh\n", &path, 1));
}

/// A request, an approval, the landing, a rollback with review, and an emergency. Each is pushed right after another person
/// has pushed.
pub fn play(team: &Team) {
    guard(team);
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better", "--push"]);
    team.git("lead", &["fetch", "-q"]);
    faster(team, "lead", 3);
    team.ok("lead", &["approve", ID, "--push"]);
    // Eve pushes a move without an approval.
    team.git("eve", &["pull", "-q"]);
    let pointer = team.env.read("eve/models/iris/stages/production.toml");
    let forged = pointer.replacen("version = 1", "version = 2", 1)
        + "\n[[history]]\nat = 2026-01-02T03:04:06Z\nby = \"eve@example.com\"\naction = \"promote\"\nversion = 2\nfrom = 1\n";
    team.env.write("eve/models/iris/stages/production.toml", &forged);
    team.git("eve", &["commit", "-q", "-a", "-m", "past the review"]);
    let refused = team.env.git_with_hooks("eve", &["push", "origin", "main"]);
    assert!(refused.contains("approvals-missing") && refused.ends_with("--- status 1\n"), "{refused}");
    let refused = team.env.git_with_hooks("eve", &["push", "--force", "origin", "HEAD~2:main"]);
    assert!(refused.ends_with("--- status 1\n"), "{refused}");
    team.git("eve", &["reset", "-q", "--hard", "origin/main"]);
    // The hub gets a commit that Ada has not fetched.
    faster(team, "eve", 4);
    faster(team, "lead", 5);
    team.ok("ada", &["land", ID, "--push"]);
    assert_eq!(team.env.tip("ada", "main"), team.env.tip("hub.git", "main"));
    // A reviewed rollback.
    team.ok("ada", &["rollback", "iris", "--stage", "Production", "--reason", "worse on Mondays", "--push"]);
    team.git("lead", &["fetch", "-q", "--prune"]);
    let back = "iris/Production/1";
    assert!(team.ok("lead", &["requests"]).contains(back));
    team.ok("lead", &["approve", back, "--push"]);
    faster(team, "eve", 6);
    team.ok("lead", &["land", back, "--push"]);
    // A promotion, and an emergency rollback that is approved afterwards. Ada pulls first: a move is refused if the clone
    // has another version in the stage.
    team.git("ada", &["pull", "-q", "--prune"]);
    team.ok("ada", &["promote", "iris", "3", "--to", "Production", "--push"]);
    team.git("lead", &["fetch", "-q", "--prune"]);
    team.ok("lead", &["approve", "iris/Production/3", "--push"]);
    team.ok("lead", &["land", "iris/Production/3", "--push"]);
    team.git("ada", &["pull", "-q", "--prune"]);
    team.ok("ada", &["rollback", "iris", "--stage", "Production", "--reason", "it burns", "--emergency", "--push"]);
    team.git("lead", &["pull", "-q", "--prune"]);
    assert!(team.ok("lead", &["requests"]).contains("emergency, awaits approval"));
    faster(team, "eve", 7);
    team.ok("lead", &["approve", back, "--push"]);
    assert!(team.ok("lead", &["requests"]).contains("no open requests"));
    team.git("ada", &["pull", "-q", "--prune"]);
    team.ok("ada", &["validate"]);
    team.ok("ada", &["validate", "--base", "HEAD~5"]);
    assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3, 4, 5, 6, 7]);
    for person in ["ada", "lead"] {
        team.env.assert_clean(person);
        assert_eq!(team.env.tip(person, "main"), team.env.tip("hub.git", "main"));
    }
    team.env.assert_sound("hub.git");
}

/// A person registers a version on top of the hub's commit, and pushes it.
fn faster(team: &Team, person: &str, version: u64) {
    team.git(person, &["pull", "-q"]);
    let uri = format!("s3://models/iris/{version}");
    team.ok(person, &["register", "iris", "--artifact", &uri, "--metric", "accuracy=0.9"]);
    let pushed = team.env.git_with_hooks(person, &["push", "-q", "origin", "main"]);
    assert!(pushed.ends_with("--- status 0\n"), "{pushed}");
}

pub fn over_a_path() {
    play(&Team::new("signed"));
}
