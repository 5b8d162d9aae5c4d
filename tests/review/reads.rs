//! The number of times that a command reads each file of a registry. The log shows each read through the tree's trait.

use std::collections::BTreeMap;

use crate::team::{ID, Team};

/// The maximum number of reads of one file by a command.
const MOST: usize = 3;

/// Runs modelreg in a person's clone, and counts the reads of each file.
fn reads(team: &Team, person: &str, args: &[&str]) -> BTreeMap<String, usize> {
    let output = team.env.modelreg(person, args).env("MODELREG_LOG", "modelreg::read=trace").output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{args:?}: {log}");
    let mut counts = BTreeMap::new();
    for path in log.lines().filter_map(|line| line.split("modelreg::read: ").nth(1)) {
        *counts.entry(path.to_owned()).or_default() += 1;
    }
    counts
}

#[track_caller]
fn few(team: &Team, person: &str, args: &[&str]) {
    let counts = reads(team, person, args);
    // The log is not empty: each command reads at least the policy.
    assert!(counts.contains_key("registry.toml"), "{args:?}: {counts:?}");
    assert!(counts.values().all(|count| *count <= MOST), "{args:?}: {counts:?}");
}

#[test]
fn a_move_at_once_reads_each_file_at_most_three_times() {
    let team = Team::new("none");
    few(&team, "ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better"]);
    few(&team, "ada", &["rollback", "iris", "--reason", "worse"]);
}

#[test]
fn the_steps_of_a_review_read_each_file_at_most_three_times() {
    for review in ["recorded", "signed"] {
        let team = Team::new(review);
        few(&team, "ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better"]);
        team.git("ada", &["push", "-q", "origin", &format!("requests/{ID}")]);
        team.git("lead", &["fetch", "-q"]);
        few(&team, "lead", &["request", "show", ID]);
        few(&team, "lead", &["approve", ID]);
        team.git("lead", &["push", "-q", "origin", &format!("requests/{ID}")]);
        team.git("ada", &["fetch", "-q"]);
        few(&team, "ada", &["land", ID]);
        few(&team, "ada", &["rollback", "iris", "--reason", "worse"]);
        few(&team, "ada", &["reject", "iris/Production/1"]);
        few(&team, "ada", &["rollback", "iris", "--reason", "down", "--emergency"]);
    }
}

#[test]
fn a_pushed_review_between_clones_that_are_behind_reads_each_file_at_most_three_times() {
    let team = Team::new("signed");
    few(&team, "ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better", "--push"]);
    // Eve has registered a version, and nobody has fetched it.
    team.ok("eve", &["register", "rose", "--artifact", "s3://models/rose/1"]);
    team.git("eve", &["push", "-q", "origin", "main"]);
    few(&team, "lead", &["approve", ID, "--push"]);
    few(&team, "ada", &["land", ID, "--push"]);
    few(&team, "lead", &["rollback", "iris", "--reason", "worse", "--from", "2", "--push"]);
}

#[test]
fn a_command_on_one_version_reads_no_other_manifest() {
    let team = Team::new("none");
    team.ok("ada", &["alias", "iris", "champion", "2"]);
    for args in [
        &["describe", "iris@2", "Better."][..],
        &["describe", "iris@champion", "Best."],
        &["tag", "iris@2", "reviewed=yes"],
        &["comment", "iris", "2", "good"],
        &["alias", "iris", "newest", "2"],
        &["show", "iris@champion"],
        &["resolve", "models:/iris@champion"],
        &["archive", "iris", "2"],
    ] {
        let counts = reads(&team, "ada", args);
        let manifests: Vec<_> = counts.keys().filter(|path| path.contains("/versions/")).collect();
        assert_eq!(manifests, ["models/iris/versions/2.toml"], "{args:?}");
    }
}
