//! Threat 13: approvals that do not count, with real keys.

use std::fs;

use modelreg::model::snapshot::read;
use modelreg::model::{Approval, Manifest, ModelName, Registry, Stage, Statement, Text, Timestamp, UserId};
use modelreg::ops::FolderTree;

use super::{ID, POINTER, STAGING, Scene, append, edit, entry};
use crate::Team;

/// An approval that Eve writes herself, with a stolen key.
#[derive(Clone, Copy)]
pub(super) struct Written {
    by: &'static str,
    at: &'static str,
    /// The person whose key signs; empty for no signature.
    key: &'static str,
    /// The namespace of the signature.
    namespace: &'static str,
    /// A replacement in the statement before it is signed.
    statement: (&'static str, &'static str),
}

/// An approval that counts.
pub(super) const GOOD: Written = Written {
    by: "lead@example.com",
    at: "2026-01-02T03:04:06Z",
    key: "lead",
    namespace: "modelreg-approval@v1",
    statement: ("", ""),
};

/// The statement of the last move of Production in a clone, or of its approval.
fn statement(team: &Team, clone: &str, approval: Option<&Approval>) -> String {
    let tree = FolderTree::new(team.env.path(clone));
    let stage: Stage = read(&tree, POINTER).unwrap().unwrap();
    let entry = stage.history.last().unwrap();
    let manifest: Manifest = read(&tree, &format!("models/iris/versions/{}.toml", entry.version)).unwrap().unwrap();
    let registry: Registry = read(&tree, "registry.toml").unwrap().unwrap();
    let (registry, place, facts) = (&registry.name, stage.history.len(), &manifest.facts_digest());
    let model = ModelName::new("iris").unwrap().to_string();
    Statement { registry, model: &model, stage: &stage.stage, place, entry, facts, approval }.to_string()
}

/// Signs the last move of Production, which was written by hand, as the person who asks.
pub fn sign_request(team: &Team, clone: &str, key: &str) {
    let signature = sign(team, key, "modelreg-request@v1", &statement(team, clone, None));
    let path = format!("{clone}/{POINTER}");
    team.env.write(&path, &format!("{}signature = \"\"\"\n{signature}\"\"\"\n", team.env.read(&path)));
}

/// Signs a text with `ssh-keygen`.
fn sign(team: &Team, key: &str, namespace: &str, text: &str) -> String {
    let (key, message) = (team.env.path(format!("home/{key}")), team.env.path("message"));
    team.env.write("message", text);
    let _ = fs::remove_file(team.env.path("message.sig"));
    let mut signer = team.env.program(".", "ssh-keygen");
    let signed = signer.args(["-Y", "sign", "-n", namespace, "-f"]).arg(key).arg(message).output().unwrap();
    assert!(signed.status.success(), "{signed:?}");
    team.env.read("message.sig")
}

impl Written {
    /// Adds the approval to the last move of Production.
    pub(super) fn add(self, team: &Team) {
        let (by, at) = (UserId::new(self.by).unwrap(), Timestamp::parse(self.at).unwrap());
        let comment = Some(Text::new("fine").unwrap());
        let statement = statement(team, "eve", Some(&Approval { by, at, comment, signature: None }));
        let (from, to) = self.statement;
        assert!(statement.contains(from), "{from} is not in {statement}");
        let mut text = format!("\n[[history.approvals]]\nby = \"{}\"\nat = {}\ncomment = \"fine\"\n", self.by, self.at);
        if !self.key.is_empty() {
            let signature = sign(team, self.key, self.namespace, &statement.replacen(from, to, 1));
            text.push_str(&format!("signature = \"\"\"\n{signature}\"\"\"\n"));
        }
        append(team, POINTER, &text);
    }
}

/// A policy that names, besides the lead: Ada, also with a second address; the boss, also with the lead's key; a person whose
/// key has expired; one whose key is only for git; and one whose key was removed.
fn prepare(team: &Team, approvals: u32) {
    for name in ["boss", "old", "git", "gone", "second"] {
        team.key(name);
    }
    let signers: String = [
        ("ada@example.com", "", "ada"),
        ("ada.l@example.com", "", "ada"),
        ("lead@example.com", "", "lead"),
        ("lead.b@example.com", "", "lead"),
        ("boss@example.com", "", "boss"),
        ("old@example.com", "valid-before=\"20260101\" ", "old"),
        ("git@example.com", "namespaces=\"git\" ", "git"),
    ]
    .iter()
    .map(|(by, options, key)| format!("{by} {options}{}", team.env.read(&format!("home/{key}.pub"))))
    .collect();
    team.env.write("ada/allowed_signers", &signers);
    let people = ["ada", "ada.l", "lead", "lead.b", "boss", "old", "git", "gone"];
    let people: Vec<String> = people.iter().map(|name| format!("\"{name}@example.com\"")).collect();
    let registry = team.env.read("ada/registry.toml");
    let registry = registry
        .replace("\"lead@example.com\"", &people.join(", "))
        .replace("policy_version = 2", "policy_version = 3")
        .replace("review = \"signed\"", &format!("review = \"signed\"\napprovals = {approvals}"));
    team.env.write("ada/registry.toml", &registry);
    team.git("ada", &["commit", "-q", "-a", "-m", "policy: more people"]);
}

/// An approval that does not count, with the message about it.
type Row = (&'static str, Written);

#[track_caller]
fn refused(scene: &Scene, rows: &[Row]) {
    for (says, approval) in rows {
        scene.spoil(&[&|team| approval.add(team)]);
        scene.all_refuse(&["approvals-missing", "approval-not-counted", says]);
    }
}

#[test]
fn safety_13_approvals_by_the_wrong_person_or_key() {
    let scene = Scene::asked("signed", |team| prepare(team, 1));
    refused(
        &scene,
        &[
            ("the approver is the requester", Written { by: "ada@example.com", key: "ada", ..GOOD }),
            ("the approver is the requester", Written { by: "ADA@example.com", key: "ada", ..GOOD }),
            (
                "the signature's key also belongs to the requester `ada@example.com`",
                Written { by: "ada.l@example.com", key: "ada", ..GOOD },
            ),
            ("the policy does not name `eve@example.com`", Written { by: "eve@example.com", key: "eve", ..GOOD }),
            ("the approval is not signed", Written { key: "", ..GOOD }),
            // Keys that are not listed, are listed for another person, or are no longer listed.
            (
                "`allowed_signers` does not list the signature's key for `lead@example.com`",
                Written { key: "eve", ..GOOD },
            ),
            (
                "`allowed_signers` does not list the signature's key for `lead@example.com`",
                Written { key: "boss", ..GOOD },
            ),
            (
                "`allowed_signers` does not list the signature's key for `gone@example.com`",
                Written { by: "gone@example.com", key: "gone", ..GOOD },
            ),
            (
                "the key of `old@example.com` was not valid at that time",
                Written { by: "old@example.com", key: "old", ..GOOD },
            ),
            // The key was valid only before the request was made.
            (
                "the approval is older than the move",
                Written { by: "old@example.com", key: "old", at: "2025-06-01T00:00:00Z", ..GOOD },
            ),
            // A signature for another namespace, and a key for another namespace.
            ("the signature was made for another purpose than an approval", Written { namespace: "other", ..GOOD }),
            ("the signature was made for another purpose than an approval", Written { namespace: "git", ..GOOD }),
            (
                "the signature was made for another purpose than an approval",
                Written { by: "git@example.com", key: "git", ..GOOD },
            ),
            (
                "the signature was made for another purpose than an approval",
                Written { by: "git@example.com", key: "git", namespace: "git", ..GOOD },
            ),
        ],
    );
    scene.spoil(&[&|team| GOOD.add(team)]);
    scene.all_take();
}

#[test]
fn safety_13_approvals_that_are_signed_over_other_bytes() {
    let scene = Scene::asked("signed", |team| prepare(team, 1));
    let over = |from, to| ("the signature covers another statement", Written { statement: (from, to), ..GOOD });
    refused(
        &scene,
        &[
            over("comment: \"fine\"", "comment: null"),
            over("approved-at: 2026-01-02T03:04:06", "approved-at: 2026-01-02T03:04:07"),
            over("approved-by: \"lead@", "approved-by: \"boss@"),
            over("reason: \"better\"", "reason: \"cheaper\""),
            over("by: \"ada@", "by: \"eve@"),
            over("at: 2026-01-02", "at: 2026-01-01"),
            over("registry: \"acme\"", "registry: \"other\""),
            over("model: iris", "model: rose"),
            over("stage: Production", "stage: Staging"),
            over("entry: 2", "entry: 3"),
            over("action: promote", "action: rollback"),
            over("version: 2", "version: 1"),
            over("from: 1", "from: none"),
            over("beside: []", "beside: [1]"),
            over("emergency: false", "emergency: true"),
            over("facts: sha256:", "facts: sha512:"),
            over("modelreg-approval@v1", "modelreg-approval@v2"),
            over("\nstage", "\n\nstage"),
        ],
    );
    // The approval is edited after it was signed.
    let edits: [(&str, &str); 5] = [
        ("comment = \"fine\"\n", "comment = \"as agreed\"\n"),
        ("comment = \"fine\"\n", ""),
        ("at = 2026-01-02T03:04:06Z", "at = 2026-01-02T03:04:07Z"),
        ("by = \"lead@example.com\"\nat", "by = \"lead.b@example.com\"\nat"),
        ("reason = \"better\"", "reason = \"cheaper\""),
    ];
    for (from, to) in edits {
        scene.spoil(&[&|team| GOOD.add(team), &|team| edit(team, POINTER, from, to)]);
        scene.all_refuse(&["approvals-missing", "the signature covers another statement"]);
    }
    scene.spoil(&[&|team| GOOD.add(team)]);
    scene.all_take();
}

/// Enough approvals count, and one more that does not.
#[test]
fn safety_23_an_approval_that_does_not_count_is_not_published_with_its_move() {
    let scene = Scene::approved("signed", |_| {});
    let cto = Written { by: "cto@example.com", key: "", ..GOOD };
    for forged in [cto, Written { by: "ada@example.com", key: "ada", ..GOOD }, Written { key: "eve", ..GOOD }] {
        scene.spoil(&[&|team| forged.add(team)]);
        scene.all_refuse(&["approval-not-counted", "does not count"]);
    }
    // Nor in the stage without a review.
    let approved = "\n[[history.approvals]]\nby = \"cto@example.com\"\nat = 2026-01-02T03:04:05Z\n";
    let staging =
        format!("format = 1\nstage = \"Staging\"\nversion = 1\n{}", entry("promote", 1, 1).replace("from = 1\n", ""));
    scene.spoil(&[&|team| team.env.write(&format!("eve/{STAGING}"), &format!("{staging}{approved}"))]);
    scene.all_refuse(&[
        "approval-not-counted",
        "an approval was added to entry 1 of Staging, which counts no approvals",
    ]);
    scene.spoil(&[&|_| {}]);
    scene.all_take();
}

/// One person with one key is one person, whoever the entry says has asked.
#[test]
fn safety_23_a_move_is_signed_by_the_person_who_asks() {
    let scene = Scene::approved("signed", |_| {});
    // Without a signature, with one over another reason, and in another person's name.
    let unsigned = |team: &Team| {
        let path = format!("eve/{POINTER}");
        let text = team.env.read(&path);
        let (start, end) = (text.find("signature = ").unwrap(), text.find("[[history.approvals]]").unwrap());
        team.env.write(&path, &(text[..start].to_owned() + "\n" + &text[end..]));
    };
    scene.refuses_each(&[
        (&["request-not-signed", "the entry has no `signature`"], &unsigned),
        (&["request-not-signed", "covers another statement"], &|team| edit(team, POINTER, "\"better\"", "\"cheaper\"")),
        (&["request-not-signed", "the signature of `eve@example.com` does not count"], &|team| {
            let move_by = |name: &str| format!("by = \"{name}@example.com\"\naction = \"promote\"\nversion = 2");
            edit(team, POINTER, &move_by("ada"), &move_by("eve"));
        }),
    ]);
    scene.spoil(&[&|_| {}]);
    scene.all_take();
}

/// The lead sets Ada's name, asks with the lead's own key, and approves.
#[test]
fn safety_23_nobody_asks_in_another_persons_name_or_without_a_key() {
    let team = Team::new("signed");
    let promote = ["promote", "iris", "2", "--to", "Production"];
    team.git("lead", &["config", "user.email", "ada@example.com"]);
    let before = team.git("lead", &["for-each-ref"]);
    let refused = team.refused("lead", &promote);
    assert!(
        refused.contains("request-not-signed") && refused.contains("does not list the signature's key"),
        "{refused}"
    );
    team.git("lead", &["config", "--unset", "user.signingkey"]);
    for args in [&promote[..], &["withdraw", "iris", "1", "--from", "Production"]] {
        let refused = team.refused("lead", args);
        assert!(refused.contains("Production requires signed moves, and git has no SSH key to sign with"), "{refused}");
        let hint = "git config --global gpg.format ssh && git config --global user.signingkey";
        assert!(refused.contains(hint), "{refused}");
    }
    // A dry run signs nothing.
    team.ok("lead", &[&promote[..], &["--dry-run"]].concat());
    assert_eq!(team.git("lead", &["for-each-ref"]), before);
}

/// `beside` is a part of what the approver signs: version 1 would stay in the stage unseen.
#[test]
fn safety_23_what_stays_beside_the_pointer_does_not_change_after_the_approval() {
    let scene = Scene::approved("signed", |_| {});
    let list = |team: &Team| edit(team, POINTER, "version = 2\n", "version = 2\nbeside = [1]\n");
    scene.spoil(&[&list]);
    let shown = scene.team.ok("eve", &["request", "show", ID]);
    assert!(shown.contains("beside-changed") || shown.contains("the `beside` list of Production"), "{shown}");
    scene.all_refuse(&["beside-changed", "the `beside` list of Production changed without a move: added 1"]);
    scene.spoil(&[&list, &|team| edit(team, POINTER, "from = 1\n", "from = 1\nbeside = [1]\n")]);
    assert!(scene.team.ok("eve", &["request", "show", ID]).contains("also in the stage: version 1"));
    scene.all_refuse(&["approvals-missing", "the signature covers another statement"]);
    scene.spoil(&[&|_| {}]);
    scene.all_take();
    // Asked for and approved, it stays.
    let team = Team::new("signed");
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--keep-existing", "--push"]);
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", ID, "--push"]);
    team.ok("ada", &["land", ID, "--push"]);
    assert!(team.env.read(&format!("ada/{POINTER}")).contains("from = 1\nbeside = [1]\n"));
}

#[test]
fn safety_13_one_person_approves_once() {
    let scene = Scene::asked("signed", |team| {
        prepare(team, 2);
        // The lead has a second key. A second address and a third person have the same key.
        let second = team.env.read("home/second.pub");
        let signers = team.env.read("ada/allowed_signers");
        let own: String = ["lead", "lead.b", "git"].iter().map(|by| format!("{by}@example.com {second}")).collect();
        team.env.write("ada/allowed_signers", &signers.replace("boss@", &format!("{own}boss@")));
        team.git("ada", &["commit", "-q", "-a", "-m", "signers: another key"]);
    });
    let later = Written { at: "2026-01-02T03:04:09Z", ..GOOD };
    let other_address = Written { by: "lead.b@example.com", ..later };
    for (says, second) in [
        ("`lead@example.com` has approved already", later),
        ("`LEAD@example.com` has approved already", Written { by: "LEAD@example.com", ..later }),
        ("`lead.b@example.com` has approved already, under another address", other_address),
        (
            "`lead.b@example.com` has approved already, under another address",
            Written { key: "second", ..other_address },
        ),
        // The two share the second key, and the first approval is signed with the other key.
        (
            "`git@example.com` has approved already, under another address",
            Written { by: "git@example.com", key: "second", ..later },
        ),
    ] {
        scene.spoil(&[&|team| GOOD.add(team), &|team| second.add(team)]);
        scene.all_refuse(&["approvals-missing", "and this move has 1", says]);
    }
    let boss = Written { by: "boss@example.com", key: "boss", ..later };
    scene.spoil(&[&|team| GOOD.add(team), &|team| boss.add(team)]);
    scene.all_take();
}

/// A key that is listed for the requester is the requester's, even if the line limits it to git or to an earlier time.
#[test]
fn safety_13_options_of_a_line_do_not_hide_whose_key_it_is() {
    for options in ["namespaces=\"git\"", "valid-before=\"20250101\""] {
        let scene = Scene::asked("signed", |team| {
            prepare(team, 1);
            let signers = team.env.read("ada/allowed_signers");
            let signers = signers.replace("ada@example.com ", &format!("ada@example.com {options} "));
            // Ada asks with her second key.
            let second = format!("ada@example.com {}", team.env.read("home/second.pub"));
            team.env.write("ada/allowed_signers", &(signers + &second));
            team.git("ada", &["config", "user.signingkey", &team.env.path("home/second.pub").display().to_string()]);
            team.git("ada", &["commit", "-q", "-a", "-m", "signers: ada signs commits"]);
        });
        refused(
            &scene,
            &[(
                "the signature's key also belongs to the requester `ada@example.com`",
                Written { by: "ada.l@example.com", key: "ada", ..GOOD },
            )],
        );
    }
}

#[test]
fn safety_13_a_key_that_was_taken_out_since_does_not_count() {
    let scene = Scene::approved("signed", |_| {});
    scene.afresh();
    scene.merge();
    scene.team.ok("eve", &["validate", "--base", "main", "--head", "merged"]);
    scene.team.git("ada", &["checkout", "-q", "main"]);
    let signers = scene.team.env.read("ada/allowed_signers");
    let without: String =
        signers.lines().filter(|line| !line.contains("lead@")).map(|line| format!("{line}\n")).collect();
    scene.team.env.write("ada/allowed_signers", &without);
    scene.team.git("ada", &["commit", "-q", "-a", "-m", "signers: the lead's key was stolen"]);
    let pushed = scene.team.env.git_with_hooks("ada", &["push", "-q", "origin", "main"]);
    assert!(pushed.ends_with("--- status 0\n"), "{pushed}");
    scene.team.git("eve", &["pull", "-q", "origin", "main"]);
    scene.all_refuse(&[
        "approvals-missing",
        "`allowed_signers` does not list the signature's key for `lead@example.com`",
    ]);
}

/// The approval has a time at which the key was valid, and the key is retired since. The approver writes the time.
#[test]
fn safety_23_a_key_that_is_retired_now_does_not_count_with_an_earlier_date() {
    let mut scene = Scene::approved("signed", |team| {
        let signers = team.env.read("ada/allowed_signers");
        let retired = signers.replace("lead@example.com ", "lead@example.com valid-before=\"20260103Z\" ");
        team.env.write("ada/allowed_signers", &retired);
        team.git("ada", &["commit", "-q", "-a", "-m", "signers: the lead leaves tomorrow"]);
    });
    scene.spoil(&[&|_| {}]);
    scene.team.env.set_clock("2026-01-03T00:00:01Z");
    scene.all_refuse(&["approvals-missing", "the key of `lead@example.com` is not valid now"]);
    scene.team.env.set_clock("2026-01-02T23:59:59Z");
    scene.all_take();
}

/// The user's git revokes a key that the registry still lists (`gpg.ssh.revocationFile`).
#[test]
fn safety_13_a_key_that_git_is_told_of_as_revoked_does_not_count() {
    let scene = Scene::approved("signed", |_| {});
    let env = &scene.team.env;
    env.write("revoked", &env.read("home/lead.pub"));
    env.set_global_config("gpg.ssh.revocationFile", &env.path("revoked").display().to_string());
    scene.spoil(&[&|_| {}]);
    scene.all_refuse(&["approvals-missing", "the key of `lead@example.com` was revoked"]);
    env.git(".", &["config", "--global", "--unset", "gpg.ssh.revocationFile"]);
    scene.all_take();
}

#[test]
fn safety_13_recorded_approvals_are_by_whom_the_policy_names_and_not_by_the_asker() {
    let scene = Scene::asked("recorded", |_| {});
    refused(
        &scene,
        &[
            ("the policy does not name `eve@example.com`", Written { by: "eve@example.com", key: "", ..GOOD }),
            ("the approver is the requester", Written { by: "ada@example.com", key: "", ..GOOD }),
            // If an approval has a signature, the signature must be valid.
            ("the signature covers another statement", Written { statement: ("better", "worse"), ..GOOD }),
        ],
    );
    scene.spoil(&[&|team| Written { key: "", ..GOOD }.add(team)]);
    scene.all_take();
}

#[test]
fn an_approver_whose_key_is_not_listed_is_refused_before_any_change() {
    let team = Team::new("signed");
    team.ask();
    team.git("eve", &["fetch", "-q"]);
    let key = team.env.path("home/eve.pub").display().to_string();
    team.git("lead", &["config", "user.signingkey", &key]);
    let before = team.git("lead", &["for-each-ref"]);
    let refused = team.refused("lead", &["approve", ID]);
    assert!(
        refused.contains("your approval would not count: `allowed_signers` does not list the signature's key"),
        "{refused}"
    );
    team.git("lead", &["config", "--unset", "user.signingkey"]);
    let refused = team.refused("lead", &["approve", ID]);
    assert!(refused.contains("git has no SSH key to sign with"), "{refused}");
    assert!(team.refused("ada", &["approve", ID]).contains("a requester's own approval does not count"));
    assert!(team.refused("eve", &["approve", ID]).contains("does not name `eve@example.com`"));
    assert_eq!(team.git("lead", &["for-each-ref"]), before);
}
