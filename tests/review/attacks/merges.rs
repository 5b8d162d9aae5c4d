//! 14: changes that are each fine alone, and wrong together. What is judged is the merge result.

use super::{ID, IRIS, Judged, POINTER, Team, attack, judge, replace};

/// Judges the request after the registry's branch has moved on under it.
fn after(team: &Team) -> Judged {
    team.git("eve", &["checkout", "-q", "main"]);
    team.git("eve", &["pull", "-q"]);
    attack(team, |_| {})
}

#[test]
fn safety_14_a_version_that_is_deleted_meanwhile_does_not_enter() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    attack(&team, |_| {}).taken();
    team.ok("ada", &["delete", "iris@2", "--reason", "trained on the test set"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    after(&team).refused("pointer-to-deleted");
}

#[test]
fn safety_14_of_two_moves_of_one_pointer_one_lands() {
    let team = Team::new("recorded");
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    for person in ["lead", "eve"] {
        team.git(person, &["pull", "-q"]);
    }
    team.ask();
    team.approve();
    let other = "iris/Production/3";
    team.ok("ada", &["promote", "iris", "3", "--to", "Production", "--push"]);
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", other, "--push"]);
    team.ok("lead", &["land", other, "--push"]);
    // Somebody resolves the conflict in favour of the request: the move that has landed would be gone.
    team.git("eve", &["checkout", "-q", "main"]);
    team.git("eve", &["pull", "-q"]);
    team.git("eve", &["checkout", "-q", "-B", &format!("requests/{ID}"), &format!("origin/requests/{ID}")]);
    let asked = team.env.read(&format!("eve/{POINTER}"));
    team.git("eve", &["merge", "-q", "-X", "ours", "-m", "mine", "main"]);
    team.env.write(&format!("eve/{POINTER}"), &asked);
    team.git("eve", &["commit", "-q", "-a", "--allow-empty", "-m", "x"]);
    let judged = judge(&team);
    for said in [&judged.validate, &judged.push] {
        assert!(said.contains("journal-rewritten") && said.ends_with("--- status 1\n"), "{said}");
    }
    assert!(judged.land.ends_with("--- status 1\n"), "{}", judged.land);
    assert!(team.refused("lead", &["land", ID]).contains("is stale"));
}

#[test]
fn safety_14_of_two_registrations_of_one_number_one_stays() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    let manifest = format!("{IRIS}/versions/3.toml");
    let mine = |team: &Team| {
        let text = team.env.read(&format!("{IRIS}/versions/2.toml")).replace("version = 2", "version = 3");
        team.env.write(&manifest, &text);
    };
    attack(&team, mine).taken();
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.git("eve", &["checkout", "-q", "main"]);
    team.git("eve", &["pull", "-q"]);
    // In the request the number means something else: whoever resolves that for the request edits a fact.
    let resolved = |team: &Team| {
        team.git("eve", &["merge", "-q", "-m", "up to date", "main"]);
        replace(team, &manifest, "s3://models/iris/3", "s3://models/iris/other");
    };
    attack(&team, resolved).refused("fact-changed");
}
