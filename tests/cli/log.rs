//! `MODELREG_LOG`: the log's lines, the unchanged output, and the check of git's version.

use std::fs::{self, File, Permissions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::common::TestEnvironment;

const PROMOTE: [&str; 6] = ["promote", "iris", "1", "--to", "Staging", "--push"];

/// A registry with a model, whose `main` is on a remote.
fn with_remote() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.git(".", &["init", "--quiet", "--bare", "-b", "main", "hub.git"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    env.git("reg", &["push", "--quiet", "origin", "main"]);
    env
}

#[test]
fn the_log_shows_each_step_of_a_write_and_each_program_with_its_time() {
    let env = with_remote();
    let output = env.modelreg("reg", &PROMOTE).env("MODELREG_LOG", "debug").output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    let tip = env.tip("reg", "main");
    let mut rest = log.as_str();
    for next in [
        "DEBUG modelreg::program: git version [exit status: 0] ",
        "DEBUG modelreg::program: git -c core.fsmonitor=false -C ",
        " fetch --quiet --prune --end-of-options origin [exit status: 0] ",
        &format!("DEBUG modelreg::step: wrote commit {tip}, which changes "),
        &format!("DEBUG modelreg::step: noted commit {tip}, which refs/heads/main is about to get\n"),
        " push --quiet --porcelain --end-of-options origin ",
        "[exit status: 0] ",
        &format!("DEBUG modelreg::step: moved refs/heads/main to {tip}\n"),
        " checked-out files\n",
        "DEBUG modelreg::step: removed the note",
    ] {
        let at = rest.find(next).unwrap_or_else(|| panic!("no `{next}` in its turn in\n{log}"));
        rest = &rest[at + next.len()..];
    }
    assert!(log.lines().filter(|line| line.contains("modelreg::program")).all(|line| line.ends_with(" ms")), "{log}");
    assert!(!log.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn without_the_variable_there_is_no_log_and_with_it_the_output_is_the_same() {
    let env = TestEnvironment::with_model();
    let list =
        |log: &str| env.modelreg("reg", &["list", "--format", "json"]).env("MODELREG_LOG", log).output().unwrap();
    assert!(list("").stderr.is_empty());
    assert_eq!(list("").stdout, list("trace").stdout);
    let said = env.modelreg("reg", &["alias", "iris", "champion", "1"]).output().unwrap();
    assert!(said.status.success());
    assert!(!String::from_utf8_lossy(&said.stderr).contains("modelreg::"));
}

#[test]
fn an_unknown_level_is_refused_before_any_change() {
    let env = TestEnvironment::with_model();
    let before = env.tip("reg", "main");
    let output = env.modelreg("reg", &["tag", "iris", "a=b"]).env("MODELREG_LOG", "loud").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("MODELREG_LOG: `loud` is not a log level"), "{said}");
    assert!(said.contains("MODELREG_LOG=debug"), "{said}");
    assert_eq!(env.tip("reg", "main"), before);
}

#[test]
fn the_log_shows_that_a_command_waits_for_another() {
    let env = TestEnvironment::with_model();
    let lock = File::open(env.path("reg/.git")).unwrap();
    lock.lock().unwrap();
    let mut command = env.modelreg("reg", &["alias", "iris", "champion", "1"]);
    let mut child = command
        .env("MODELREG_LOG", "modelreg::retry=debug")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
    lock.unlock().unwrap();
    assert!(first.contains("modelreg::retry: waiting for another command that writes in this clone"), "{first}");
    child.wait().unwrap();
}

#[test]
fn an_old_git_is_refused_and_nothing_is_written() {
    let env = with_remote();
    fs::create_dir(env.path("bin")).unwrap();
    let before = (env.tip("reg", "main"), env.tip("hub.git", "main"));
    let promote = |version: &str| {
        env.write("bin/git", &format!("#!/bin/sh\necho git version {version}\n"));
        fs::set_permissions(env.path("bin/git"), Permissions::from_mode(0o755)).unwrap();
        let output = env.modelreg("reg", &PROMOTE).env("PATH", env.path("bin")).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (done, said) = promote("2.23.4");
    assert!(!done && said.contains("git 2.23 is installed; modelreg needs git 2.24 or newer"), "{said}");
    assert!(said.contains("https://git-scm.com/downloads"), "{said}");
    assert_eq!((env.tip("reg", "main"), env.tip("hub.git", "main")), before);
    let (_, said) = promote("2.24.0");
    assert!(!said.contains("modelreg needs"), "{said}");
}

#[test]
fn without_git_the_error_names_the_missing_program() {
    let env = with_remote();
    fs::create_dir(env.path("bin")).unwrap();
    let output = env.modelreg("reg", &PROMOTE).env("PATH", env.path("bin")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("`git` is not installed, or not on the PATH"), "{said}");
    assert!(said.contains("install git"), "{said}");
}
