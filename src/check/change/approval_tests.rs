//! Attacks on the review, 12 and 13 of `docs/threats.md`, with keys that are words: `KEY over STATEMENT` is a
//! signature.

use anyhow::Result;

use super::change;
use super::count::Signatures;
use crate::check::sample::sample;
use crate::diag::Verdict;
use crate::model::tree::memory::MemoryTree;
use crate::model::{
    Approval, Layout, Manifest, ModelName, Purpose, Stage, Statement, Text, Timestamp, Tree, UserId, snapshot, write,
};

const PRODUCTION: &str = "models/iris/stages/production.toml";

/// Lines of `ADDRESS KEY`.
const SIGNERS: &str = "lead@example.com lead-key\nboss@example.com boss-key\nada@example.com ada-key\n";

pub(super) struct Words;

impl Signatures for Words {
    fn verify(
        &self,
        signers: &str,
        by: &UserId,
        purpose: Purpose,
        statement: &str,
        signature: &str,
        at: Timestamp,
    ) -> Result<Result<(), String>> {
        let Some((key, over)) = signature.split_once(" over ") else { return Ok(Err("no signature".into())) };
        let own = format!("{by} {key}");
        let Some(rest) = signers.lines().find_map(|line| line.strip_prefix(&own)) else {
            return Ok(Err(format!("the key does not belong to `{by}`")));
        };
        if rest.strip_prefix(" valid-before=").is_some_and(|end| at >= Timestamp::parse(end).unwrap()) {
            return Ok(Err("the key was not valid".into()));
        }
        if !over.starts_with(purpose.namespace()) {
            return Ok(Err("the signature has another purpose".into()));
        }
        Ok(if over == statement.replace('\n', "|") {
            Ok(())
        } else {
            Err("the signature covers another statement".into())
        })
    }

    fn same_key(&self, one: &str, other: &str) -> bool {
        one.split_once(" over ").map(|(key, _)| key) == other.split_once(" over ").map(|(key, _)| key)
    }

    fn now(&self) -> Option<Timestamp> {
        Timestamp::parse(NOW).ok()
    }
}

/// The time of judging, a month after the approvals.
const NOW: &str = "2022-07-01T00:00:00Z";

pub(super) fn signed_policy() -> MemoryTree {
    sample().edit("registry.toml", "review = \"recorded\"", "review = \"signed\"").with("allowed_signers", SIGNERS)
}

/// A signature by a key over the statement of a move, or of its approval.
fn sign(tree: &MemoryTree, stage: &Stage, place: usize, approval: Option<&Approval>, key: &str) -> Text {
    let entry = &stage.history[place - 1];
    let manifest: Manifest =
        snapshot::read(tree, &format!("models/iris/versions/{}.toml", entry.version)).unwrap().unwrap();
    let facts = manifest.facts_digest();
    let registry = crate::model::Line::new("acme-models").unwrap();
    let statement =
        Statement { registry: &registry, model: "iris", stage: &stage.stage, place, entry, facts: &facts, approval };
    Text::new(format!("{key} over {}", statement.to_string().replace('\n', "|"))).unwrap()
}

fn approval(by: &str) -> Approval {
    let at = Timestamp::parse("2022-06-02T00:00:00Z").unwrap();
    Approval { by: UserId::new(by).unwrap(), at, comment: None, signature: None }
}

/// Production moved to 3 by ada, with approvals that are each an address and a key to sign with.
fn moved(base: &MemoryTree, approvals: &[(&str, Option<&str>)]) -> MemoryTree {
    moved_to(base, "promote", 3, approvals)
}

/// The same to another version, by another action.
pub(super) fn moved_to(
    base: &MemoryTree,
    action: &str,
    version: u64,
    approvals: &[(&str, Option<&str>)],
) -> MemoryTree {
    let mut asked = base.clone().edit(PRODUCTION, "version = 2", &format!("version = {version}"));
    let entry = format!(
        "\n[[history]]\nat = 2022-06-01T00:00:00Z\nby = \"ada@example.com\"\naction = \"{action}\"\nversion = {version}\nfrom = 2\nreason = \"it fails\"\n"
    );
    asked.0.get_mut(PRODUCTION).unwrap().1.extend(entry.bytes());
    let mut stage: Stage = snapshot::read(&asked, PRODUCTION).unwrap().unwrap();
    let place = stage.history.len();
    // Ada asks, and signs.
    stage.history[place - 1].signature = Some(sign(&asked, &stage, place, None, "ada-key"));
    for (by, key) in approvals {
        let mut given = approval(by);
        given.signature = key.map(|key| sign(&asked, &stage, place, Some(&given), key));
        stage.history[place - 1].approvals.push(given);
    }
    with(asked, &stage)
}

fn with(tree: MemoryTree, stage: &Stage) -> MemoryTree {
    let text = write::stage_text(stage, None, PRODUCTION).unwrap();
    tree.with(PRODUCTION, &text)
}

fn findings(base: &dyn Tree, head: &dyn Tree) -> Vec<(&'static str, String)> {
    let report = change(base, head, &[], &Words).unwrap();
    report.findings.into_iter().map(|finding| (finding.code.id, finding.message)).collect()
}

/// The reasons for which approvals were not counted; the move is refused.
#[track_caller]
fn refused(base: &MemoryTree, head: &MemoryTree) -> String {
    let found = findings(base, head);
    assert!(found.iter().any(|(code, _)| *code == "approvals-missing"), "{found:?}");
    found.into_iter().filter(|(code, _)| *code == "approval-not-counted").map(|(_, message)| message).collect()
}

#[track_caller]
fn passes(base: &MemoryTree, head: &MemoryTree) {
    assert_eq!(findings(base, head), []);
}

#[test]
fn a_signed_approval_by_whom_the_policy_names_is_enough() {
    let base = signed_policy();
    passes(&base, &moved(&base, &[("lead@example.com", Some("lead-key"))]));
    assert_eq!(refused(&base, &moved(&base, &[])), "");
}

#[test]
fn safety_13_the_requesters_own_approval_does_not_count() {
    let base = signed_policy().edit("registry.toml", "\"boss@example.com\"", "\"ada@example.com\"");
    let why = refused(&base, &moved(&base, &[("ada@example.com", Some("ada-key"))]));
    assert!(why.contains("is the requester"), "{why}");
    assert!(refused(&base, &moved(&base, &[("ADA@example.com", Some("ada-key"))])).contains("is the requester"));
}

#[test]
fn safety_13_the_requesters_second_address_does_not_count() {
    let base = signed_policy().with("allowed_signers", &format!("{SIGNERS}lead@example.com ada-key\n"));
    let why = refused(&base, &moved(&base, &[("lead@example.com", Some("ada-key"))]));
    assert!(why.contains("also belongs to the requester `ada@example.com`"), "{why}");
}

#[test]
fn safety_13_the_same_person_counts_once() {
    let base = signed_policy().edit("registry.toml", "approvals = 1", "approvals = 2");
    let lead = ("lead@example.com", Some("lead-key"));
    assert!(refused(&base, &moved(&base, &[lead, lead])).contains("has approved already"));
    passes(&base, &moved(&base, &[lead, ("boss@example.com", Some("boss-key"))]));
    // One key under two addresses is one person.
    let both = base.with("allowed_signers", &format!("{SIGNERS}boss@example.com lead-key\n"));
    let why = refused(&both, &moved(&both, &[lead, ("boss@example.com", Some("lead-key"))]));
    assert!(why.contains("under another address"), "{why}");
}

#[test]
fn safety_13_a_key_that_is_not_listed_or_anothers_does_not_count() {
    let base = signed_policy();
    for key in ["eve-key", "boss-key"] {
        assert!(
            refused(&base, &moved(&base, &[("lead@example.com", Some(key))]))
                .contains("does not belong to `lead@example.com`")
        );
    }
    assert!(refused(&base, &moved(&base, &[("lead@example.com", None)])).contains("not signed"));
    assert!(refused(&base, &moved(&base, &[("eve@example.com", Some("eve-key"))])).contains("does not name"));
}

#[test]
fn safety_13_an_approval_of_another_move_does_not_count() {
    let base = signed_policy();
    let good = moved(&base, &[("lead@example.com", Some("lead-key"))]);
    let mut stage: Stage = snapshot::read(&good, PRODUCTION).unwrap().unwrap();
    let last = stage.history.len() - 1;
    let kept = stage.history[last].approvals.clone();
    // The reason was changed after the approval.
    stage.history[last].reason = Some(Text::new("another").unwrap());
    assert!(refused(&base, &with(good.clone(), &stage)).contains("another statement"));
    // The version has other facts.
    let other = good.clone().edit("models/iris/versions/3.toml", "s3://models/iris/3", "s3://models/iris/x");
    let found = findings(&base, &other);
    assert!(
        found.iter().any(|(code, _)| *code == "approvals-missing")
            && found.iter().any(|(code, _)| *code == "fact-changed")
    );
    // The same move a second time, with the approval of the first.
    let mut again = stage.clone();
    again.history[last].reason = None;
    again.history[last].approvals.clone_from(&kept);
    let landed = with(good, &again);
    let mut back = again.history[last].clone();
    back.version = 2;
    back.from = Some(3);
    back.approvals.clear();
    let mut twice = again.history[last].clone();
    twice.approvals = kept;
    again.history.extend([back, twice]);
    let why = refused(&landed, &with(landed.clone(), &again));
    assert!(why.contains("another statement"), "{why}");
}

#[test]
fn safety_12_the_changes_own_policy_and_signers_do_not_count() {
    let base = signed_policy();
    let head = moved(&base, &[("lead@example.com", Some("eve-key"))])
        .with("allowed_signers", &format!("{SIGNERS}lead@example.com eve-key\n"));
    assert!(refused(&base, &head).contains("does not belong to"));
    let head = moved(&base, &[]).edit("registry.toml", "review = \"signed\"\n", "").edit(
        "registry.toml",
        "approvals = 1\n",
        "",
    );
    refused(&base, &head);
    // Without named approvers the base's owners count, not those whom the change names.
    let base = signed_policy().edit("registry.toml", "approvers = [\"@ml-leads\", \"boss@example.com\"]\n", "");
    let owned = base.clone().edit(
        "models/iris/model.toml",
        "owners = [\"ada@example.com\"]",
        "owners = [\"lead@example.com\"]",
    );
    let head = moved(&base, &[("lead@example.com", Some("lead-key"))]).edit(
        "models/iris/model.toml",
        "owners = [\"ada@example.com\"]",
        "owners = [\"lead@example.com\"]",
    );
    assert!(refused(&base, &head).contains("does not name"));
    passes(&owned, &moved(&owned, &[("lead@example.com", Some("lead-key"))]));
}

/// Every reader takes an approval in the journal for the word of a reviewer, also beside enough good ones.
#[test]
fn safety_23_an_approval_that_does_not_count_does_not_come_in() {
    let base = signed_policy();
    let lead = ("lead@example.com", Some("lead-key"));
    let added = |base: &MemoryTree, head: &MemoryTree| {
        let report = change(base, head, &[], &Words).unwrap();
        assert_eq!(report.verdict() == Verdict::Breaks, report.errors() > 0, "{:?}", report.findings);
        report.findings.into_iter().map(|finding| finding.code.id).collect::<Vec<_>>()
    };
    for bad in [
        ("cto@example.com", None),
        ("eve@example.com", Some("eve-key")),
        ("ada@example.com", Some("ada-key")),
        ("boss@example.com", Some("lead-key")),
        lead,
    ] {
        assert_eq!(added(&base, &moved(&base, &[lead, bad])), ["approval-not-counted"], "{bad:?}");
    }
    passes(&base, &moved(&base, &[lead, ("boss@example.com", Some("boss-key"))]));
    // Stages that count none take none, in a new entry and in an old one.
    for review in ["none", "forge"] {
        let base = signed_policy().edit(
            "registry.toml",
            "review = \"signed\"\napprovals = 1\n",
            &format!("review = \"{review}\"\n"),
        );
        let unsigned = |head: MemoryTree| {
            let mut stage: Stage = snapshot::read(&head, PRODUCTION).unwrap().unwrap();
            stage.history[2].signature = None;
            with(head.without(PRODUCTION), &stage)
        };
        assert_eq!(added(&base, &unsigned(moved(&base, &[lead]))), ["approval-not-counted"], "{review}");
        passes(&base, &unsigned(moved(&base, &[])));
        let mut old: Stage = snapshot::read(&base, PRODUCTION).unwrap().unwrap();
        old.history[0].approvals.push(approval("boss@example.com"));
        assert_eq!(added(&base, &with(base.clone(), &old)), ["late-approval-not-counted"], "{review}");
    }
}

/// The approver writes the time of the approval. So a retired key could approve with an earlier time.
#[test]
fn safety_23_a_key_that_is_retired_when_the_change_is_judged_does_not_count() {
    let until = |end: &str| {
        let signers = SIGNERS.replace("lead-key", &format!("lead-key valid-before={end}"));
        signed_policy().with("allowed_signers", &signers)
    };
    let lead = [("lead@example.com", Some("lead-key"))];
    let retired = until(NOW);
    let why = refused(&retired, &moved(&retired, &lead));
    assert!(why.contains("the key of `lead@example.com` is not valid now"), "{why}");
    let valid = until("2022-07-01T00:00:01Z");
    passes(&valid, &moved(&valid, &lead));
    // An approval that the base has is judged by what was then: the second approval of an emergency counts it.
    let two = "approvals = 2\nemergency = true\n";
    let base = retired.edit("registry.toml", "approvals = 1\n", two);
    let mut asked = base.clone().edit(PRODUCTION, "version = 2", "version = 1");
    let entry = "\n[[history]]\nat = 2022-06-01T00:00:00Z\nby = \"ada@example.com\"\naction = \"rollback\"\nversion = 1\nfrom = 2\nreason = \"it fails\"\nemergency = true\n";
    asked.0.get_mut(PRODUCTION).unwrap().1.extend(entry.bytes());
    let approve = |tree: &MemoryTree, by: &str, key: &str| {
        let mut stage: Stage = snapshot::read(tree, PRODUCTION).unwrap().unwrap();
        let mut given = approval(by);
        given.signature = Some(sign(tree, &stage, 3, Some(&given), key));
        stage.history[2].approvals.push(given);
        with(tree.clone(), &stage)
    };
    let once = approve(&asked, "lead@example.com", "lead-key");
    assert!(findings(&asked, &once).iter().any(|(code, _)| *code == "late-approval-not-counted"));
    let twice = approve(&once, "boss@example.com", "boss-key");
    assert_eq!(findings(&once, &twice), []);
    // The line is removed: then it is not known whose the key was.
    let gone = signed_policy().with("allowed_signers", "boss@example.com boss-key\n");
    assert!(refused(&gone, &moved(&gone, &lead)).contains("does not belong to"));
}

/// One person with one key is one person, whoever the entry says has asked.
#[test]
fn safety_23_the_person_who_asks_signs_and_another_key_approves() {
    let base = signed_policy();
    let lead = [("lead@example.com", Some("lead-key"))];
    let asked = |base: &MemoryTree, key: Option<&str>, by: &str, purpose: Option<&Approval>| {
        let mut head = moved(base, &[]).edit(
            PRODUCTION,
            "2022-06-01T00:00:00.000Z\nby = \"ada@",
            &format!("2022-06-01T00:00:00.000Z\nby = \"{by}@"),
        );
        let mut stage: Stage = snapshot::read(&head, PRODUCTION).unwrap().unwrap();
        let place = stage.history.len();
        let (by, key_of_lead) = lead[0];
        let mut given = approval(by);
        stage.history[place - 1].signature = key.map(|key| sign(&head, &stage, place, purpose, key));
        given.signature = key_of_lead.map(|key| sign(&head, &stage, place, Some(&given), key));
        stage.history[place - 1].approvals.push(given);
        head = head.without(PRODUCTION);
        with(head, &stage)
    };
    passes(&base, &asked(&base, Some("ada-key"), "ada", None));
    // Not signed, with another person's key, as another person, or with a signature for another purpose.
    let other = approval("ada@example.com");
    for (key, by, purpose) in [
        (None, "ada", None),
        (Some("lead-key"), "ada", None),
        (Some("ada-key"), "bob", None),
        (Some("ada-key"), "ada", Some(&other)),
    ] {
        let found = findings(&base, &asked(&base, key, by, purpose));
        assert!(found.iter().any(|(code, _)| *code == "request-not-signed"), "{key:?} {by}: {found:?}");
    }
    // Listed for both, the lead's key asks and approves.
    let both = base.clone().with("allowed_signers", &format!("{SIGNERS}ada@example.com lead-key\n"));
    let why = refused(&both, &asked(&both, Some("lead-key"), "ada", None));
    assert!(why.contains("also belongs to the requester `ada@example.com`"), "{why}");
    let why = refused(&base, &asked(&base, Some("lead-key"), "ada", None));
    assert!(why.contains("the requester `ada@example.com` signed with the same key"), "{why}");
    // An emergency is signed too.
    let base = base.clone().edit("registry.toml", "approvals = 1\n", "approvals = 1\nemergency = true\n");
    let emergency = |signed: bool| {
        let mut head = moved_to(&base, "rollback", 1, &[]);
        let mut stage: Stage = snapshot::read(&head, PRODUCTION).unwrap().unwrap();
        let place = stage.history.len();
        stage.history[place - 1].emergency = true;
        stage.history[place - 1].signature = signed.then(|| sign(&head, &stage, place, None, "ada-key"));
        head = head.without(PRODUCTION);
        findings(&base, &with(head, &stage)).into_iter().map(|(code, _)| code).collect::<Vec<_>>()
    };
    assert_eq!(emergency(true), ["emergency-unapproved"]);
    assert_eq!(emergency(false), ["request-not-signed", "emergency-unapproved"]);
    // Where no signature is asked for, one that is there has to be good.
    let recorded = signed_policy().edit("registry.toml", "review = \"signed\"", "review = \"recorded\"");
    let found = findings(&recorded, &asked(&recorded, Some("lead-key"), "ada", None));
    assert!(found.iter().any(|(code, _)| *code == "request-not-signed"), "{found:?}");
    passes(&recorded, &asked(&recorded, None, "ada", None));
    // Nor does one come in where nobody counts approvals.
    let forge = signed_policy().edit("registry.toml", "review = \"signed\"\napprovals = 1\n", "review = \"forge\"\n");
    assert_eq!(findings(&forge, &moved(&forge, &[]))[0].0, "request-not-signed");
}

#[test]
fn a_renamed_model_keeps_its_approvals() {
    let base = signed_policy();
    let landed = moved(&base, &[("lead@example.com", Some("lead-key"))]);
    let name = ModelName::new("flower").unwrap();
    assert_eq!(Layout::Flat.model_folder(&name), "models/flower");
    let renamed = MemoryTree(
        landed.0.into_iter().map(|(path, file)| (path.replace("models/iris/", "models/flower/"), file)).collect(),
    )
    .edit("models/flower/model.toml", "name = \"iris\"", "name = \"flower\"")
    .edit("models/flower/model.toml", "[\"flowers\"]", "[\"flowers\", \"iris\"]");
    passes(&base, &renamed);
}

#[test]
fn an_emergency_goes_to_the_prior_version_once_and_only_where_the_policy_allows() {
    let emergency = |base: &MemoryTree, version: u64, from: u64, action: &str| {
        let mut head = base.clone().edit(PRODUCTION, &format!("version = {from}"), &format!("version = {version}"));
        let entry = format!(
            "\n[[history]]\nat = 2022-06-01T00:00:00Z\nby = \"ada@example.com\"\naction = \"{action}\"\nversion = {version}\nfrom = {from}\nreason = \"it fails\"\nemergency = true\n"
        );
        head.0.get_mut(PRODUCTION).unwrap().1.extend(entry.bytes());
        head
    };
    let why = |base: &MemoryTree, head: &MemoryTree| -> String {
        findings(base, head)
            .into_iter()
            .filter(|(code, _)| *code == "emergency-not-allowed")
            .map(|(_, message)| message)
            .collect()
    };
    let strict = signed_policy();
    assert!(why(&strict, &emergency(&strict, 1, 2, "rollback")).contains("allows no emergencies"));
    let base = strict.edit("registry.toml", "approvals = 1\n", "approvals = 1\nemergency = true\n");
    let found = findings(&base, &emergency(&base, 1, 2, "rollback"));
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["request-not-signed", "emergency-unapproved"]);
    assert!(why(&base, &emergency(&base, 3, 2, "promote")).contains("to the prior version, which is 1"));
    // A second one while the first waits.
    let first = emergency(&base, 1, 2, "rollback");
    let second = emergency(&first, 2, 1, "rollback");
    assert!(!why(&first, &second).is_empty());
}
