//! People who review each other's requests: a bare repository, and a clone with keys and an identity for each.

#![allow(dead_code, reason = "each test binary takes what it needs of this")]

use crate::common::TestEnvironment;

/// A bare repository, the hub, and the clones of two people: Ada, who requests, and the lead, who approves.
pub struct Team {
    /// The environment with the hub and the clones.
    pub env: TestEnvironment,
}

/// The request of the tests: version 2 of iris to Production.
pub const ID: &str = "iris/Production/2";

/// The journal of that request's stage.
pub const POINTER: &str = "models/iris/stages/production.toml";

impl Team {
    /// A registry whose Production requires the lead's approval, with this `review`, and a model with two versions. Version 1
    /// is in Production.
    pub fn new(review: &str) -> Self {
        Self { env: TestEnvironment::prepared(&format!("team/{review}"), |env| assemble(env, review)) }
    }

    /// Makes the key of one more person.
    pub fn key(&self, person: &str) {
        key(&self.env, person);
    }

    /// Runs modelreg in a person's clone. The command must succeed.
    pub fn ok(&self, person: &str, args: &[&str]) -> String {
        let shown = self.env.run(person, args);
        assert!(shown.ends_with("--- status 0\n"), "{shown}");
        shown
    }

    /// Runs modelreg in a person's clone. The command must be refused.
    pub fn refused(&self, person: &str, args: &[&str]) -> String {
        let shown = self.env.run(person, args);
        assert!(shown.ends_with("--- status 1\n"), "{shown}");
        shown
    }

    /// Runs git in a person's clone. The command must succeed.
    pub fn git(&self, person: &str, args: &[&str]) -> String {
        self.env.git(person, args)
    }

    /// Ada requests and pushes, and the lead fetches the request. The version may have been rolled back from.
    pub fn ask(&self) {
        self.ok("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better", "--again"]);
        self.git("ada", &["push", "-q", "origin", &format!("requests/{ID}")]);
        self.git("lead", &["fetch", "-q"]);
    }

    /// The lead approves and pushes, and Ada fetches the approval.
    pub fn approve(&self) {
        self.ok("lead", &["approve", ID, "--comment", "fine with me"]);
        self.git("lead", &["push", "-q", "origin", &format!("requests/{ID}")]);
        self.git("ada", &["fetch", "-q"]);
    }

    /// The request as JSON.
    pub fn shown(&self, person: &str) -> serde_json::Value {
        let output = self.env.modelreg(person, &["request", "show", ID, "--format", "json"]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// Makes the hub and the clones.
fn assemble(env: &TestEnvironment, review: &str) {
    env.git(".", &["init", "-q", "--bare", "-b", "main", "hub.git"]);
    env.succeed(".", &["init", "ada", "--name", "acme"]);
    settle(env, "ada");
    env.git("ada", &["remote", "add", "origin", "../hub.git"]);
    for version in 1..=2 {
        let (uri, accuracy) = (format!("s3://models/iris/{version}"), format!("accuracy=0.9{version}"));
        env.succeed("ada", &["register", "iris", "--artifact", &uri, "--metric", &accuracy]);
    }
    env.succeed("ada", &["promote", "iris", "1", "--to", "Production", "--reason", "the first"]);
    for person in ["lead", "eve"] {
        key(env, person);
    }
    let signers: String = ["ada", "lead"]
        .iter()
        .map(|person| format!("{person}@example.com {}", env.read(&format!("home/{person}.pub"))))
        .collect();
    env.write("ada/allowed_signers", &signers);
    env.write(
        "ada/registry.toml",
        &format!(
            "format = 1\nname = \"acme\"\npolicy_version = 2\n\n[[stages]]\nname = \"Staging\"\n\n[[stages]]\nname = \"Production\"\n\
             review = \"{review}\"\napprovers = [\"@ml-leads\"]\nemergency = true\n\n[teams]\nml-leads = [\"lead@example.com\"]\n"
        ),
    );
    env.git("ada", &["add", "-A"]);
    env.git("ada", &["commit", "-q", "-m", "policy: Production is reviewed"]);
    env.succeed("ada", &["validate", "--base", "HEAD~1"]);
    env.git("ada", &["push", "-q", "-u", "origin", "main"]);
    for person in ["lead", "eve"] {
        env.git(".", &["clone", "-q", "hub.git", person]);
        settle(env, person);
    }
}

/// Makes a person's key.
fn key(env: &TestEnvironment, person: &str) {
    let key = env.path(format!("home/{person}")).display().to_string();
    let made = env.program(".", "ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &key]).output().unwrap();
    assert!(made.status.success());
}

/// Sets a clone's identity and key.
fn settle(env: &TestEnvironment, person: &str) {
    if !env.path(format!("home/{person}.pub")).exists() {
        key(env, person);
    }
    let key = env.path(format!("home/{person}.pub")).display().to_string();
    for (name, value) in [
        ("user.name", person),
        ("user.email", &format!("{person}@example.com")),
        ("gpg.format", "ssh"),
        ("user.signingkey", &key),
    ] {
        env.git(person, &["config", name, value]);
    }
}
