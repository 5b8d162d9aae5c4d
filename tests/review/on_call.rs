//! The on-call engineer who knows nothing of the registry, and the places from which a move is made.

use super::{ID, Team};

/// Version 2 is in Production after version 1.
fn in_production() -> Team {
    let team = Team::new("recorded");
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--push"]);
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", ID, "--push"]);
    team.ok("lead", &["land", ID, "--push"]);
    team
}

/// The words of the suggested command that begins so, without the program.
fn suggested(said: &str, start: &str) -> Vec<String> {
    let mut commands = said.lines().filter_map(|line| line.trim().strip_prefix("next: "));
    let command = commands.find(|command| command.starts_with(start)).unwrap();
    shlex::split(command.split('#').next().unwrap()).unwrap().into_iter().skip(1).collect()
}

#[test]
fn from_a_clone_of_depth_one_to_a_rolled_back_production_in_three_commands() {
    let team = in_production();
    // One.
    let hub = format!("file://{}", team.env.path("hub.git").display());
    team.git(".", &["clone", "-q", "--depth=1", &hub, "oncall"]);
    // Two: the policy wants a review, and the answer says that nothing has changed yet, and how it is done at once.
    let asked = team.ok("oncall", &["rollback", "iris", "--reason", "all predictions are zero", "--push"]);
    assert!(asked.contains("… Requested: Roll back iris in Production from 2 to 1"), "{asked}");
    assert!(asked.contains("in Production until the request lands: version 2, s3://models/iris/2"), "{asked}");
    team.ok("ada", &["sync"]);
    assert!(team.ok("ada", &["resolve", "models:/iris/Production"]).contains("s3://models/iris/2"));
    // Three: the command that the answer has named.
    let command = suggested(&asked, "modelreg rollback");
    assert!(command.contains(&"--emergency".to_owned()), "{command:?}");
    let done = team.ok("oncall", &command.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(done.contains("✔ Roll back iris in Production from 2 to 1"), "{done}");
    assert!(done.contains("on main, pushed to origin"), "{done}");
    assert!(done.contains("in Production now: version 1, s3://models/iris/1"), "{done}");
    assert!(done.contains("an emergency: the approval is missing"), "{done}");
    team.ok("ada", &["sync"]);
    assert!(team.ok("ada", &["resolve", "models:/iris/Production"]).contains("s3://models/iris/1"));
    // The same once more goes no version further.
    let again = team.env.run("oncall", &command.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(again.ends_with("--- status 1\n"), "{again}");
    assert!(team.ok("ada", &["requests"]).contains("emergency"));
}

#[test]
fn the_answer_of_a_move_on_another_branch_names_what_the_registrys_branch_has() {
    let team = Team::new("none");
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--push"]);
    team.git("ada", &["switch", "-q", "-c", "mine"]);
    let shown = team.ok("ada", &["rollback", "iris", "--reason", "worse"]);
    assert!(shown.contains("on mine, only in this clone"), "{shown}");
    assert!(shown.contains("in Production on main: version 2, s3://models/iris/2"), "{shown}");
}

#[test]
fn a_request_is_made_on_a_detached_head_and_says_what_serves() {
    let team = in_production();
    team.git("ada", &["pull", "-q"]);
    team.git("ada", &["switch", "-q", "--detach"]);
    let shown = team.ok("ada", &["rollback", "iris", "--reason", "worse", "--push"]);
    assert!(shown.contains("in Production until the request lands: version 2, s3://models/iris/2"), "{shown}");
    let checked = team.env.run("ada", &["doctor"]);
    assert!(checked.contains("HEAD is detached") && checked.contains("git switch main"), "{checked}");
}

#[test]
fn doctor_says_what_this_clone_and_the_remote_do_not_have_in_common() {
    let team = Team::new("recorded");
    let doctor = |person: &str| team.env.run(person, &["doctor"]);
    assert!(doctor("ada").contains("`main` and `origin/main` are the same"), "{}", doctor("ada"));
    team.ok("ada", &["describe", "iris", "own"]);
    assert!(doctor("ada").contains("has 1 commit that `origin` does not have"), "{}", doctor("ada"));
    team.ok("lead", &["tag", "iris", "a=1", "--push"]);
    team.git("ada", &["fetch", "-q"]);
    assert!(doctor("ada").contains("have diverged: 1 commit here, 1 commit there"), "{}", doctor("ada"));
    team.ok("ada", &["sync"]);
    team.git("lead", &["fetch", "-q"]);
    assert!(doctor("lead").contains("is 1 commit behind `origin/main`"), "{}", doctor("lead"));
    team.ok("ada", &["promote", "iris", "2", "--to", "Production"]);
    assert!(doctor("ada").contains("the request iris/Production/2 is only in this clone"), "{}", doctor("ada"));
    team.git("ada", &["switch", "-q", "-c", "mine"]);
    assert!(doctor("ada").contains("`mine` is checked out"), "{}", doctor("ada"));
}
