//! Two clones that are behind each other: `--push` at every command that writes.

use std::process::{Child, Stdio};

use super::Team;

/// Every command that writes, in an order in which each can be run. Those of the review are in `pushing.rs`.
const WRITES: [&[&str]; 13] = [
    &["register", "iris", "--artifact", "s3://models/iris/3"],
    &["describe", "iris", "What it is."],
    &["tag", "iris@3", "team=botany"],
    &["alias", "iris", "best", "3"],
    &["comment", "iris", "3", "fine"],
    &["promote", "iris", "3", "--to", "Staging"],
    &["promote", "iris", "2", "--to", "Staging", "--from", "3"],
    &["rollback", "iris", "--stage", "Staging", "--reason", "worse", "--from", "2"],
    &["withdraw", "iris", "3", "--from", "Staging"],
    &["archive", "iris", "3"],
    &["unarchive", "iris", "3"],
    &["delete", "iris@2", "--reason", "wrong data"],
    &["restore", "iris@2"],
];

#[test]
fn every_command_that_writes_can_push_from_a_clone_that_is_behind() {
    let team = Team::new("recorded");
    for (turn, args) in WRITES.iter().enumerate() {
        // Each is behind by what the other has just done.
        let (person, other) = if turn % 2 == 0 { ("ada", "lead") } else { ("lead", "ada") };
        let shown = team.ok(person, &[args, &["--push"][..]].concat());
        assert!(shown.contains(" on main, pushed to origin\n"), "{shown}");
        assert_eq!(team.env.tip(person, "main"), team.env.tip("hub.git", "main"));
        assert_ne!(team.env.tip(other, "main"), team.env.tip("hub.git", "main"));
        team.env.assert_clean(person);
    }
    team.git("lead", &["pull", "-q"]);
    team.ok("lead", &["rename", "iris", "lily", "--push"]);
    team.ok("ada", &["show", "iris"]);
    team.git("ada", &["pull", "-q"]);
    team.ok("ada", &["validate"]);
    assert_eq!(team.env.versions("hub.git", "main", "lily"), [1, 2, 3]);
}

#[test]
fn the_configuration_makes_every_command_push_and_an_option_does_not() {
    let team = Team::new("recorded");
    team.git("ada", &["config", "modelreg.push", "true"]);
    let before = team.env.tip("hub.git", "main");
    let shown = team.ok("ada", &["describe", "iris", "one", "--no-push"]);
    assert!(shown.contains(" on main, only in this clone\n"), "{shown}");
    assert!(shown.contains("next: modelreg sync\n"), "{shown}");
    assert_eq!(team.env.tip("hub.git", "main"), before);
    let shown = team.ok("ada", &["describe", "iris", "two"]);
    assert!(shown.contains(" on main, pushed to origin\n"), "{shown}");
    assert_eq!(team.env.tip("hub.git", "main"), team.env.tip("ada", "main"));
    team.git("ada", &["config", "modelreg.push", "perhaps"]);
    let shown = team.env.run("ada", &["describe", "iris", "three"]);
    assert!(shown.ends_with("--- status 2\n") && shown.contains("git config modelreg.push true"), "{shown}");
}

/// Clones that fetch less than all branches: a bare one, of which git keeps no remote branches, and one of a single branch.
#[test]
fn clones_that_fetch_little_push_join_and_see_requests() {
    let team = Team::new("recorded");
    let hub = format!("file://{}", team.env.path("hub.git").display());
    for (clone, how) in [("bare.git", &["--bare"][..]), ("shallow", &["--depth=1"])] {
        team.git(".", &[&["clone", "-q"], how, &[&hub, clone]].concat());
        // Nobody pulls in between.
        let uri = format!("s3://models/iris/{clone}");
        team.ok("ada", &["register", "iris", "--artifact", &format!("{uri}/ada"), "--push"]);
        team.ok(clone, &["register", "iris", "--artifact", &format!("{uri}/1"), "--push"]);
        team.ok("ada", &["describe", "iris", &uri, "--push"]);
        team.ok(clone, &["register", "iris", "--artifact", &format!("{uri}/2")]);
        let branch: &[&str] = if clone == "bare.git" { &["--branch", "main"] } else { &[] };
        team.ok(clone, &[&["sync"], branch].concat());
        assert_eq!(team.env.tip(clone, "main"), team.env.tip("hub.git", "main"));
    }
    assert_eq!(team.env.versions("hub.git", "main", "iris"), [1, 2, 3, 4, 5, 6, 7, 8]);
    team.ok("lead", &["promote", "iris", "2", "--to", "Production", "--push"]);
    for clone in ["bare.git", "shallow"] {
        team.ok(clone, &["tag", "iris", &format!("of={clone}"), "--push"]);
        assert!(team.ok(clone, &["requests"]).contains("iris/Production/2"));
    }
    team.env.assert_clean("shallow");
}

fn start(team: &Team, clone: &str, args: &[&str]) -> Child {
    team.env.modelreg(clone, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Starts a registration for each clone at once; each must end well and say a number of its own. Gives the numbers.
fn register_at_once(team: &Team, clones: &[&str]) -> Vec<u64> {
    let register = |writer: usize| format!("s3://models/iris/of-{writer}");
    let children: Vec<Child> = (clones.iter().enumerate())
        .map(|(n, clone)| start(team, clone, &["register", "iris", "--artifact", &register(n), "--push"]))
        .collect();
    let mut numbers = Vec::new();
    for (n, child) in children.into_iter().enumerate() {
        let output = child.wait_with_output().unwrap();
        let shown = team.env.shown(&["register"], &output);
        assert!(output.status.success(), "{shown}");
        let number = shown.split_once("Register iris ").and_then(|(_, rest)| rest.split_whitespace().next()).unwrap();
        let manifest = team.git("hub.git", &["show", &format!("main:models/iris/versions/{number}.toml")]);
        assert!(manifest.contains(&register(n)), "version {number} is another's:\n{manifest}");
        numbers.push(number.parse().unwrap());
    }
    numbers.sort_unstable();
    numbers
}

#[test]
fn training_jobs_that_register_at_once_all_succeed() {
    let team = Team::new("recorded");
    assert_eq!(register_at_once(&team, &["ada", "lead", "eve"]), [3, 4, 5]);
    team.env.assert_sound("hub.git");
    for person in ["ada", "lead", "eve"] {
        team.env.assert_clean(person);
    }
}

#[test]
fn jobs_that_register_from_one_clone_at_once_all_succeed() {
    let team = Team::new("recorded");
    assert_eq!(register_at_once(&team, &["ada"; 6]), [3, 4, 5, 6, 7, 8]);
    assert_eq!(team.env.tip("ada", "main"), team.env.tip("hub.git", "main"));
    team.env.assert_clean("ada");
}

/// A commit that was made without a push is not told as pushed when the command is run again with one.
#[test]
fn a_command_that_was_killed_without_a_push_is_pushed_by_its_retry() {
    let team = Team::new("recorded");
    let describe = ["describe", "iris", "What it is."];
    let from = team.env.tip("ada", "main");
    team.ok("ada", &describe);
    let (commit, at) = (team.env.tip("ada", "main"), crate::common::NOW);
    let note = format!(
        "modelreg.pending 3\nbranch refs/heads/main\ntip {from}\nfrom {from}\ncommit {commit} {at}\npath models/iris/model.toml\nfollow\n"
    );
    team.env.write("ada/.git/modelreg.pending", &note);
    let shown = team.ok("ada", &[&describe[..], &["--push"]].concat());
    assert!(shown.contains("this run added nothing") && shown.contains("pushed to origin"), "{shown}");
    assert_eq!(team.env.tip("hub.git", "main"), commit);
}
