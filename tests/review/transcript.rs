//! The example of `docs/review.md` is the commands' real output. `UPDATE_DOCS=1` updates the page.

use std::path::Path;

use super::{ID, Team};

/// Runs a command as a person. Returns the command and its output in the form of the page.
fn act(team: &Team, person: &str, args: &[&str]) -> String {
    let shown = team.env.run(person, args);
    let shown = shown.strip_prefix("$ modelreg ").unwrap();
    let (said, status) = shown.rsplit_once("--- status ").unwrap();
    assert_eq!(status.trim(), "0", "{shown}");
    format!("{person}$ modelreg {}\n", said.replace("--- stderr\n", "").replace("$COMMIT", "…").trim_end())
}

#[test]
fn the_example_of_a_review_equals_the_real_output() {
    let team = Team::new("signed");
    let fetched = |person: &str| drop(team.git(person, &["pull", "-q", "--prune"]));
    let mut story = String::new();
    let tell = |story: &mut String, person: &str, args: &[&str]| {
        story.push_str(&act(&team, person, args));
        story.push('\n');
    };
    tell(
        &mut story,
        "ada",
        &["promote", "iris", "2", "--to", "Production", "--reason", "better on last week", "--push"],
    );
    fetched("lead");
    tell(&mut story, "lead", &["request", "show", ID]);
    tell(&mut story, "lead", &["approve", ID, "--comment", "fine with me", "--push"]);
    fetched("ada");
    tell(&mut story, "ada", &["land", ID, "--push"]);
    let third = "iris/Production/3";
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3", "--metric", "accuracy=0.93"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.ok("ada", &["promote", "iris", "3", "--to", "Production", "--push"]);
    fetched("lead");
    team.ok("lead", &["approve", third, "--push"]);
    fetched("ada");
    team.ok("ada", &["land", third, "--push"]);
    story.push_str("# Version 3 comes into Production in the same way, and is worse on Mondays.\n\n");
    tell(&mut story, "ada", &["rollback", "iris", "--reason", "worse on Mondays", "--push"]);
    fetched("lead");
    tell(&mut story, "lead", &["approve", ID, "--push"]);
    fetched("ada");
    tell(&mut story, "ada", &["land", ID, "--push"]);
    tell(&mut story, "ada", &["rollback", "iris", "--reason", "rejects the new sensors", "--emergency", "--push"]);
    fetched("lead");
    tell(&mut story, "lead", &["requests"]);
    tell(&mut story, "lead", &["approve", "iris/Production/1", "--comment", "right so", "--push"]);
    let story = format!("```console\n{}\n```\n", story.trim_end());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let begin = page.find("```console\n").unwrap();
    let end = begin + page[begin..].find("\n```\n").unwrap() + "\n```\n".len();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, format!("{}{story}{}", &page[..begin], &page[end..])).unwrap();
    } else {
        assert_eq!(&page[begin..end], story, "UPDATE_DOCS=1 cargo test --test review transcript writes it anew");
    }
}
