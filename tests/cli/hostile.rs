//! A hostile environment, repository or text has no effect.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::common::TestEnvironment;

const REGISTER: [&str; 4] = ["register", "iris", "--artifact", "s3://models/iris/3"];

/// Writes a program that creates a marker file. Returns the path of the marker.
fn trap(env: &TestEnvironment, path: &str) -> std::path::PathBuf {
    let marker = env.path("obeyed");
    env.write(path, &format!("#!/bin/sh\ntouch '{}'\nexit 1\n", marker.display()));
    fs::set_permissions(env.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    marker
}

#[test]
fn gits_environment_does_not_change_the_repository() {
    let env = TestEnvironment::with_model();
    env.succeed(".", &["init", "other", "--name", "other"]);
    let other = env.tip("other", "main");
    let mut command = env.modelreg("reg", &REGISTER);
    command.env("GIT_DIR", env.path("other/.git")).env("GIT_WORK_TREE", env.path("other"));
    command.env("GIT_INDEX_FILE", env.path("other/.git/index")).env("GIT_COMMON_DIR", env.path("other/.git"));
    command.env("GIT_OBJECT_DIRECTORY", env.path("other/.git/objects"));
    command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", env.path("nowhere")).env("GIT_NAMESPACE", "elsewhere");
    command.env("GIT_CEILING_DIRECTORIES", env.path("reg"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", env.shown(&REGISTER, &output));
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    assert_eq!(env.tip("other", "main"), other);
    env.assert_clean("reg");
    env.assert_clean("other");
}

#[test]
fn a_signed_commit_is_made_in_the_named_repository_in_every_environment() {
    let env = TestEnvironment::with_model();
    crate::signing::sign_with_ssh(&env);
    env.succeed(".", &["init", "other", "--name", "other"]);
    let other = env.tip("other", "main");
    let mut command = env.modelreg("reg", &REGISTER);
    command.env("GIT_DIR", env.path("other/.git")).env("GIT_OBJECT_DIRECTORY", env.path("other/.git/objects"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", env.shown(&REGISTER, &output));
    env.git("reg", &["verify-commit", "HEAD"]);
    assert_eq!(env.tip("other", "main"), other);
    env.assert_clean("reg");
}

#[test]
fn no_program_of_the_repositorys_configuration_runs() {
    let env = TestEnvironment::with_model();
    let marker = trap(&env, "trap.sh");
    let program = env.path("trap.sh").display().to_string();
    fs::create_dir(env.path("hooks")).unwrap();
    for hook in ["pre-commit", "post-commit", "reference-transaction", "post-index-change", "prepare-commit-msg"] {
        trap(&env, &format!("hooks/{hook}"));
        trap(&env, &format!("reg/.git/hooks-{hook}"));
    }
    let hooks = env.path("hooks").display().to_string();
    for (key, value) in [
        ("core.fsmonitor", &program),
        ("core.hooksPath", &hooks),
        ("core.sshCommand", &program),
        ("core.editor", &program),
        ("core.pager", &program),
        ("diff.external", &program),
        ("filter.trap.clean", &program),
        ("filter.trap.smudge", &program),
        ("filter.trap.process", &program),
        ("alias.commit-tree", &format!("!{program}")),
        ("credential.helper", &program),
    ] {
        env.git("reg", &["config", key, value]);
    }
    env.write("reg/.git/info/attributes", "* filter=trap\n");
    let register = env.run("reg", &REGISTER);
    let promote = env.run("reg", &["promote", "iris", "3", "--to", "Staging"]);
    env.run("reg", &["validate"]);
    assert!(!marker.exists(), "obeyed by:\n{register}\n{promote}");
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
}

#[test]
fn a_repository_can_require_signatures_but_not_name_the_program_that_signs() {
    let env = TestEnvironment::with_model();
    let marker = trap(&env, "trap.sh");
    let program = env.path("trap.sh").display().to_string();
    env.git("reg", &["config", "commit.gpgsign", "true"]);
    for format in ["openpgp", "ssh", "x509"] {
        env.git("reg", &["config", "gpg.format", format]);
        for key in
            ["gpg.program", "gpg.openpgp.program", "gpg.x509.program", "gpg.ssh.program", "gpg.ssh.defaultKeyCommand"]
        {
            env.git("reg", &["config", key, &program]);
        }
        let before = env.tip("reg", "main");
        let shown = env.run("reg", &REGISTER);
        assert!(!marker.exists(), "obeyed by:\n{shown}");
        assert!(shown.ends_with("--- status 2\n"), "there is no key to sign with:\n{shown}");
        assert_eq!(env.tip("reg", "main"), before);
        assert!(env.left_over("reg").is_empty());
    }
}

#[test]
fn hooks_of_the_repository_do_not_run() {
    let env = TestEnvironment::with_model();
    fs::create_dir_all(env.path("reg/.git/hooks")).unwrap();
    let mut marker = None;
    for hook in ["pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"] {
        marker = Some(trap(&env, &format!("reg/.git/hooks/{hook}")));
    }
    env.succeed("reg", &REGISTER);
    crate::signing::sign_with_ssh(&env);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Staging"]);
    assert!(!marker.unwrap().exists());
}

#[test]
fn replaced_objects_do_not_change_what_is_read() {
    let env = TestEnvironment::with_model();
    let old = env.git("reg", &["rev-parse", "HEAD~1"]);
    env.git("reg", &["replace", "HEAD", &old]);
    env.succeed("reg", &REGISTER);
    let versions = env.git("reg", &["--no-replace-objects", "ls-tree", "--name-only", "main:models/iris/versions"]);
    assert_eq!(versions, "1.toml\n2.toml\n3.toml");
}

#[test]
fn hostile_text_cannot_forge_a_trailer_or_steer_the_terminal() {
    let env = TestEnvironment::with_model();
    let reason = "fine\n\nModelreg-Approved-by: eve@example.com\n---\ndiff --git a/x b/x\n#:schema";
    let promote = env.run("reg", &["promote", "iris", "1", "--to", "Staging", "--reason", reason]);
    let message = env.message();
    let trailers = env.git("reg", &["log", "-1", "--format=%(trailers:only)"]);
    assert!(!trailers.contains("eve"), "{trailers}");
    let escapes = [
        env.run("reg", &["promote", "iris", "2", "--to", "Staging", "--reason", "\u{1b}[2J\u{202e}evil"]),
        env.run("reg", &["promote", "\u{1b}]8;;http://evil.example\u{7}iris", "2", "--to", "Staging"]),
        env.run("reg", &["promote", "iris", "2", "--to", "\u{1b}[2J\u{202e}"]),
        env.run("reg", &["describe", "iris", "<script>alert(1)</script> ::error::x"]),
    ];
    for shown in &escapes {
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{}", shown.escape_debug());
    }
    insta::assert_snapshot!(format!("{promote}--- commit\n{message}\n\n{}", escapes.join("\n")));
    env.assert_clean("reg");
    env.succeed("reg", &["validate"]);
}

#[test]
fn a_version_is_not_moved_before_it_was_registered() {
    let mut env = TestEnvironment::with_model();
    env.set_clock("2016-01-02T03:04:05Z");
    let promote = env.run("reg", &["promote", "iris", "1", "--to", "Production"]);
    assert!(promote.contains("clock is behind the registry; the journal entry has the time 2026-01-02T03:04:05.001Z"));
    assert!(!env.run("reg", &["validate"]).contains("journal-before-version"));
}

#[test]
fn a_clock_ten_years_back_does_not_back_date_the_journal() {
    let mut env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    env.set_clock("2016-01-02T03:04:05Z");
    let promote = env.run("reg", &["promote", "iris", "2", "--to", "Production"]);
    let rollback = env.run("reg", &["rollback", "iris", "--reason", "bad"]);
    for args in [
        &["comment", "iris", "1", "made when the clock was wrong"][..],
        &["register", "iris", "--artifact", "s3://models/iris/3"],
        &["describe", "iris", "flowers"],
        &["tag", "iris@2", "tier=gold"],
        &["archive", "iris", "2"],
        &["delete", "iris@3"],
        &["restore", "iris@3"],
        &["alias", "iris", "champion", "2"],
        &["rename", "iris", "flowers"],
    ] {
        env.succeed("reg", args);
    }
    let journal = env.read("reg/models/flowers/stages/production.toml");
    insta::assert_snapshot!(format!("{promote}\n{rollback}--- journal\n{journal}"));
    env.assert_clean("reg");
    env.succeed("reg", &["validate"]);
}

/// GitHub's runner obeys `##[...]` anywhere in a line, and `::...::` at the start of a line.
#[test]
fn output_contains_no_command_for_a_workflow_runner() {
    let env = TestEnvironment::new();
    let mut said = vec![env.run(".", &["init", "reg", "--name", "a ##[error]b"])];
    fs::create_dir(env.path("model")).unwrap();
    env.write("model/##[error]w", "weights");
    env.succeed("reg", &["register", "iris", "--artifact", "../model"]);
    env.write("model/##[error]w", "others");
    // The warning names the edited file and the command that shows the difference.
    env.write("reg/models/iris/model.toml", "::error::");
    for args in [
        &["verify", "iris@1"][..],
        &["describe", "iris", "##[error]"],
        &["tag", "iris@1", "##[error]=1"],
        &["alias", "iris", "##[error]", "1"],
        &["promote", "iris", "1", "--to", "\n::error::x\n##[error]y"],
        &["promote", "iris", "\n::error::x", "--to", "Staging"],
        &["register", "iris", "--artifact", "\n::error::x ##[error]y"],
        &["validate"],
    ] {
        said.push(env.run("reg", args));
    }
    env.git(".", &["clone", "--quiet", "reg", "##[error]"]);
    said.push(env.run(".", &["-C", "##[error]", "show", "oak"]));
    said.push(env.run(".", &["init", "##[error]/below"]));
    for shown in &said {
        for line in shown.lines().filter(|line| !line.starts_with("$ modelreg")) {
            assert!(!line.contains("##[") && !line.trim_start().starts_with("::"), "{shown}");
        }
    }
    insta::assert_snapshot!(said.join("\n"));
}
