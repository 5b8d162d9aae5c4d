//! The README's account of a review is what happens.

use std::path::Path;

use super::{ID, Team};

/// Runs a command as a person, and shows it as the README does.
fn act(team: &Team, person: &str, args: &[&str]) -> String {
    let shown = team.env.run(person, args);
    let shown = shown.strip_prefix("$ modelreg ").unwrap();
    let (said, status) = shown.rsplit_once("--- status ").unwrap();
    assert_eq!(status.trim(), "0", "{shown}");
    format!("{person}$ modelreg {}\n", said.replace("--- stderr\n", "").replace("$COMMIT", "…").trim_end())
}

#[test]
fn the_readme_tells_what_happens() {
    let team = Team::new("signed");
    let fetched = |person: &str| drop(team.git(person, &["pull", "-q", "--prune"]));
    let mut story = String::new();
    let mut tell = |person: &str, args: &[&str]| {
        story.push_str(&act(&team, person, args));
        story.push('\n');
    };
    tell("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better on last week", "--push"]);
    fetched("lead");
    tell("lead", &["request", "show", ID]);
    tell("lead", &["approve", ID, "--comment", "fine with me", "--push"]);
    fetched("ada");
    team.git("ada", &["branch", "-q", "-f", &format!("requests/{ID}"), &format!("origin/requests/{ID}")]);
    tell("ada", &["land", ID, "--push"]);
    tell("ada", &["rollback", "iris", "--reason", "rejects the new sensors", "--emergency", "--push"]);
    fetched("lead");
    tell("lead", &["requests"]);
    tell("lead", &["approve", "iris/Production/1", "--comment", "right so", "--push"]);
    let story = format!("```console\n{}\n```\n", story.trim_end());
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains(&story), "the README should have:\n{story}");
}
