//! Attack 24: a remote that took a push and a client that was not told, and a remote that refuses for a reason that is no
//! race.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use super::{ID, Team};

/// The commands that push, each with the branch that the commands move. A team is prepared for each.
const COMMANDS: [(&str, &[&str]); 6] = [
    ("main", &["promote", "iris", "2", "--to", "Staging"]),
    ("main", &["rollback", "iris", "--stage", "Staging", "--reason", "worse"]),
    ("requests/iris/Production/2", &["promote", "iris", "2", "--to", "Production"]),
    ("requests/iris/Production/2", &["approve", ID]),
    ("main", &["land", ID]),
    ("main", &["reject", ID, "--reason", "no"]),
];

/// A team in which the command can be run; Ada's clone and the lead's are as the hub is.
fn prepared(command: &[&str]) -> Team {
    let team = Team::new("recorded");
    match command.first().copied().unwrap_or_default() {
        "rollback" => {
            for version in ["1", "2", "1"] {
                team.ok("ada", &["promote", "iris", version, "--to", "Staging"]);
            }
            team.git("ada", &["push", "-q", "origin", "main"]);
        }
        "approve" | "reject" => team.ask(),
        "land" => {
            team.ask();
            team.approve();
        }
        _ => {}
    }
    team.git("lead", &["pull", "-q"]);
    team
}

/// Runs a command in the lead's clone with `--push`, and with this script in the place of `git push`.
fn with_push(team: &Team, args: &[&str], script: &str) -> String {
    let args: Vec<&str> = args.iter().copied().chain(["--push"]).collect();
    in_place_of_push(team, "lead", &args, script)
}

/// Runs a command that pushes in a clone, with this script in the place of `git push`. In the script, `$GIT` is
/// the real git, and the arguments are those of the call.
pub(super) fn in_place_of_push(team: &Team, person: &str, args: &[&str], script: &str) -> String {
    let real = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&real).map(|folder| folder.join("git")).find(|git| git.exists()).unwrap();
    let text = format!(
        "#!/bin/sh\nGIT='{}'\ncase \" $* \" in\n  *' push '*) {script} ;;\n  *' ls-remote '*) test ! -e ../unreachable || {{ echo 'no route to host' >&2; exit 128; }}; exec $GIT \"$@\" ;;\n  *) exec $GIT \"$@\" ;;\nesac\n",
        real.display()
    );
    std::fs::create_dir_all(team.env.path("bin")).unwrap();
    team.env.write("bin/git", &text);
    std::fs::set_permissions(team.env.path("bin/git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", team.env.path("bin").display(), std::env::var("PATH").unwrap());
    let output = team.env.modelreg(person, args).env("PATH", path).output().unwrap();
    team.env.shown(args, &output)
}

/// How many commits the hub's branch has that it did not have.
fn added(team: &Team, branch: &str, before: &str) -> usize {
    let range = format!("{before}..{branch}");
    team.git("hub.git", &["rev-list", "--first-parent", "--count", &range]).parse().unwrap()
}

/// The tip of a branch of the hub; of `main` where the branch does not exist yet.
fn tip(team: &Team, branch: &str) -> String {
    let exists = !team.git("hub.git", &["branch", "--list", branch]).is_empty();
    team.env.tip("hub.git", if exists { branch } else { "main" })
}

fn assert_both_have(team: &Team, branch: &str) {
    assert_eq!(team.env.tip("lead", branch), team.env.tip("hub.git", branch));
    team.env.assert_clean("lead");
    assert!(!team.env.path("lead/.git/modelreg.pending").exists());
}

#[test]
fn safety_24_a_command_that_is_killed_after_its_push_is_done_once() {
    for (branch, command) in COMMANDS {
        let team = prepared(command);
        let before = tip(&team, branch);
        let shown = with_push(&team, command, "$GIT \"$@\"; kill -9 $PPID");
        assert!(shown.ends_with("--- status killed\n"), "{shown}");
        assert_eq!(added(&team, branch, &before), 1, "{shown}");
        let again: Vec<&str> = command.iter().copied().chain(["--push"]).collect();
        let shown = team.ok("lead", &again);
        assert!(shown.contains("this run added nothing"), "{shown}");
        assert_eq!(added(&team, branch, &before), 1, "{shown}");
        assert_both_have(&team, branch);
    }
}

#[test]
fn safety_24_a_push_whose_answer_is_lost_is_a_success_if_the_remote_has_the_commit() {
    for (branch, command) in COMMANDS {
        let team = prepared(command);
        let before = tip(&team, branch);
        let script = "$GIT \"$@\" >/dev/null 2>&1; echo 'fatal: the remote end hung up unexpectedly' >&2; exit 128";
        let shown = with_push(&team, command, script);
        assert!(shown.ends_with("--- status 0\n"), "{shown}");
        assert_eq!(added(&team, branch, &before), 1, "{shown}");
        assert_both_have(&team, branch);
    }
}

#[test]
fn safety_24_where_the_remote_cannot_be_asked_the_same_command_again_finds_out() {
    let (branch, command) = ("main", ["rollback", "iris", "--stage", "Staging", "--reason", "worse"]);
    for taken in [true, false] {
        let team = prepared(&command);
        let before = tip(&team, branch);
        let push = if taken { "$GIT \"$@\" >/dev/null 2>&1;" } else { "" };
        team.env.write("unreachable", "");
        let shown = with_push(&team, &command, &format!("{push} echo 'fatal: the remote end hung up' >&2; exit 128"));
        assert!(shown.ends_with("--- status 2\n"), "{shown}");
        assert!(shown.contains("`origin` could not be asked whether it has the commit"), "{shown}");
        assert!(shown.contains("run the same command again: it never makes the change twice"), "{shown}");
        let again: Vec<&str> = command.iter().copied().chain(["--push"]).collect();
        let shown = team.ok("lead", &again);
        assert_eq!(shown.contains("this run added nothing"), taken, "{shown}");
        assert_eq!(added(&team, branch, &before), 1, "{shown}");
        assert_both_have(&team, branch);
    }
}

#[test]
fn safety_24_what_the_next_command_finds_it_finishes_without_a_push_too() {
    let command = ["rollback", "iris", "--stage", "Staging", "--reason", "worse"];
    let team = prepared(&command);
    with_push(&team, &command, "$GIT \"$@\"; kill -9 $PPID");
    // Another command, which goes on top of the commit that the hub has.
    let hub = tip(&team, "main");
    team.ok("lead", &["describe", "iris", "What it is."]);
    assert_eq!(team.git("lead", &["rev-parse", "main^"]), hub);
    team.env.assert_clean("lead");
}

#[test]
fn safety_24_a_lock_in_this_clone_does_not_make_a_pushed_commit_a_failure() {
    let team = prepared(&[]);
    let before = tip(&team, "main");
    let lock = "lead/.git/refs/heads/main.lock";
    team.env.write(lock, "");
    let shown = team.ok("lead", &["promote", "iris", "1", "--to", "Staging", "--push"]);
    assert!(shown.contains("warning: the commit is safe, but `main` of this clone could not be updated"), "{shown}");
    assert_eq!(added(&team, "main", &before), 1);
    std::fs::remove_file(team.env.path(lock)).unwrap();
    // This clone does not show the commit yet, and the same command is done already.
    let again = team.ok("lead", &["promote", "iris", "1", "--to", "Staging", "--push"]);
    assert!(again.contains("this run added nothing"), "{again}");
    assert_eq!(added(&team, "main", &before), 1);
    team.ok("lead", &["promote", "iris", "2", "--to", "Staging", "--push"]);
    assert_eq!(added(&team, "main", &before), 2);
    assert_both_have(&team, "main");
}

#[test]
fn safety_24_a_lock_on_a_request_s_branch_does_not_hide_that_this_clone_lacks_the_commit() {
    let team = prepared(&["approve"]);
    let branch = format!("requests/{ID}");
    let lock = format!("ada/.git/refs/heads/{branch}.lock");
    team.env.write(&lock, "");
    let shown = team.ok("ada", &["request", "link", ID, "https://forge.example/pull/1", "--push"]);
    assert!(shown.contains(&format!("warning: the commit is safe, but `{branch}` of this clone could not")), "{shown}");
    std::fs::remove_file(team.env.path(&lock)).unwrap();
    // The next command that writes finishes the work, even if its own change is refused.
    team.refused("ada", &["tag", "iris", "--remove", "nothing"]);
    assert_eq!(team.env.tip("ada", &branch), team.env.tip("hub.git", &branch));
}

#[test]
fn safety_24_a_refusal_that_is_no_race_is_told_at_once_in_the_remote_s_words() {
    let team = prepared(&[]);
    let started = Instant::now();
    // A lock that stays.
    team.env.write("hub.git/refs/heads/main.lock", "");
    let shown = team.env.run("lead", &["promote", "iris", "1", "--to", "Staging", "--push"]);
    assert!(shown.ends_with("--- status 2\n") && shown.contains("main.lock': File exists"), "{shown}");
    std::fs::remove_file(team.env.path("hub.git/refs/heads/main.lock")).unwrap();
    // A branch where the branches of requests need a folder.
    team.git("hub.git", &["branch", "requests", "main"]);
    let shown = team.env.run("lead", &["promote", "iris", "2", "--to", "Production", "--push"]);
    assert!(shown.ends_with("--- status 2\n") && shown.contains("'refs/heads/requests' exists"), "{shown}");
    assert!(started.elapsed() < Duration::from_secs(15), "{shown}");
    for branch in ["main", "requests"] {
        assert_eq!(team.env.tip("hub.git", branch), team.env.tip("lead", "main"));
    }
    team.env.assert_clean("lead");
}

#[test]
fn safety_24_a_request_that_gets_a_commit_just_before_it_lands_is_not_deleted() {
    let team = prepared(&["land"]);
    team.git("ada", &["fetch", "-q"]);
    team.ok("ada", &["request", "link", ID, "https://forge.example/pull/1"]);
    let branch = format!("requests/{ID}");
    let script = format!("$GIT -C ../ada push -q origin {branch}; exec $GIT \"$@\"");
    let before = tip(&team, "main");
    let shown = with_push(&team, &["land", ID], &script);
    assert!(shown.ends_with("--- status 1\n"), "{shown}");
    assert!(shown.contains(&format!("{ID} was changed while this command ran")), "{shown}");
    assert_eq!(tip(&team, "main"), before);
    assert_eq!(tip(&team, &branch), team.env.tip("ada", &branch));
}

#[test]
fn safety_24_a_stale_request_is_replaced_unless_somebody_else_was_faster() {
    let team = prepared(&[]);
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--push"]);
    // Production gets another version, so the request is stale.
    team.git("lead", &["pull", "-q"]);
    team.ok("lead", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.git("ada", &["pull", "-q"]);
    team.ok("ada", &["promote", "iris", "3", "--to", "Production", "--push"]);
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", "iris/Production/3", "--push"]);
    team.ok("lead", &["land", "iris/Production/3", "--push"]);
    let started = Instant::now();
    team.ok("lead", &["promote", "iris", "2", "--to", "Production", "--push"]);
    assert!(started.elapsed() < Duration::from_secs(10));
    let branch = format!("requests/{ID}");
    assert_eq!(team.env.tip("hub.git", &branch), team.env.tip("lead", &branch));
    assert_eq!(team.git("hub.git", &["rev-parse", &format!("{branch}^")]), team.env.tip("hub.git", "main"));
}
