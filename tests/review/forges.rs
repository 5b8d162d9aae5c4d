//! The input that each kind of forge gets with `--push`, recorded by stand-ins: AGit's and Gerrit's `refs/for/` by
//! a real proc-receive hook, GitLab's push options by a real hook too, GitHub by a program called `gh`.

use std::os::unix::fs::PermissionsExt as _;

use super::{ID, POINTER, Team};

/// A hook that accepts pushes to `refs/for/`, with the protocol of a forge (gitprotocol-pack(5) and githooks(5), "proc-receive").
const PROC_RECEIVE: &str = r#"#!/usr/bin/env python3
import subprocess, sys
def read():
    size = int(sys.stdin.buffer.read(4), 16)
    return sys.stdin.buffer.read(size - 4).decode().rstrip("\n") if size else None
def lines():
    return list(iter(read, None))
def write(text):
    data = text.encode()
    sys.stdout.buffer.write(b"%04x" % (len(data) + 4) + data if text else b"0000")
    sys.stdout.buffer.flush()
asked = lines()[0]
write("version=1\0push-options"); write("")
commands, options = lines(), lines()
with open("received", "a") as received:
    for command in commands:
        old, new, ref = command.split(" ")
        received.write(ref + "\n" + "".join("  " + option + "\n" for option in options))
        subprocess.run(["git", "update-ref", "refs/pull/7/head", new], check=True)
        print("Create a new pull request:\n  https://forge.example/acme/models/pulls/7", file=sys.stderr)
        write("ok " + ref)
write("")
"#;

const GITLAB: &str = r#"#!/bin/sh
n=0; while [ "$n" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do eval "echo \"  \$GIT_PUSH_OPTION_$n\"" >>received; n=$((n+1)); done
echo 'View merge request for the branch:'; echo '  https://gitlab.example/acme/models/-/merge_requests/7'
"#;

const GH: &str = "#!/bin/sh\nfor word; do echo \"  $word\"; done >>../hub.git/received\necho https://github.com/acme/models/pull/7\n";

fn script(team: &Team, path: &str, text: &str) {
    team.env.write(path, text);
    std::fs::set_permissions(team.env.path(path), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A team whose hub behaves like a forge of this kind.
fn team(review: &str, kind: &str) -> Team {
    let team = Team::new(review);
    team.git("hub.git", &["config", "receive.advertisePushOptions", "true"]);
    match kind {
        "gitlab" => script(&team, "hub.git/hooks/post-receive", GITLAB),
        "github" => {
            std::fs::create_dir(team.env.path("bin")).unwrap();
            script(&team, "bin/gh", GH);
        }
        _ => {
            team.git("hub.git", &["config", "receive.procReceiveRefs", "refs/for/"]);
            script(&team, "hub.git/hooks/proc-receive", PROC_RECEIVE);
        }
    }
    for person in ["ada", "lead"] {
        team.git(person, &["config", "modelreg.forge", kind]);
    }
    team
}

/// Ada makes a request. The reason contains characters that a push option cannot contain.
fn ask(team: &Team) -> String {
    let path = format!("{}:{}", team.env.path("bin").display(), std::env::var("PATH").unwrap());
    let args = ["promote", "iris", "2", "--to", "Production", "--reason", "better\nby far", "--push"];
    let output = team.env.modelreg("ada", &args).env("PATH", path).output().unwrap();
    let shown = team.env.shown(&args, &output);
    assert!(output.status.success(), "{shown}");
    shown
}

/// The forge's input, and the output for Ada.
fn recorded(team: &Team) -> String {
    let shown = ask(team);
    let received = team.env.read("hub.git/received");
    let refs = team.git("hub.git", &["for-each-ref", "--format=%(refname)"]);
    format!("{shown}\n--- the forge received\n{received}\n--- it has\n{refs}\n")
}

/// The address in the journal of the request.
fn kept(team: &Team, at: &str) -> Option<String> {
    let journal = team.git("hub.git", &["show", &format!("{at}:{POINTER}")]);
    journal.lines().find_map(|line| line.strip_prefix("request = ")).map(|address| address.trim_matches('"').to_owned())
}

#[test]
fn gitlab_opens_the_merge_request_by_push_options() {
    let team = team("signed", "gitlab");
    insta::assert_snapshot!(recorded(&team));
    let branch = format!("requests/{ID}");
    assert_eq!(kept(&team, &branch).as_deref(), Some("https://gitlab.example/acme/models/-/merge_requests/7"));
    // The approval covers the move, not the address of the pull request.
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", ID, "--push"]);
    team.ok("ada", &["land", ID, "--push"]);
    team.ok("ada", &["validate"]);
}

#[test]
fn agit_gets_a_forges_review_only_by_a_push_to_a_ref() {
    let team = team("forge", "gitea");
    insta::assert_snapshot!(recorded(&team));
    assert_eq!(kept(&team, "refs/pull/7/head").as_deref(), Some("https://forge.example/acme/models/pulls/7"));
    assert_eq!(team.git("hub.git", &["branch", "--list", "requests/*"]), "");
}

#[test]
fn agit_opens_a_pull_request_in_addition_to_the_branch_for_approvals() {
    let team = team("signed", "forgejo");
    insta::assert_snapshot!(recorded(&team));
    let branch = format!("requests/{ID}");
    assert_eq!(kept(&team, &branch).as_deref(), Some("https://forge.example/acme/models/pulls/7"));
    assert_eq!(team.git("hub.git", &["rev-parse", "refs/pull/7/head"]), team.env.tip("hub.git", &branch));
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", ID, "--push"]);
    team.ok("ada", &["land", ID, "--push"]);
}

#[test]
fn gerrit_identifies_a_change_by_its_id() {
    let team = team("forge", "gerrit");
    insta::assert_snapshot!(recorded(&team));
    let message = team.git("hub.git", &["log", "-1", "--format=%(trailers:key=Change-Id)", "refs/pull/7/head"]);
    let id = message.trim().strip_prefix("Change-Id: I").unwrap();
    assert!(id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{message}");
    // For Gerrit, one commit on the branch is one change.
    assert_eq!(team.git("hub.git", &["rev-list", "--count", "main..refs/pull/7/head"]), "1");
}

#[test]
fn github_gets_the_request_by_the_program_gh() {
    let team = team("signed", "github");
    insta::assert_snapshot!(recorded(&team));
    assert_eq!(kept(&team, &format!("requests/{ID}")).as_deref(), Some("https://github.com/acme/models/pull/7"));
}
