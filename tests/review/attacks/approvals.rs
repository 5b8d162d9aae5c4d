//! 13: approvals that are none. Keys and signatures are real.

use modelreg::model::statement::NAMESPACE;
use modelreg::model::{Approval, Line, Manifest, Stage, Statement};

use super::{ID, IRIS, Judged, POINTER, Team, approval, attack, judge, replace};

/// A request that nobody has approved yet, with these lines more in the registry's `allowed_signers`, and its policy edited.
fn asked(review: &str, signers: impl FnOnce(&Team) -> String, policy: impl FnOnce(String) -> String) -> Team {
    let team = Team::new(review);
    let text = team.env.read("ada/allowed_signers") + &signers(&team);
    team.env.write("ada/allowed_signers", &text);
    let text = policy(team.env.read("ada/registry.toml")).replace("policy_version = 2", "policy_version = 3");
    team.env.write("ada/registry.toml", &text);
    team.git("ada", &["commit", "-q", "-a", "-m", "policy"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    for person in ["lead", "eve"] {
        team.git(person, &["pull", "-q"]);
    }
    team.ask();
    team
}

fn plainly_asked(review: &str) -> Team {
    asked(review, |_| String::new(), |policy| policy)
}

/// Eve writes an approval into the request, with a signature where a key is named: over what the approval must say, or over
/// what `tampered` makes of it.
fn approve_by(team: &Team, by: &str, key: Option<&str>, namespace: &str, tampered: impl FnOnce(String) -> String) {
    let pointer = format!("eve/{POINTER}");
    let text = team.env.read(&pointer);
    let Some(key) = key else { return team.env.write(&pointer, &(text + &approval(by, ""))) };
    let stage: Stage = toml::from_str(&(text.clone() + &approval(by, ""))).unwrap();
    let place = stage.history.len();
    let entry = &stage.history[place - 1];
    let manifest = team.env.read(&format!("{IRIS}/versions/{}.toml", entry.version));
    let facts = toml::from_str::<Manifest>(&manifest).unwrap().facts_digest();
    let approval_entry: &Approval = entry.approvals.last().unwrap();
    let registry = Line::new("acme").unwrap();
    let statement = Statement {
        registry: &registry,
        model: "iris",
        stage: &stage.stage,
        place,
        entry,
        facts: &facts,
        approval: approval_entry,
    };
    let signature = sign(team, key, namespace, &tampered(statement.to_string()));
    team.env.write(&pointer, &(text + &approval(by, &signature)));
}

fn sign(team: &Team, key: &str, namespace: &str, text: &str) -> String {
    let _ = std::fs::remove_file(team.env.path("statement.sig"));
    team.env.write("statement", text);
    let path = |name: &str| team.env.path(name).display().to_string();
    let (key, file) = (path(&format!("home/{key}")), path("statement"));
    let made = team.env.program(".", "ssh-keygen").args(["-Y", "sign", "-n", namespace, "-f", &key, &file]).output();
    assert!(made.unwrap().status.success());
    team.env.read("statement.sig")
}

/// An approval that Eve writes is refused, for this reason; and so the move has none.
#[track_caller]
fn does_not_count(judged: &Judged, why: &str) {
    judged.refused(why);
    judged.refused("approvals-missing");
}

/// What every attack below is one step away from: the same written by the same hand, with the lead's key.
#[test]
fn an_approval_that_is_truly_the_leads_is_taken_by_all_three() {
    let team = plainly_asked("signed");
    attack(&team, |team| approve_by(team, "lead@example.com", Some("lead"), NAMESPACE, |text| text)).taken();
}

#[test]
fn safety_13_a_signature_counts_for_its_key_its_namespace_and_its_bytes() {
    let team = plainly_asked("signed");
    let lead = "lead@example.com";
    type Case = (&'static str, Option<&'static str>, &'static str, fn(String) -> String, &'static str);
    let cases: [Case; 6] = [
        (lead, None, NAMESPACE, |text| text, "it is not signed"),
        (lead, Some("eve"), NAMESPACE, |text| text, "none that `allowed_signers` lists"),
        (lead, Some("ada"), NAMESPACE, |text| text, "none that `allowed_signers` lists"),
        (lead, Some("lead"), "git", |text| text, "for something else than an approval"),
        (lead, Some("lead"), NAMESPACE, |text| text.replace("version: 2", "version: 1"), "over another statement"),
        (lead, Some("lead"), NAMESPACE, |text| text.replace("entry: 2", "entry: 3"), "over another statement"),
    ];
    for (by, key, namespace, tampered, why) in cases {
        does_not_count(&attack(&team, |team| approve_by(team, by, key, namespace, tampered)), why);
    }
    // By somebody whom the policy does not name, with a key that nobody knows; and by the one who asks, with her own.
    let eve = attack(&team, |team| approve_by(team, "eve@example.com", Some("eve"), NAMESPACE, |text| text));
    does_not_count(&eve, "the policy does not name `eve@example.com`");
    let ada = attack(&team, |team| approve_by(team, "ada@example.com", Some("ada"), NAMESPACE, |text| text));
    does_not_count(&ada, "it is by the one who asks");
}

#[test]
fn safety_13_a_key_counts_while_and_for_what_it_is_listed() {
    for (options, why) in [
        ("valid-before=\"20250101\" ", "was not valid at that time"),
        ("valid-after=\"20270101\" ", "was not valid at that time"),
        ("namespaces=\"git\" ", "does not count"),
    ] {
        let own = |team: &Team| format!("boss@example.com {options}{}", team.env.read("home/eve.pub"));
        let team = asked("signed", own, |policy| policy.replace("[\"lead@", "[\"boss@example.com\", \"lead@"));
        let by_boss = |team: &Team| approve_by(team, "boss@example.com", Some("eve"), NAMESPACE, |text| text);
        does_not_count(&attack(&team, by_boss), why);
    }
}

/// A key that was taken out of the file while the request was open, and one that the machine is told to trust no more.
#[test]
fn safety_13_a_revoked_key_does_not_count() {
    let team = plainly_asked("signed");
    team.approve();
    attack(&team, |_| {}).taken();
    let revoked = team.env.path("revoked").display().to_string();
    team.env.write("revoked", &team.env.read("home/lead.pub"));
    team.env.set_global_config("gpg.ssh.revocationFile", &revoked);
    does_not_count(&attack(&team, |_| {}), "was revoked");
    team.env.git(".", &["config", "--global", "--unset", "gpg.ssh.revocationFile"]);
    let kept = format!("ada@example.com {}", team.env.read("home/ada.pub"));
    team.env.write("ada/allowed_signers", &kept);
    team.git("ada", &["commit", "-q", "-a", "-m", "signers: the lead has lost the key"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.git("eve", &["checkout", "-q", "main"]);
    team.git("eve", &["pull", "-q"]);
    does_not_count(&attack(&team, |_| {}), "none that `allowed_signers` lists");
}

#[test]
fn safety_13_one_person_is_one_approval_under_any_address() {
    // Two approvals are wanted; the lead has two addresses, and so has Ada, who asks.
    let signers = |team: &Team| {
        let (ada, lead) = (team.env.read("home/ada.pub"), team.env.read("home/lead.pub"));
        format!("lead@other.example {lead}ada@other.example {ada}")
    };
    let policy = |policy: String| {
        policy
            .replace("emergency = true", "emergency = true\napprovals = 2")
            .replace("[\"lead@example.com\"]", "[\"lead@example.com\", \"lead@other.example\", \"ada@other.example\"]")
    };
    let team = asked("signed", signers, policy);
    let twice = |team: &Team| {
        for by in ["lead@example.com", "LEAD@example.com"] {
            approve_by(team, by, Some("lead"), NAMESPACE, |text| text);
        }
    };
    does_not_count(&attack(&team, twice), "has approved already");
    let addresses = |team: &Team| {
        for by in ["lead@example.com", "lead@other.example"] {
            approve_by(team, by, Some("lead"), NAMESPACE, |text| text);
        }
    };
    does_not_count(&attack(&team, addresses), "has approved already, under another address");
    let own = |team: &Team| {
        for (by, key) in [("lead@example.com", "lead"), ("ada@other.example", "ada")] {
            approve_by(team, by, Some(key), NAMESPACE, |text| text);
        }
    };
    does_not_count(&attack(&team, own), "its key is also `ada@example.com`'s, who asks");
}

#[test]
fn safety_13_an_approval_is_of_one_move_and_of_that_alone() {
    let team = plainly_asked("signed");
    team.approve();
    let pointer = format!("eve/{POINTER}");
    for (from, to) in [
        ("reason = \"better\"", "reason = \"cheaper\""),
        ("comment = \"fine with me\"", "comment = \"fine\""),
        (
            "by = \"ada@example.com\"\naction = \"promote\"\nversion = 2",
            "by = \"eve@example.com\"\naction = \"promote\"\nversion = 2",
        ),
    ] {
        does_not_count(&attack(&team, |team| replace(team, &pointer, from, to)), "it is over another statement");
    }
}

/// The approval of version 2's move, taken over by a request for version 2 after a rollback: the same move, another place.
#[test]
fn safety_13_an_approval_is_not_one_of_the_same_move_a_second_time() {
    let team = plainly_asked("signed");
    team.approve();
    let signed = team.git("ada", &["show", &format!("origin/requests/{ID}:{POINTER}")]);
    let (_, approvals) = signed.split_once("[[history.approvals]]").unwrap();
    team.ok("ada", &["land", ID]);
    team.ok("ada", &["rollback", "iris", "--reason", "worse", "--emergency"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.git("lead", &["pull", "-q"]);
    team.ok("lead", &["approve", "iris/Production/1"]);
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.git("ada", &["pull", "-q"]);
    team.git("ada", &["push", "-q", "origin", &format!(":requests/{ID}")]);
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "better"]);
    team.git("ada", &["push", "-q", "origin", &format!("requests/{ID}")]);
    team.git("eve", &["checkout", "-q", "main"]);
    team.git("eve", &["pull", "-q", "--prune"]);
    let copied = |team: &Team| {
        let text = team.env.read(&format!("eve/{POINTER}"));
        team.env.write(&format!("eve/{POINTER}"), &format!("{text}\n[[history.approvals]]{approvals}\n"));
    };
    does_not_count(&attack(&team, copied), "it is over another statement");
}

/// The approval of one request, copied to another's branch.
#[test]
fn safety_13_an_approval_is_not_one_of_another_request() {
    let team = plainly_asked("signed");
    team.ok("ada", &["register", "rose", "--artifact", "s3://models/iris/2", "--metric", "accuracy=0.92"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.git("eve", &["pull", "-q"]);
    team.git("lead", &["pull", "-q"]);
    team.ok("ada", &["promote", "rose", "1", "--to", "Production", "--reason", "better", "--push"]);
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", "rose/Production/1", "--push"]);
    let rose = team.git("lead", &["show", "requests/rose/Production/1:models/rose/stages/production.toml"]);
    let (_, approvals) = rose.split_once("[[history.approvals]]").unwrap();
    let copied = |team: &Team| {
        let text = team.env.read(&format!("eve/{POINTER}"));
        team.env.write(&format!("eve/{POINTER}"), &format!("{text}\n[[history.approvals]]{approvals}\n"));
    };
    does_not_count(&attack(&team, copied), "it is over another statement");
}

#[test]
fn safety_13_where_approvals_are_recorded_they_are_by_whom_the_policy_names() {
    let team = plainly_asked("recorded");
    let by = |by: &'static str| move |team: &Team| approve_by(team, by, None, "", |text| text);
    does_not_count(&attack(&team, by("eve@example.com")), "the policy does not name `eve@example.com`");
    does_not_count(&attack(&team, by("ada@example.com")), "it is by the one who asks");
    // And on the command line, before anything is written.
    assert!(team.refused("eve", &["approve", ID]).contains("does not name `eve@example.com`"));
    assert!(team.refused("ada", &["approve", ID]).contains("nobody approves what they ask for"));
    attack(&team, by("lead@example.com")).taken();
}

#[test]
fn an_approver_whose_key_is_not_listed_is_told_before_anything_is_written() {
    let team = Team::new("signed");
    team.ask();
    let key = team.env.path("home/eve.pub").display().to_string();
    team.git("lead", &["config", "user.signingkey", &key]);
    let before = team.git("lead", &["for-each-ref"]);
    let refused = team.refused("lead", &["approve", ID]);
    assert!(
        refused.contains("your approval would not count: its key is none that `allowed_signers` lists"),
        "{refused}"
    );
    team.git("lead", &["config", "--unset", "user.signingkey"]);
    let refused = team.refused("lead", &["approve", ID]);
    assert!(refused.contains("git names no SSH key to sign with"), "{refused}");
    assert_eq!(team.git("lead", &["for-each-ref"]), before);
}

/// What is judged is what lies on the branch, not what an approver saw: a facts digest is part of what was signed.
#[test]
fn safety_13_an_approval_is_of_the_version_that_was_approved() {
    let team = plainly_asked("signed");
    // The version is new on the branch, so that its facts can still be chosen.
    let manifest = format!("{IRIS}/versions/3.toml");
    let request = format!("requests/{ID}");
    team.git("eve", &["fetch", "-q"]);
    team.git("eve", &["checkout", "-q", "-B", &request, &format!("origin/{request}")]);
    let text = team.env.read(&format!("{IRIS}/versions/2.toml")).replace("version = 2", "version = 3");
    team.env.write(&manifest, &text);
    let entry = "\n[[history]]\nat = 2026-01-02T03:04:07Z\nby = \"ada@example.com\"\naction = \"promote\"\nversion = 3\nfrom = 2\n";
    approve_by(&team, "lead@example.com", Some("lead"), NAMESPACE, |text| text);
    replace(&team, &format!("eve/{POINTER}"), "version = 2", "version = 3");
    let text = team.env.read(&format!("eve/{POINTER}")) + entry;
    team.env.write(&format!("eve/{POINTER}"), &text);
    approve_by(&team, "lead@example.com", Some("lead"), NAMESPACE, |text| text);
    team.git("eve", &["add", "-A"]);
    team.git("eve", &["commit", "-q", "-m", "x"]);
    let late = judge(&team);
    assert!(!late.validate.contains("approvals-missing"), "{}", late.validate);
    team.git("eve", &["checkout", "-q", &request]);
    replace(&team, &manifest, "s3://models/iris/2", "s3://models/iris/evil");
    team.git("eve", &["commit", "-q", "-a", "-m", "x"]);
    does_not_count(&judge(&team), "it is over another statement");
}
