//! The commands that modelreg prints for the user to run next. They publish the change and nothing else, for every
//! checked-out branch and every name of a remote.

use crate::common::TestEnvironment;

use super::{ID, Team};

/// Runs the line of a command's output that begins with `start`. Returns whether it succeeded.
fn obey(env: &TestEnvironment, dir: &str, said: &str, start: &str) -> bool {
    let line = said.lines().find_map(|line| line.find(start).map(|at| &line[at..]));
    let line = line.unwrap_or_else(|| panic!("no `{start}` in {said}"));
    let output = env.program(dir, "sh").args(["-c", line]).output().unwrap();
    // The output does not contain the test's folder, so it is added.
    assert!(!line.contains("$TMP"), "{line}");
    output.status.success()
}

/// The branches of the hub, with their tips.
fn hub(team: &Team) -> String {
    team.git("hub.git", &["for-each-ref", "--format=%(refname:short) %(objectname)"])
}

/// A request that can land. The clone has other work checked out.
fn ready_beside_other_work() -> Team {
    let team = Team::new("signed");
    team.ask();
    team.approve();
    team.git("ada", &["switch", "-q", "-c", "secret"]);
    team.git("ada", &["commit", "-q", "--allow-empty", "-m", "not for others"]);
    team
}

#[test]
fn the_push_after_land_works_from_another_branch() {
    let team = ready_beside_other_work();
    let said = team.ok("ada", &["land", ID]);
    assert!(obey(&team.env, "ada", &said, "git push "), "{said}");
    assert_eq!(hub(&team), format!("main {}", team.env.tip("ada", "main")));
    assert_eq!(team.git("ada", &["log", "-1", "--format=%an", "main"]), "ada");
}

#[test]
fn the_push_after_reject_works_from_a_detached_head() {
    let team = ready_beside_other_work();
    team.git("ada", &["switch", "-q", "--detach"]);
    let said = team.ok("ada", &["reject", ID, "--reason", "not now"]);
    assert!(obey(&team.env, "ada", &said, "git push "), "{said}");
    assert_eq!(hub(&team), format!("main {}", team.env.tip("ada", "main")));
}

#[test]
fn a_printed_command_names_the_other_folder() {
    let team = ready_beside_other_work();
    let said = team.ok(".", &["-C", "ada", "land", ID]);
    assert!(obey(&team.env, ".", &said, "git -C ada push "), "{said}");
    assert_eq!(hub(&team), format!("main {}", team.env.tip("ada", "main")));
}

#[test]
fn a_request_that_has_moved_is_not_removed() {
    let team = ready_beside_other_work();
    let said = team.ok("ada", &["land", ID]);
    let branch = format!("requests/{ID}");
    team.git("lead", &["switch", "-q", &branch]);
    team.git("lead", &["commit", "-q", "--allow-empty", "-m", "one more word"]);
    team.git("lead", &["push", "-q", "origin", &branch]);
    assert!(!obey(&team.env, "ada", &said, "git push "), "{said}");
    let (main, request) = (team.env.tip("ada", "main"), team.env.tip("lead", &branch));
    assert_eq!(hub(&team), format!("main {main}\n{branch} {request}"));
}

#[test]
fn a_landing_that_the_remote_refuses_keeps_the_request() {
    let team = ready_beside_other_work();
    let said = team.ok("ada", &["land", ID]);
    team.git("lead", &["switch", "-q", "main"]);
    team.git("lead", &["commit", "-q", "--allow-empty", "-m", "meanwhile"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    let before = hub(&team);
    assert!(!obey(&team.env, "ada", &said, "git push "), "{said}");
    assert_eq!(hub(&team), before);
}

#[test]
fn a_remotes_name_is_quoted() {
    let team = Team::new("forge");
    team.git("ada", &["remote", "rename", "origin", "hub;touch${IFS}obeyed"]);
    let said = team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better"]);
    assert!(obey(&team.env, "ada", &said, "git push "), "{said}");
    assert!(!team.env.path("ada/obeyed").exists());
    let branch = format!("requests/{ID}");
    assert!(hub(&team).ends_with(&format!("{branch} {}", team.env.tip("ada", &branch))));
}

#[test]
fn the_hint_for_a_branch_that_is_behind_never_loses_a_commit() {
    let team = ready_beside_other_work();
    team.git("lead", &["switch", "-q", "main"]);
    team.git("lead", &["commit", "-q", "--allow-empty", "-m", "meanwhile"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.git("ada", &["fetch", "-q"]);
    let said = team.refused("ada", &["land", ID]);
    // Another commit is made before the printed command runs.
    let before = team.env.tip("ada", "main");
    let made = team.git("ada", &["commit-tree", "-p", "main", "-m", "mine", "main^{tree}"]);
    team.git("ada", &["branch", "-f", "main", &made]);
    assert!(!obey(&team.env, "ada", &said, "git fetch . "), "{said}");
    assert_eq!(team.env.tip("ada", "main"), made);
    team.git("ada", &["branch", "-f", "main", &before]);
    assert!(obey(&team.env, "ada", &said, "git fetch . "), "{said}");
    assert_eq!(team.env.tip("ada", "main"), team.env.tip("lead", "main"));
    team.ok("ada", &["land", ID]);
}

#[test]
fn an_approver_who_lands_gets_the_command_that_publishes_the_landing() {
    let team = Team::new("signed");
    team.ask();
    let said = team.ok("lead", &["approve", ID]);
    assert!(obey(&team.env, "lead", &said, "git push "), "{said}");
    // The branch of the request is now in this clone and on the remote, at one commit.
    let said = team.ok("lead", &["land", ID]);
    assert!(obey(&team.env, "lead", &said, "git push "), "{said}");
    assert_eq!(hub(&team), format!("main {}", team.env.tip("lead", "main")));
}

#[test]
fn a_requester_who_withdraws_gets_the_command_that_publishes_the_withdrawal() {
    let team = Team::new("signed");
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better", "--push"]);
    let said = team.ok("ada", &["reject", ID]);
    assert!(obey(&team.env, "ada", &said, "git push "), "{said}");
    assert_eq!(hub(&team), format!("main {}", team.env.tip("ada", "main")));
}

#[test]
fn a_request_that_no_remote_has_is_closed_by_pushing_only_the_branch() {
    let team = Team::new("recorded");
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better"]);
    let said = team.ok("ada", &["reject", ID]);
    assert!(said.contains("next: git push origin main:main\n"), "{said}");
    assert!(obey(&team.env, "ada", &said, "git push "), "{said}");
}
