//! Every kind of clone: shallow, linked, bare, in a subfolder, detached, unborn, and during a merge.

use std::fs;

use crate::common::TestEnvironment;

const REGISTER: [&str; 4] = ["register", "iris", "--artifact", "s3://models/iris/3"];

#[test]
fn a_rollback_works_in_a_clone_of_depth_one() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production"]);
    let url = format!("file://{}", env.path("reg").display());
    env.git(".", &["clone", "--quiet", "--depth=1", &url, "shallow"]);
    assert_eq!(env.git("shallow", &["rev-list", "--count", "HEAD"]), "1");
    insta::assert_snapshot!(env.run("shallow", &["rollback", "iris", "--reason", "worse recall"]));
    assert!(env.read("shallow/models/iris/stages/production.toml").contains("\nversion = 1\n"));
    env.assert_clean("shallow");
    env.git("shallow", &["push", "--quiet", "origin", "HEAD:refs/heads/back"]);
    assert_eq!(env.tip("reg", "back"), env.tip("shallow", "main"));
}

#[test]
fn a_write_in_a_linked_worktree_moves_only_its_branch() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["worktree", "add", "--quiet", "-b", "side", "../side"]);
    env.succeed("side", &REGISTER);
    assert_eq!(env.versions("side", "side", "iris"), [1, 2, 3]);
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2]);
    env.assert_clean("side");
    env.assert_clean("reg");
}

#[test]
fn a_branch_that_is_checked_out_in_another_worktree_is_refused() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["worktree", "add", "--quiet", "-b", "side", "../side"]);
    let before = env.git("reg", &["for-each-ref"]);
    let to_linked = env.run("reg", &[&REGISTER[..], &["--branch", "side"]].concat());
    let to_main = env.run("side", &[&REGISTER[..], &["--branch", "main"]].concat());
    insta::assert_snapshot!(format!("{to_linked}\n{to_main}"));
    assert_eq!(env.git("reg", &["for-each-ref"]), before);
    env.assert_clean("side");
    env.assert_clean("reg");
}

#[test]
fn a_bare_repository_is_written_to() {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "--quiet", "--bare", "reg", "reg.git"]);
    insta::assert_snapshot!(env.run(".", &[&["-C", "reg.git"], &REGISTER[..]].concat()));
    assert_eq!(env.versions("reg.git", "main", "iris"), [1, 2, 3]);
    env.assert_sound("reg.git");
    assert!(env.left_over("reg.git").is_empty());
}

#[test]
fn a_registry_in_a_subfolder_is_found_from_below_and_other_files_stay() {
    let env = TestEnvironment::new();
    env.git(".", &["init", "--quiet", "--initial-branch=main", "code"]);
    env.write("code/app.py", "print()\n");
    env.git("code", &["add", "."]);
    env.git("code", &["commit", "--quiet", "-m", "code"]);
    env.succeed("code", &["init", "ml/registry"]);
    env.succeed("code/ml/registry", &REGISTER);
    env.succeed("code/ml/registry/models/iris/versions", &["promote", "iris", "1", "--to", "Staging"]);
    let changed = env.git("code", &["show", "--format=", "--name-only"]);
    assert_eq!(changed, "ml/registry/models/iris/stages/staging.toml");
    let top = env.git("code", &["ls-tree", "--name-only", "HEAD"]);
    // The first three are files that forges read at the root.
    assert_eq!(top, ".github\n.gitlab-ci.yml\nCODEOWNERS\napp.py\nml");
    env.assert_clean("code");
}

#[test]
fn a_detached_head_is_refused_unless_a_branch_is_named() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["switch", "--quiet", "--detach"]);
    let before = env.git("reg", &["rev-parse", "HEAD"]);
    insta::assert_snapshot!(env.run("reg", &REGISTER));
    assert_eq!(env.tip("reg", "main"), before);
    env.succeed("reg", &[&REGISTER[..], &["--branch", "main"]].concat());
    assert_eq!(env.git("reg", &["rev-parse", "HEAD", "main^"]), format!("{before}\n{before}"));
    env.assert_clean("reg");
}

#[test]
fn a_branch_that_is_not_checked_out_moves_without_the_files() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["branch", "next"]);
    insta::assert_snapshot!(env.run("reg", &[&REGISTER[..], &["--branch", "next"]].concat()));
    assert_eq!(env.versions("reg", "next", "iris"), [1, 2, 3]);
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2]);
    assert!(!env.path("reg/models/iris/versions/3.toml").exists());
    env.assert_clean("reg");
}

#[test]
fn a_missing_branch_is_refused() {
    let env = TestEnvironment::with_model();
    let missing = env.run("reg", &[&REGISTER[..], &["--branch", "nxt"]].concat());
    let hostile = env.run("reg", &[&REGISTER[..], &["--branch", "../HEAD"]].concat());
    insta::assert_snapshot!(format!("{missing}\n{hostile}"));
    assert_eq!(env.git("reg", &["for-each-ref", "--format=%(refname)"]), "refs/heads/main");
}

#[test]
fn an_unborn_branch_has_no_registry() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["switch", "--quiet", "--orphan", "empty"]);
    insta::assert_snapshot!(env.run("reg", &REGISTER));
    assert_eq!(env.git("reg", &["for-each-ref", "--format=%(refname)"]), "refs/heads/main");
}

#[test]
fn a_merge_in_progress_is_refused() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["switch", "--quiet", "-c", "side"]);
    env.succeed("reg", &["describe", "iris", "theirs"]);
    env.git("reg", &["switch", "--quiet", "main"]);
    env.succeed("reg", &["describe", "iris", "ours"]);
    let merge = env.program("reg", "git").args(["merge", "side"]).output().unwrap();
    assert!(!merge.status.success(), "the merge must conflict");
    let (before, status) = (env.tip("reg", "main"), env.git("reg", &["status", "--porcelain"]));
    insta::assert_snapshot!(env.run("reg", &REGISTER));
    assert_eq!((env.tip("reg", "main"), env.git("reg", &["status", "--porcelain"])), (before, status));
}

/// Git's variables name the configuration files. Files in the usual places are then not read.
#[test]
fn identity_and_signing_come_from_the_files_in_git_s_environment() {
    let env = TestEnvironment::with_registry();
    env.set_global_config("commit.gpgsign", "true");
    env.set_global_config("gpg.program", "/no/such/program");
    fs::create_dir_all(env.path("home/.config/git")).unwrap();
    env.write("home/.config/git/config", "[user]\n\temail = xdg@example.com\n");
    env.write("mine", "[include]\n\tpath = more\n[user]\n\temail = grace@example.com\n");
    env.write("more", "[user]\n\tname = Grace Hopper\n");
    env.write("machine", "[user]\n\tname = The Machine\n\temail = machine@example.com\n");
    let who = |variables: &[(&str, &str)]| {
        let mut command = env.modelreg("reg", &["register", "iris", "--artifact", "s3://models/x"]);
        for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"] {
            command.env_remove(name);
        }
        command.env("HOME", env.path("home/elsewhere")).env("XDG_CONFIG_HOME", env.path("home/.config"));
        for (name, value) in variables {
            command.env(name, if value.starts_with(['/', '1', '0']) { value.into() } else { env.path(value) });
        }
        let output = command.output().unwrap();
        match output.status.success() {
            true => env.git("reg", &["log", "-1", "--format=%an <%ae>"]),
            // Git's message about a failed signature depends on the version.
            false => String::from_utf8_lossy(&output.stderr).split([':', ',']).take(2).collect::<Vec<_>>().join(":"),
        }
    };
    let shown = [
        who(&[("GIT_CONFIG_GLOBAL", "mine"), ("GIT_CONFIG_NOSYSTEM", "1")]),
        who(&[("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]),
        who(&[("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "machine")]),
        who(&[("GIT_CONFIG_GLOBAL", "mine"), ("GIT_CONFIG_SYSTEM", "machine"), ("GIT_CONFIG_NOSYSTEM", "0")]),
        who(&[("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "machine"), ("GIT_CONFIG_NOSYSTEM", "1")]),
        who(&[("GIT_CONFIG_NOSYSTEM", "1")]),
        who(&[("GIT_CONFIG_GLOBAL", "home/.gitconfig")]),
    ];
    insta::assert_snapshot!(shown.join("\n"));
    env.assert_clean("reg");
}

#[test]
fn a_partial_clone_names_the_command_that_fetches_what_is_missing() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["config", "uploadpack.allowFilter", "true"]);
    // The clone has the new model.toml, and not the old one.
    env.succeed("reg", &["describe", "iris", "What it is."]);
    let url = format!("file://{}", env.path("reg").display());
    for filter in ["blob:none", "tree:0"] {
        env.git(".", &["clone", "--quiet", "--filter", filter, &url, "partial"]);
        let shown = env.run("partial", &["validate", "--base", "HEAD~1"]);
        assert!(shown.ends_with("--- status 2\n") && !shown.contains("corrupt"), "{shown}");
        assert!(shown.contains("`git fetch --refetch --no-filter` fetches all objects"), "{shown}");
        env.git("partial", &["fetch", "--quiet", "--refetch", "--no-filter"]);
        env.succeed("partial", &["validate", "--base", "HEAD~1"]);
        fs::remove_dir_all(env.path("partial")).unwrap();
    }
}

#[test]
fn a_clone_that_converts_line_ends_has_the_registrys_bytes() {
    let env = TestEnvironment::new();
    env.succeed(".", &["init", "made", "--name", "acme"]);
    for version in 1..=2 {
        env.succeed("made", &["register", "iris", "--artifact", &format!("s3://models/iris/{version}")]);
    }
    env.succeed("made", &["promote", "iris", "1", "--to", "Production"]);
    env.git(".", &["clone", "--quiet", "--config", "core.autocrlf=true", "made", "windows"]);
    env.succeed("windows", &["validate"]);
    let shown = env.run("windows", &["promote", "iris", "2", "--to", "Production"]);
    assert!(shown.ends_with("--- status 0\n") && !shown.contains("warning"), "{shown}");
    env.assert_clean("windows");
    // The next commit of the user does not undo the promotion.
    env.write("windows/notes.txt", "x");
    env.git("windows", &["add", "notes.txt"]);
    env.git("windows", &["commit", "-qam", "notes"]);
    assert!(env.run("windows", &["resolve", "models:/iris/Production"]).contains("s3://models/iris/2"));
}
