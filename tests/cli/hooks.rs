//! The hooks of a clone: where they are installed, and which commits they accept.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::common::TestEnvironment;

const INSTALL: [&str; 2] = ["hook", "install"];
const BREAK: &str = "format = 1\nname = \"acme\"\ncolour = \"red\"\n";

fn with_hooks() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &INSTALL);
    env
}

#[test]
fn installing_writes_the_hooks_and_a_second_time_updates_them() {
    let env = TestEnvironment::with_model();
    let first = env.run("reg", &INSTALL);
    let script = env.read("reg/.git/hooks/pre-commit");
    let mode = fs::metadata(env.path("reg/.git/hooks/pre-push")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    let old = script.replace("exec modelreg", "exec modelreg --old");
    env.write("reg/.git/hooks/pre-commit", &old);
    let second = env.run("reg", &INSTALL);
    assert_eq!(env.read("reg/.git/hooks/pre-commit"), script);
    insta::assert_snapshot!(format!("{first}\n--- pre-commit\n{script}\n{second}"));
}

#[test]
fn another_programs_hook_stays_and_the_output_has_the_line_to_add() {
    let env = TestEnvironment::with_model();
    env.write("reg/.git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    env.write("elsewhere", "kept\n");
    symlink(env.path("elsewhere"), env.path("reg/.git/hooks/pre-commit")).unwrap();
    insta::assert_snapshot!(env.run("reg", &INSTALL));
    assert_eq!(env.read("reg/.git/hooks/pre-push"), "#!/bin/sh\nexit 0\n");
    assert_eq!(env.read("elsewhere"), "kept\n");
}

#[test]
fn the_users_own_folder_of_hooks_is_used_and_the_repositorys_only_inside_of_the_repository() {
    let env = TestEnvironment::with_model();
    env.set_global_config("core.hooksPath", &env.path("home/hooks").display().to_string());
    let users = env.run("reg", &INSTALL);
    assert!(env.path("home/hooks/pre-commit").exists() && !env.path("reg/.git/hooks/pre-commit").exists());
    env.git("reg", &["config", "core.hooksPath", ".husky"]);
    let inside = env.run("reg", &INSTALL);
    assert!(env.path("reg/.husky/pre-push").exists());
    env.git("reg", &["config", "core.hooksPath", "../outside"]);
    let outside = env.run("reg", &INSTALL);
    assert!(!env.path("outside").exists());
    insta::assert_snapshot!([users, inside, outside].join("\n"));
}

#[test]
fn the_hook_checks_the_staged_files_and_not_those_in_the_folder() {
    let env = with_hooks();
    let good = env.read("reg/registry.toml");
    env.write("reg/registry.toml", BREAK);
    env.write("reg/README.md", "new\n");
    let unstaged = env.git_with_hooks("reg", &["commit", "--quiet", "-m", "readme", "README.md"]);
    env.git("reg", &["add", "registry.toml"]);
    env.write("reg/registry.toml", &good);
    let staged = env.git_with_hooks("reg", &["commit", "--quiet", "-m", "broken"]);
    let shown = env.run("reg", &["validate", "--staged"]);
    insta::assert_snapshot!([unstaged, staged, shown].join("\n"));
    env.git("reg", &["reset", "--quiet", "--hard"]);
    env.assert_clean("reg");
}

#[test]
fn the_hook_checks_the_files_of_commit_all() {
    let env = with_hooks();
    env.write("reg/registry.toml", BREAK);
    let before = env.tip("reg", "main");
    assert!(env.git_with_hooks("reg", &["commit", "-am", "broken"]).ends_with("status 1\n"));
    assert_eq!(env.tip("reg", "main"), before);
    assert!(env.git_with_hooks("reg", &["commit", "-qam", "broken", "--no-verify"]).ends_with("status 0\n"));
}

#[test]
fn only_the_hooks_use_git_s_environment() {
    let env = with_hooks();
    fs::copy(env.path("reg/.git/index"), env.path("good.index")).unwrap();
    env.write("reg/registry.toml", BREAK);
    env.git("reg", &["add", "registry.toml"]);
    let status = |args: &[&str]| {
        let mut command = env.modelreg("reg", args);
        command.env("GIT_INDEX_FILE", env.path("good.index")).env("GIT_QUARANTINE_PATH", env.path("nowhere"));
        command.output().unwrap().status.code()
    };
    assert_eq!(status(&["validate", "--staged"]), Some(1));
    assert_eq!(status(&["hook", "pre-commit"]), Some(0));
    env.git("reg", &["reset", "--quiet", "--hard"]);
    assert_eq!(status(&["register", "iris", "--artifact", "s3://models/iris/3"]), Some(0));
}

#[test]
fn a_branch_that_was_made_again_is_checked_from_its_merge_base() {
    let env = with_hooks();
    env.git(".", &["init", "--quiet", "--bare", "-b", "main", "hub.git"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    let push = |args: &[&str]| env.git_with_hooks("reg", &[&["push", "-q", "origin"], args].concat());
    assert!(push(&["main"]).ends_with("status 0\n"));
    env.git("reg", &["switch", "--quiet", "-c", "side"]);
    env.register("iris", 3);
    assert!(push(&["side"]).ends_with("status 0\n"));
    env.git("reg", &["reset", "--quiet", "--hard", "main"]);
    env.succeed("reg", &["register", "iris", "--artifact", "s3://models/iris/other"]);
    assert!(push(&["--force", "side"]).ends_with("status 0\n"));
    // A forced push of the registry's branch itself is refused, because commits would be lost.
    assert!(push(&["side:main"]).ends_with("status 0\n"));
    let forced = push(&["--force", "side~1:main"]);
    assert!(forced.contains("refs/heads/main is refused") && forced.ends_with("status 1\n"), "{forced}");
}

#[test]
fn a_split_index_is_read_too() {
    let env = with_hooks();
    env.git("reg", &["update-index", "--split-index"]);
    env.write("reg/registry.toml", BREAK);
    env.git("reg", &["add", "registry.toml"]);
    assert!(env.git_with_hooks("reg", &["commit", "-m", "broken"]).ends_with("status 1\n"));
    env.git("reg", &["reset", "--quiet", "--hard"]);
    env.assert_clean("reg");
}

#[test]
fn a_branch_without_the_registry_is_not_checked() {
    let env = TestEnvironment::new();
    env.git(".", &["init", "--quiet", "-b", "main", "mono"]);
    env.succeed(".", &["init", "mono/it's ml"]);
    env.succeed("mono/it's ml", &INSTALL);
    env.git("mono", &["switch", "--quiet", "--orphan", "pages"]);
    env.write("mono/index.html", "hello\n");
    env.git("mono", &["add", "index.html"]);
    assert!(env.git_with_hooks("mono", &["commit", "-qm", "page"]).ends_with("status 0\n"));
    env.git("mono", &["switch", "--quiet", "main"]);
    env.write("mono/it's ml/registry.toml", BREAK);
    let refused = env.git_with_hooks("mono", &["commit", "-am", "broken"]);
    assert!(refused.contains("it's ml/registry.toml") && refused.ends_with("status 1\n"), "{refused}");
}

#[test]
fn without_the_program_the_hook_refuses_and_names_the_way_to_skip_it() {
    let env = with_hooks();
    env.write("reg/README.md", "new\n");
    env.git("reg", &["add", "README.md"]);
    let output = env.program("reg", "git").args(["commit", "-m", "x"]).env("PATH", "/usr/bin:/bin").output().unwrap();
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_push_is_checked_against_the_branch_on_the_remote() {
    let env = with_hooks();
    env.git(".", &["init", "--quiet", "--bare", "-b", "main", "hub.git"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    assert!(env.git_with_hooks("reg", &["push", "-q", "origin", "main"]).ends_with("status 0\n"));
    let file = "reg/models/iris/versions/1.toml";
    env.write(file, &env.read(file).replace("s3://models/iris/1", "s3://models/iris/x"));
    // The files of each commit are valid, but the change is not.
    assert!(env.git_with_hooks("reg", &["commit", "-qam", "rewrite"]).ends_with("status 0\n"));
    let main = env.git_with_hooks("reg", &["push", "-q", "origin", "main"]);
    let branch = env.git_with_hooks("reg", &["push", "-q", "origin", "main:refs/heads/side"]);
    insta::assert_snapshot!([main, branch].join("\n"));
    assert!(env.git_with_hooks("reg", &["push", "-q", "origin", "main~1:refs/heads/side"]).ends_with("status 0\n"));
    assert!(env.git_with_hooks("reg", &["push", "-q", "origin", ":side"]).ends_with("status 0\n"));
}
