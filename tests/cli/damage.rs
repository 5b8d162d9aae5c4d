//! A damaged repository or a stale lock is reported with a hint, and is never taken for an empty registry.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use crate::common::{TestEnvironment, wait_until};

const REGISTER: [&str; 4] = ["register", "iris", "--artifact", "s3://models/iris/3"];

/// Writes a file whose age is an hour and a half.
fn leave_lock(env: &TestEnvironment, path: &str) {
    env.write(path, "");
    let old = SystemTime::now() - Duration::from_secs(5_430);
    fs::File::options().write(true).open(env.path(path)).unwrap().set_modified(old).unwrap();
}

/// The path of a loose object.
fn object(env: &TestEnvironment, revision: &str) -> PathBuf {
    let id = env.git("reg", &["rev-parse", revision]);
    env.path(format!("reg/.git/objects/{}/{}", &id[..2], &id[2..]))
}

/// Changes an object's file, which is read-only.
fn damage(path: &std::path::Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Runs `register`, which must fail and move no ref.
fn refused(env: &TestEnvironment) -> String {
    let refs = || fs::read_to_string(env.path("reg/.git/refs/heads/main")).unwrap();
    let before = refs();
    let shown = env.run("reg", &REGISTER);
    assert!(!shown.contains("--- status 0"), "{shown}");
    assert_eq!(refs(), before, "{shown}");
    shown
}

#[test]
fn a_stale_lock_on_the_branch_is_reported_and_stays() {
    let env = TestEnvironment::with_model();
    leave_lock(&env, "reg/.git/refs/heads/main.lock");
    let started = Instant::now();
    insta::assert_snapshot!(refused(&env));
    // A lock that may still be held is waited for as long as this.
    assert!(started.elapsed() < Duration::from_secs(2), "nobody holds so old a lock any more");
    assert!(env.path("reg/.git/refs/heads/main.lock").exists());
    fs::remove_file(env.path("reg/.git/refs/heads/main.lock")).unwrap();
    env.succeed("reg", &REGISTER);
    env.assert_clean("reg");
}

#[test]
fn a_new_lock_on_the_branch_that_stays_is_told_of() {
    let env = TestEnvironment::with_model();
    env.write("reg/.git/refs/heads/main.lock", "");
    let shown = refused(&env);
    assert!(shown.contains("another process has locked `$TMP/reg/.git/refs/heads/main.lock`"), "{shown}");
}

#[test]
fn a_lock_on_the_index_does_not_undo_the_commit_and_the_next_run_catches_up() {
    let env = TestEnvironment::with_model();
    leave_lock(&env, "reg/.git/index.lock");
    let started = Instant::now();
    let shown = env.run("reg", &REGISTER);
    // A lock that may still be held is awaited for this time.
    assert!(started.elapsed() < Duration::from_secs(5), "nobody holds so old a lock any more");
    assert!(shown.ends_with("--- status 0\n"), "{shown}");
    assert!(env.path("reg/.git/index.lock").exists());
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    insta::assert_snapshot!(["5431", "5432", "5433"].iter().fold(shown, |shown, age| shown.replace(age, "5430")));
    fs::remove_file(env.path("reg/.git/index.lock")).unwrap();
    env.succeed("reg", &["describe", "iris", "Tells irises apart"]);
    env.assert_clean("reg");
}

#[test]
fn a_command_waits_for_a_lock_on_the_index() {
    let env = TestEnvironment::with_model();
    env.write("reg/.git/index.lock", "");
    let child = env.modelreg("reg", &REGISTER).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the commit is there", || env.versions("reg", "main", "iris") == [1, 2, 3]);
    fs::remove_file(env.path("reg/.git/index.lock")).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", env.shown(&REGISTER, &output));
    env.assert_clean("reg");
}

#[test]
fn a_command_waits_for_a_lock_on_the_branch() {
    let env = TestEnvironment::with_model();
    let objects = || walkdir::WalkDir::new(env.path("reg/.git/objects")).into_iter().count();
    let before = objects();
    env.write("reg/.git/refs/heads/main.lock", "");
    let child = env.modelreg("reg", &REGISTER).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the commit is written", || objects() > before);
    fs::remove_file(env.path("reg/.git/refs/heads/main.lock")).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", env.shown(&REGISTER, &output));
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    env.assert_clean("reg");
}

#[test]
fn an_empty_ref_is_corrupt_and_not_a_new_branch() {
    let env = TestEnvironment::with_model();
    let before = env.tip("reg", "main");
    env.write("reg/.git/refs/heads/main", "");
    insta::assert_snapshot!(refused(&env));
    env.write("reg/.git/refs/heads/main", &format!("{before}\n"));
    env.assert_clean("reg");
}

#[test]
fn a_missing_commit_is_corrupt() {
    let env = TestEnvironment::with_model();
    fs::remove_file(object(&env, "HEAD")).unwrap();
    insta::assert_snapshot!(refused(&env));
}

#[test]
fn a_missing_folder_is_reported_and_not_version_one_again() {
    let env = TestEnvironment::with_model();
    fs::remove_file(object(&env, "HEAD:models/iris/versions")).unwrap();
    let shown = refused(&env);
    assert!(shown.contains("the clone does not have object") && shown.contains("git fsck --full"), "{shown}");
}

#[test]
fn an_empty_folder_object_is_corrupt_and_not_version_one_again() {
    let env = TestEnvironment::with_model();
    for revision in ["HEAD:models", "HEAD:models/iris", "HEAD:models/iris/versions"] {
        let path = object(&env, revision);
        let sound = fs::read(&path).unwrap();
        damage(&path, Vec::clear);
        let shown = refused(&env);
        assert!(shown.contains("corrupt"), "{revision}: {shown}");
        damage(&path, |bytes| *bytes = sound);
    }
    env.succeed("reg", &REGISTER);
}

#[test]
fn a_flipped_object_is_corrupt() {
    let env = TestEnvironment::with_model();
    damage(&object(&env, "HEAD:models/iris/versions"), |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
    });
    let shown = refused(&env);
    assert!(shown.contains("corrupt"), "{shown}");
}

#[test]
fn a_damaged_registry_file_is_corrupt() {
    let env = TestEnvironment::with_model();
    damage(&object(&env, "HEAD:registry.toml"), |bytes| bytes.truncate(10));
    let shown = refused(&env);
    assert!(shown.contains("corrupt"), "{shown}");
}

#[test]
fn a_missing_pack_is_corrupt_and_not_an_empty_registry() {
    let env = TestEnvironment::with_model();
    env.git("reg", &["gc", "--quiet"]);
    let tip = env.tip("reg", "main");
    fs::remove_dir_all(env.path("reg/.git/objects/pack")).unwrap();
    let shown = env.run("reg", &REGISTER);
    assert!(shown.contains("corrupt") && !shown.contains("--- status 0"), "{shown}");
    assert_eq!(env.tip("reg", "main"), tip);
}

#[test]
fn a_truncated_index_does_not_undo_the_commit_and_is_reported_as_corrupt() {
    let env = TestEnvironment::with_model();
    damage(&env.path("reg/.git/index"), |bytes| bytes.truncate(bytes.len() / 2));
    let shown = env.run("reg", &REGISTER);
    assert!(shown.ends_with("--- status 0\n") && shown.contains("corrupt"), "{shown}");
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    insta::assert_snapshot!(shown);
    // The printed hint works.
    fs::remove_file(env.path("reg/.git/index")).unwrap();
    env.git("reg", &["reset", "--quiet"]);
    env.succeed("reg", &["describe", "iris", "Tells irises apart"]);
    env.assert_clean("reg");
}

#[test]
fn a_damaged_manifest_stops_the_commands_that_read_it() {
    let env = TestEnvironment::with_model();
    env.write("reg/models/iris/versions/2.toml", "version = 2\nversion = 2\n");
    env.git("reg", &["commit", "--quiet", "--all", "-m", "by hand"]);
    let tip = env.tip("reg", "main");
    insta::assert_snapshot!(env.run("reg", &["promote", "iris", "2", "--to", "Staging"]));
    assert_eq!(env.tip("reg", "main"), tip);
    // A registration takes the number after the highest one, and reads no other manifest.
    env.succeed("reg", &REGISTER);
    assert_eq!(env.message().lines().next(), Some("Register iris 3"));
}
