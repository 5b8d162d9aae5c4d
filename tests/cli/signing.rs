//! Commits are signed if the user's git is configured to sign.

use crate::common::TestEnvironment;

/// Makes a key, and configures the user's git to sign with the key and to trust it.
pub fn sign_with_ssh(env: &TestEnvironment) {
    let key = env.path("home/key").display().to_string();
    let args = ["-q", "-t", "ed25519", "-N", "", "-C", "ada@example.com", "-f", &key];
    let made = env.program(".", "ssh-keygen").args(args).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    env.write("home/signers", &format!("ada@example.com {}", env.read("home/key.pub")));
    env.set_global_config("gpg.format", "ssh");
    env.set_global_config("user.signingkey", &format!("{key}.pub"));
    env.set_global_config("gpg.ssh.allowedSignersFile", &env.path("home/signers").display().to_string());
    env.set_global_config("commit.gpgsign", "true");
}

#[test]
fn commits_are_signed_with_the_users_ssh_key() {
    let env = TestEnvironment::with_model();
    sign_with_ssh(&env);
    env.register("iris", 3);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Production", "--reason", "better"]);
    env.git("reg", &["verify-commit", "HEAD"]);
    env.git("reg", &["verify-commit", "HEAD^"]);
    assert_eq!(env.git("reg", &["log", "-1", "--format=%G? %GS"]), "G ada@example.com");
    // Apart from the signature, the commit is the same as an unsigned one.
    insta::assert_snapshot!(env.git("reg", &["log", "-1", "--format=%an %ae %aI %cn %ce %cI%n%B"]));
    env.assert_clean("reg");
}

#[test]
fn a_first_commit_is_signed_too() {
    let env = TestEnvironment::new();
    sign_with_ssh(&env);
    env.succeed(".", &["init", "reg"]);
    env.git("reg", &["verify-commit", "HEAD"]);
    env.assert_clean("reg");
}

#[test]
fn nothing_is_written_when_signing_fails() {
    let env = TestEnvironment::with_model();
    sign_with_ssh(&env);
    std::fs::remove_file(env.path("home/key")).unwrap();
    std::fs::remove_file(env.path("home/key.pub")).unwrap();
    let before = env.tip("reg", "main");
    let shown = env.run("reg", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    assert!(shown.ends_with("--- status 2\n") && shown.contains("error: `git commit-tree` failed"), "{shown}");
    assert_eq!(env.tip("reg", "main"), before);
    env.assert_clean("reg");
}
