//! Another person changes the registry between a command's reading and its push, so the command's decision is out of date.
//! The program that signs the command's commit or approval runs at that moment: here, it makes the other person's change.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use super::{ID, Team};

/// Sets up `commands` to run once, in the folder of all clones, when a later command signs its commit or its approval.
fn while_signing(team: &Team, person: &str, commands: &str) {
    let env = &team.env;
    let root = env.path("").display().to_string();
    env.write(
        "race",
        &format!("#!/bin/sh\nset -e\ncd '{root}'\nunset $(git rev-parse --local-env-vars)\n{commands}\n"),
    );
    let signing = "#!/bin/sh\nif [ \"$2\" = sign ] && mv \"$HOME/../race\" \"$HOME/../raced\" 2>/dev/null; then\n\
                   sh \"$HOME/../raced\" >&2 || exit 9\nfi\nexec ssh-keygen \"$@\"\n";
    env.write("signing", signing);
    fs::set_permissions(env.path("signing"), Permissions::from_mode(0o755)).unwrap();
    // Only the user's own configuration can name programs.
    env.set_global_config("gpg.ssh.program", &env.path("signing").display().to_string());
    team.git(person, &["config", "commit.gpgsign", "true"]);
}

/// Runs a command, which must be refused after it lost a race.
fn refused(team: &Team, person: &str, args: &[&str]) -> String {
    let refused = team.refused(person, args);
    assert!(team.env.path("raced").exists(), "nobody was faster: {refused}");
    team.env.assert_clean(person);
    refused
}

#[test]
fn a_move_at_once_is_refused_if_its_stage_now_requires_a_review() {
    let team = Team::new("none");
    let policy = team.env.read("lead/registry.toml");
    let policy = policy.replace("policy_version = 2", "policy_version = 3").replace("\"none\"", "\"recorded\"");
    team.env.write("lead/registry.toml", &policy);
    team.git("lead", &["commit", "-q", "-a", "-m", "policy: Production is reviewed"]);
    while_signing(&team, "ada", "git -C lead push -q origin main");
    let refused = refused(&team, "ada", &["promote", "iris", "2", "--to", "Production", "--push"]);
    assert!(
        refused.contains("the policy changed while this command ran: Production now requires a review"),
        "{refused}"
    );
    assert!(refused.contains("run the command again to create a request"), "{refused}");
    assert_eq!(team.env.tip("hub.git", "main"), team.env.tip("lead", "main"));
    let again = team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--push"]);
    assert!(again.contains("Requested: ") && again.contains("1 approval is needed, by lead@example.com"), "{again}");
}

/// A rollback goes to the prior version. If the prior version has changed meanwhile, the user did not request that move.
#[test]
fn a_request_is_refused_if_its_move_would_be_another_now() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    team.ok("ada", &["land", ID, "--push"]);
    // The lead has version 3 in Production for a time, and then a branch with the name of Ada's request.
    team.git("lead", &["pull", "-q", "--prune"]);
    team.ok("lead", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.git("eve", &["pull", "-q"]);
    team.ok("eve", &["promote", "iris", "3", "--to", "Production", "--push"]);
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", "iris/Production/3"]);
    team.ok("lead", &["land", "iris/Production/3"]);
    // And version 2 again, so that Ada's clone shows the right version with another one before it.
    team.git("eve", &["pull", "-q", "../lead", "main"]);
    team.ok("eve", &["promote", "iris", "2", "--to", "Production"]);
    team.git("lead", &["fetch", "-q", "../eve", &format!("+requests/{ID}:requests/{ID}")]);
    team.ok("lead", &["approve", ID]);
    team.ok("lead", &["land", ID]);
    team.git("ada", &["pull", "-q"]);
    while_signing(&team, "ada", "git -C lead push -q origin main main:requests/iris/Production/1");
    let refused = refused(&team, "ada", &["rollback", "iris", "--reason", "worse", "--push"]);
    let why = "the registry changed while this command ran: the move is no longer iris/Production/1";
    assert!(refused.contains(why), "{refused}");
    assert!(refused.contains("run the command again for iris/Production/3"), "{refused}");
    assert_eq!(team.git("ada", &["branch", "--list", "requests/iris/Production/*"]), "");
}

#[test]
fn an_approval_is_refused_if_the_request_was_replaced() {
    let team = Team::new("recorded");
    // Eve requests the same move without knowing Ada's request, and replaces it.
    team.ok("eve", &["promote", "iris", "2", "--to", "Production", "--reason", "trust me"]);
    team.ask();
    while_signing(&team, "lead", &format!("git -C eve push -q --force origin requests/{ID}"));
    let refused = refused(&team, "lead", &["approve", ID, "--push"]);
    assert!(refused.contains("the request was changed while this command ran"), "{refused}");
    assert!(refused.contains(&format!("look at the request again: `modelreg request show {ID}`")), "{refused}");
    let branch = format!("requests/{ID}");
    assert_eq!(team.env.tip("hub.git", &branch), team.env.tip("eve", &branch), "nobody has approved it");
}

#[test]
fn a_request_with_a_new_commit_does_not_land() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    let branch = format!("requests/{ID}");
    team.ok("lead", &["request", "link", ID, "https://forge.example/pull/1"]);
    team.ok("lead", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    while_signing(&team, "ada", &format!("git -C lead push -q origin main {branch}"));
    let refused = refused(&team, "ada", &["land", ID, "--push"]);
    assert!(refused.contains(&format!("{ID} was changed while this command ran")), "{refused}");
    assert!(refused.contains(&format!("look at the request again: `modelreg request show {ID}`")), "{refused}");
    for branch in ["main", &branch] {
        assert_eq!(team.env.tip("hub.git", branch), team.env.tip("lead", branch));
    }
    team.ok("ada", &["land", ID, "--push"]);
}
