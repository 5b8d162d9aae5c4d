//! `whoami` and `doctor`.

use super::{ID, Team};

#[test]
fn whoami_shows_the_user_the_key_and_the_approvals() {
    let team = Team::new("signed");
    team.ask();
    let lead = team.ok("lead", &["whoami"]);
    for said in ["lead@example.com", "SHA256:", "allowed_signers lists the key for you", "@ml-leads", "every model", ID]
    {
        assert!(lead.contains(said), "{said}: {lead}");
    }
    let eve = team.ok("eve", &["whoami"]);
    assert!(eve.contains("allowed_signers does not list the key") && eve.contains(" no\n"), "{eve}");
    assert!(!eve.contains(ID), "{eve}");
    let json = team.env.modelreg("lead", &["whoami", "--format", "json"]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["user_id"], "lead@example.com");
    assert_eq!(json["key"]["listed"], "yes");
    assert_eq!(json["awaiting"], serde_json::json!([ID]));
    assert_eq!(json["stages"][1]["every_model"], true);
    // An owner may approve if the policy names no approvers.
    let policy = team.env.read("ada/registry.toml").replace("approvers = [\"@ml-leads\"]\n", "");
    team.env.write("ada/registry.toml", &policy.replace("policy_version = 2", "policy_version = 3"));
    team.git("ada", &["commit", "-q", "-a", "-m", "policy: the owners approve"]);
    assert!(team.ok("ada", &["whoami"]).contains("as owner of iris"));
}

#[test]
fn doctor_finds_wrong_settings_and_its_commands_fix_them() {
    let team = Team::new("signed");
    let healthy = |dir: &str| {
        let output = team.env.modelreg(dir, &["doctor", "--format", "json"]).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = json["checks"].as_array().unwrap().clone();
        move |name: &str| {
            let mut of = checks.iter().filter(|check| check["name"] == name);
            of.next().map(|check| (check["health"].as_str().unwrap().to_owned(), check["fix"].clone()))
        }
    };
    let run = |dir: &str, fix: &serde_json::Value| {
        let path = std::path::Path::new(env!("CARGO_BIN_EXE_modelreg")).parent().unwrap().to_owned();
        let all = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(path).chain(std::env::split_paths(&all))).unwrap();
        let mut sh = team.env.program(dir, "sh");
        let done = sh.env("PATH", path).args(["-c", fix.as_str().unwrap()]).output().unwrap();
        assert!(done.status.success(), "{fix}: {done:?}");
    };
    let is = |dir: &str, name: &str| healthy(dir)(name).unwrap_or_else(|| ("absent".into(), "".into()));

    for name in ["branch", "git", "identity", "signing-key", "clone", "locks"] {
        assert_eq!(is("lead", name).0, "good", "{name}");
    }
    // Hooks, in a clone and on the server; and the server's settings.
    for (dir, name) in
        [("lead", "hooks"), ("hub.git", "hooks"), ("hub.git", "fsync"), ("hub.git", "fsck"), ("hub.git", "policy")]
    {
        let (health, fix) = is(dir, name);
        assert_ne!(health, "good", "{dir} {name}");
        run(dir, &fix);
        assert_eq!(is(dir, name).0, "good", "{dir} {name}");
    }
    team.env.succeed("hub.git", &["doctor"]);
    // A key that is not listed, no key, and a key without the public file.
    let (health, fix) = is("eve", "signing-key");
    assert_eq!(health, "note");
    run("eve", &fix);
    team.git("eve", &["add", "allowed_signers"]);
    team.git("eve", &["commit", "-q", "-m", "signers: eve"]);
    assert_eq!(is("eve", "signing-key").0, "good");
    team.git("eve", &["config", "--unset", "user.signingkey"]);
    assert_eq!(is("eve", "signing-key").0, "note");
    // Locks: a new one, which a process may hold, and a stale one.
    let lock = team.env.path("lead/.git/index.lock");
    let file = std::fs::File::create(&lock).unwrap();
    assert_eq!(is("lead", "locks").0, "note");
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(3600)).unwrap();
    let (health, fix) = is("lead", "locks");
    assert_eq!(health, "bad");
    assert!(team.refused("lead", &["doctor"]).contains("60 minutes"));
    run("lead", &fix);
    assert_eq!(is("lead", "locks").0, "good");
    // Clones without all files or all history.
    let hub = format!("file://{}", team.env.path("hub.git").display());
    team.git("hub.git", &["config", "uploadpack.allowFilter", "true"]);
    for (name, how, health) in [("shallow", "--depth=1", "note"), ("partial", "--filter=blob:none", "bad")] {
        team.git(".", &["clone", "-q", how, &hub, name]);
        let (found, fix) = is(name, "clone");
        assert_eq!(found, health, "{name}");
        run(name, &fix);
        assert_eq!(is(name, "clone").0, "good", "{name}");
        assert_eq!(team.git(name, &["rev-list", "--objects", "--all", "--missing=print"]).matches("\n?").count(), 0);
    }
    // The review on a forge needs a file of code owners.
    let policy = team.env.read("ada/registry.toml").replace("review = \"signed\"", "review = \"forge\"");
    let policy = policy.replace("policy_version = 2", "policy_version = 3").replace("emergency = true\n", "");
    team.env.write("ada/registry.toml", &policy);
    team.git("ada", &["rm", "-q", "-r", "--ignore-unmatch", ".github/CODEOWNERS", "CODEOWNERS", ".gitlab/CODEOWNERS"]);
    team.git("ada", &["commit", "-q", "-a", "-m", "policy: the forge counts"]);
    let (health, fix) = is("ada", "forge");
    assert_eq!(health, "bad");
    run("ada", &fix);
    assert_eq!(is("ada", "forge").0, "good");
    // No user.
    team.git("ada", &["config", "user.email", "no address"]);
    assert_eq!(is("ada", "identity").0, "bad");
}

#[test]
fn a_key_in_the_agent_signs() {
    let team = Team::new("signed");
    team.ask();
    let literal = format!("key::{}", team.env.read("home/lead.pub").trim());
    team.git("lead", &["config", "user.signingkey", &literal]);
    assert!(team.env.run("lead", &["approve", ID]).ends_with("--- status 2\n"), "there is no agent");
    let key = team.env.path("home/lead").display().to_string();
    let script = format!("ssh-add -q '{key}' && rm '{key}' '{key}.pub' && exec \"$0\" approve {ID}");
    let mut agent = team.env.program("lead", "ssh-agent");
    let done = agent.args(["sh", "-c", &script, env!("CARGO_BIN_EXE_modelreg")]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    assert!(String::from_utf8_lossy(&done.stdout).contains("signed; 1 of 1 approvals"), "{done:?}");
    team.ok("lead", &["land", ID]);
}

/// The policy can change while the approver signs.
#[test]
fn an_approval_counts_by_the_policy_at_the_end_of_signing() {
    let team = Team::new("signed");
    team.ask();
    let env = &team.env;
    let lead = env.path("lead").display().to_string();
    let policy = env.read("lead/registry.toml");
    let changed = policy.replace("[\"lead@example.com\"]", "[\"carol@example.com\"]");
    env.write("changed.toml", &changed.replace("policy_version = 2", "policy_version = 3"));
    env.write(
        "signs-slowly",
        &format!(
            "#!/bin/sh\ncase \"$*\" in *'-Y sign'*)\ncp '{}' '{lead}/registry.toml'\ngit -C '{lead}' commit -q --no-gpg-sign -am 'policy: carol approves'\n;; esac\nexec ssh-keygen \"$@\"\n",
            env.path("changed.toml").display()
        ),
    );
    let program = env.path("signs-slowly");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    env.set_global_config("gpg.ssh.program", &program.display().to_string());
    let refused = team.refused("lead", &["approve", ID]);
    assert!(
        refused.contains("your approval would not count: the policy does not name `lead@example.com`"),
        "{refused}"
    );
    assert_eq!(team.git("lead", &["branch", "--list", "requests/*"]), "");
}
