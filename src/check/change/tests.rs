mod names;

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use anyhow::Result;
use sha1::{Digest as _, Sha1};

use super::change;
use super::count::NoSignatures;
use crate::check::sample::{closed_request, sample};
use crate::diag::codes::change::FAMILY;
use crate::model::tree::memory::MemoryTree;
use crate::model::{Content, Entry, Overlay, Timestamp, Tree};

const V2: &str = "models/iris/versions/2.toml";
const V3: &str = "models/iris/versions/3.toml";
const MODEL: &str = "models/iris/model.toml";
const STAGING: &str = "models/iris/stages/staging.toml";
const PRODUCTION: &str = "models/iris/stages/production.toml";

fn edit(path: &str, from: &str, to: &str) -> MemoryTree {
    sample().edit(path, from, to)
}

fn edit_in(tree: MemoryTree, path: &str, from: &str, to: &str) -> MemoryTree {
    tree.edit(path, from, to)
}

fn append(path: &str, text: &str) -> MemoryTree {
    append_in(sample(), path, text)
}

fn append_in(mut tree: MemoryTree, path: &str, text: &str) -> MemoryTree {
    tree.0.get_mut(path).unwrap().1.extend(text.as_bytes());
    tree
}

fn without(mut tree: MemoryTree, start: &str) -> MemoryTree {
    tree.0.retain(|path, _| !path.starts_with(start));
    tree
}

/// The folder of a model under another path, with all its files.
fn moved(tree: MemoryTree, from: &str, to: &str) -> MemoryTree {
    let rename = |path: String| path.strip_prefix(from).map_or(path.clone(), |rest| format!("{to}{rest}"));
    MemoryTree(tree.0.into_iter().map(|(path, file)| (rename(path), file)).collect())
}

/// The codes of a change's findings, once each, in order.
fn codes(base: &dyn Tree, head: &dyn Tree, elsewhere: &[&str]) -> Vec<&'static str> {
    let elsewhere: Vec<String> = elsewhere.iter().map(|path| path.to_string()).collect();
    let mut codes: Vec<_> = change(base, head, &elsewhere, &NoSignatures { now: now() })
        .unwrap()
        .findings
        .iter()
        .map(|f| f.code.id)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

const PROMOTION: &str = "\n[[history]]\nat = 2022-06-01T00:00:00Z\nby = \"ada@example.com\"\naction = \"promote\"\n";

/// The stage moved to a version, without anybody's approval.
fn asked(path: &str, version: u64, from: u64) -> MemoryTree {
    let pointed = edit(path, &format!("version = {from}"), &format!("version = {version}"));
    let beside = if path == STAGING { "beside = [1]\n" } else { "" };
    append_in(pointed, path, &format!("{PROMOTION}version = {version}\nfrom = {from}\n{beside}"))
}

/// The same, approved where the sample's policy wants it.
fn promoted(path: &str, version: u64, from: u64) -> MemoryTree {
    let asked = asked(path, version, from);
    if path == PRODUCTION { append_in(asked, path, &approval("lead@example.com")) } else { asked }
}

/// The end of the request whose move is [`promoted`].
fn rejected_later() -> String {
    closed_request(11).replace("at = 2022-01-11", "at = 2022-07-01").replace("2022-01-10", "2022-06-01")
}

fn approval(by: &str) -> String {
    format!("\n[[history.approvals]]\nby = \"{by}\"\nat = 2022-06-02T00:00:00Z\n")
}

/// Production rolled back to a version, as an emergency.
fn emergency(base: MemoryTree, version: u64) -> MemoryTree {
    let pointed = base.edit(PRODUCTION, "version = 2", &format!("version = {version}"));
    let entry = PROMOTION.replace("promote", "rollback");
    append_in(
        pointed,
        PRODUCTION,
        &format!("{entry}version = {version}\nfrom = 2\nreason = \"it fails\"\nemergency = true\n"),
    )
}

const TOMBSTONE: &str = "\n[deleted]\nat = 2022-03-01T00:00:00Z\nby = \"ada@example.com\"\nreason = \"wrong data\"\n";

pub(in crate::check) fn now() -> Option<Timestamp> {
    Timestamp::parse("2026-01-01T00:00:00Z").ok()
}

/// The sample with a new model.
fn with_model(name: &str) -> MemoryTree {
    let head = "created_at = 2022-01-01T00:00:00Z\ncreated_by = \"ada@example.com\"\n";
    sample().with(&format!("models/{name}/model.toml"), &format!("format = 1\nname = \"{name}\"\n{head}"))
}

/// A comment, by its time.
fn comment_at(at: &str) -> String {
    format!("\n[[comments]]\nat = {at}\nby = \"bob@example.com\"\ntext = \"more\"\n")
}

/// A rule's name, a base, a head that breaks the rule, and one that just does not.
pub(in crate::check) struct Case {
    pub code: &'static str,
    pub base: MemoryTree,
    pub breaks: MemoryTree,
    pub keeps: MemoryTree,
}

/// Each rule with its case, on the sample as base where the rule needs no other.
pub(in crate::check) fn cases() -> Vec<Case> {
    let case = |code, breaks, keeps| Case { code, base: sample(), breaks, keeps };
    let on = |code, base, breaks, keeps| Case { code, base, breaks, keeps };
    let deleted = append(V2, TOMBSTONE);
    let raised = |tree| edit_in(tree, "registry.toml", "policy_version = 1", "policy_version = 2");
    let new_team = || edit("registry.toml", "lead@example.com", "boss@example.com");
    let stray = sample().with("models/notes.txt", "");
    vec![
        on(
            "broken-before",
            stray.clone(),
            edit_in(stray.clone(), V2, "Version 2", "The second"),
            edit(V2, "Version 2", "The second"),
        ),
        case("former-name-reused", with_model("flowers"), with_model("tulips")),
        case(
            "time-ahead",
            append(V2, &comment_at("9000-01-01T00:00:00Z")),
            append(V2, &comment_at("2026-01-02T00:00:00Z")),
        ),
        case(
            "policy-version-jumped",
            edit("registry.toml", "policy_version = 1", "policy_version = 3"),
            edit("registry.toml", "policy_version = 1", "policy_version = 2"),
        ),
        case("version-removed", without(sample(), "models/iris/versions/3"), append(V3, one_more_comment())),
        case("fact-changed", edit(V2, "accuracy = 0.9", "accuracy = 0.99"), edit(V2, "Version 2", "The second")),
        case("model-removed", without(sample(), "models/iris/"), append("README.md", "More.\n")),
        case(
            "model-fact-changed",
            edit(MODEL, "created_by = \"ada@example.com\"", "created_by = \"eve@example.com\""),
            edit(MODEL, "owners = [\"ada@example.com\"]", "owners = [\"bob@example.com\"]"),
        ),
        case(
            "comment-rewritten",
            edit(V2, "text = \"good\"", "text = \"bad\""),
            append(V2, "\n[[comments]]\nat = 2022-01-11T00:00:00Z\nby = \"bob@example.com\"\ntext = \"more\"\n"),
        ),
        on(
            "closed-request-rewritten",
            append(V2, &closed_request(11)),
            append(V2, &closed_request(12)),
            append(V2, &format!("{}{}", closed_request(11), closed_request(12))),
        ),
        on(
            "closed-request-landed",
            append(V3, &rejected_later()),
            append_in(promoted(PRODUCTION, 3, 2), V3, &rejected_later()),
            append_in(promoted(PRODUCTION, 3, 2).edit(PRODUCTION, "2022-06-01", "2022-06-02"), V3, &rejected_later()),
        ),
        case(
            "journal-rewritten",
            edit(PRODUCTION, "by = \"ada@example.com\"", "by = \"eve@example.com\""),
            promoted(PRODUCTION, 3, 2),
        ),
        case(
            "beside-changed",
            edit(STAGING, "beside = [1]", "beside = [1, 2]"),
            append_in(
                edit(STAGING, "version = 3\nbeside = [1]", "version = 2\nbeside = [1, 3]"),
                STAGING,
                &format!("{PROMOTION}version = 2\nfrom = 3\nbeside = [1, 3]\n"),
            ),
        ),
        case("stage-file-removed", without(sample(), PRODUCTION), promoted(STAGING, 2, 3)),
        case("policy-version-not-raised", new_team(), raised(new_team())),
        case(
            "policy-version-lowered",
            edit("registry.toml", "policy_version = 1", "policy_version = 0"),
            edit("registry.toml", "policy_version = 1", "policy_version = 2"),
        ),
        case(
            "policy-with-move",
            raised(edit_in(promoted(PRODUCTION, 3, 2), "registry.toml", "lead@", "eve@")),
            promoted(PRODUCTION, 3, 2),
        ),
        on("tombstone-changed", deleted.clone(), deleted.edit(V2, "wrong data", "no reason"), sample()),
        on("journal-shortened", promoted(PRODUCTION, 3, 2), sample(), promoted(PRODUCTION, 3, 2)),
        case(
            "journal-backdated",
            promoted(PRODUCTION, 3, 2).edit(PRODUCTION, "2022-06-01T00:00:00Z", "2022-01-02T00:00:00Z"),
            promoted(PRODUCTION, 3, 2),
        ),
        on(
            "after-not-met",
            without(sample(), STAGING),
            without(promoted(PRODUCTION, 3, 2), STAGING),
            promoted(PRODUCTION, 3, 2),
        ),
        on(
            "gate-not-met",
            edit("registry.toml", "min = 0.5", "min = 0.91"),
            edit_in(promoted(PRODUCTION, 3, 2), "registry.toml", "min = 0.5", "min = 0.91"),
            edit_in(promoted(STAGING, 2, 3), "registry.toml", "min = 0.5", "min = 0.91"),
        ),
        on(
            "requirement-not-met",
            edit("registry.toml", "approvals = 1", "approvals = 1\nrequires = [\"signature\"]"),
            edit_in(
                promoted(PRODUCTION, 3, 2),
                "registry.toml",
                "approvals = 1",
                "approvals = 1\nrequires = [\"signature\"]",
            ),
            edit_in(
                promoted(STAGING, 2, 3),
                "registry.toml",
                "approvals = 1",
                "approvals = 1\nrequires = [\"signature\"]",
            ),
        ),
        case("approvals-missing", asked(PRODUCTION, 3, 2), promoted(PRODUCTION, 3, 2)),
        case(
            "approval-not-counted",
            append_in(promoted(PRODUCTION, 3, 2), PRODUCTION, &approval("eve@example.com")),
            promoted(PRODUCTION, 3, 2),
        ),
        on(
            "late-approval-not-counted",
            emergency(sample(), 1),
            append_in(emergency(sample(), 1), PRODUCTION, &approval("eve@example.com")),
            append_in(emergency(sample(), 1), PRODUCTION, &approval("lead@example.com")),
        ),
        on(
            "request-not-signed",
            edit("registry.toml", "review = \"recorded\"", "review = \"signed\""),
            edit_in(asked(PRODUCTION, 3, 2), "registry.toml", "review = \"recorded\"", "review = \"signed\""),
            edit_in(promoted(STAGING, 2, 3), "registry.toml", "review = \"recorded\"", "review = \"signed\""),
        ),
        on("emergency-not-allowed", sample(), emergency(sample(), 1), promoted(PRODUCTION, 3, 2)),
        case("mixed-change", append_in(edit(V2, "Version 2", "Two"), "README.md", "x"), append("README.md", "x")),
    ]
}

fn one_more_comment() -> &'static str {
    "\n[[comments]]\nat = 2022-01-12T00:00:00Z\nby = \"bob@example.com\"\ntext = \"stays\"\n"
}

#[test]
fn each_rule_finds_what_breaks_it_and_nothing_in_what_just_does_not() {
    let mut wrong = String::new();
    for Case { code, base, breaks, keeps } in cases() {
        let found = codes(&base, &breaks, &[]);
        if !found.contains(&code) {
            wrong.push_str(&format!("{code} is not found: {found:?}\n"));
        }
        let found = change(&base, &keeps, &[], &NoSignatures::default()).unwrap();
        if found.errors() > 0 {
            wrong.push_str(&format!("what keeps {code} has findings: {:?}\n", codes(&base, &keeps, &[])));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_code_of_a_change_has_a_test() {
    let cases: Vec<_> = cases().into_iter().map(|case| case.code).collect();
    for code in FAMILY {
        assert!(cases.contains(&code.id), "{}", code.id);
    }
}

#[test]
fn a_tombstone_is_lifted_as_a_whole_or_stays_as_it_is() {
    let base = sample();
    let deleted = append(V2, TOMBSTONE);
    let edited = edit_in(deleted.clone(), V2, "wrong data", "no reason");
    assert!(codes(&deleted, &edited, &[]).contains(&"tombstone-changed"));
    assert!(!codes(&deleted, &base, &[]).contains(&"tombstone-changed"));
}

#[test]
fn safety_10_a_journal_only_grows_and_is_never_dated_back() {
    let base = promoted(PRODUCTION, 3, 2);
    assert!(codes(&base, &sample(), &[]).contains(&"journal-shortened"));
    let back = edit_in(base.clone(), PRODUCTION, "2022-06-01T00:00:00Z", "2022-01-02T00:00:00Z");
    assert!(codes(&sample(), &back, &[]).contains(&"journal-backdated"));
    assert_eq!(codes(&sample(), &base, &[]), Vec::<&str>::new());
}

#[test]
fn what_is_beside_a_pointer_comes_and_goes_by_moves_alone() {
    let without = edit(STAGING, "beside = [1]\n", "");
    assert_eq!(codes(&without, &sample(), &[]), ["beside-changed"], "a version enters unseen");
    assert_eq!(codes(&sample(), &without, &[]), ["beside-changed"], "a version leaves unseen");
    // The first move leaves 3 beside 1, or not; the second leads to 2. The last list is the stage's.
    for (first, second, list, bad) in [
        ("[3]", "[1, 3]", "[1, 3]", false),
        ("[3]", "[3]", "[3]", false),
        ("[3]", "[]", "[]", false),
        ("[]", "[1]", "[1]", false),
        ("[]", "[1, 3]", "[1, 3]", true),
        ("[3]", "[1, 2, 3]", "[1, 2, 3]", true),
        ("[3]", "[3]", "[1, 3]", true),
        ("[3]", "[1, 3]", "[3]", true),
    ] {
        let moves: String = [(1, 3, first), (2, 1, second)]
            .iter()
            .map(|(version, from, beside)| {
                format!("{PROMOTION}version = {version}\nfrom = {from}\nbeside = {beside}\n")
            })
            .collect();
        let head = edit(STAGING, "version = 3\nbeside = [1]", &format!("version = 2\nbeside = {list}"));
        let found = codes(&sample(), &append_in(head, STAGING, &moves), &[]);
        assert_eq!(found.contains(&"beside-changed"), bad, "{first} {second} {list}: {found:?}");
    }
    // A withdrawal takes its version out of the list, and nothing else.
    let withdrawal = PROMOTION.replace("promote", "withdraw");
    for (beside, bad) in [("[]", false), ("[1]", true)] {
        let head = edit(STAGING, "beside = [1]", &format!("beside = {beside}"));
        let head = append_in(head, STAGING, &format!("{withdrawal}version = 1\nfrom = 3\nbeside = {beside}\n"));
        let found = codes(&sample(), &head, &[]);
        assert_eq!(found.contains(&"beside-changed"), bad, "withdrawn, {beside}: {found:?}");
    }
}

#[test]
fn a_version_enters_only_after_the_stage_that_the_bases_policy_names() {
    let skipped = without(promoted(PRODUCTION, 3, 2), STAGING);
    assert!(codes(&sample(), &skipped, &[]).contains(&"after-not-met"));
    let waived = edit_in(skipped, "registry.toml", "after = \"Staging\"\n", "");
    assert!(codes(&sample(), &waived, &[]).contains(&"after-not-met"), "the change's own policy must not count");
    let rolled_back = edit_in(promoted(PRODUCTION, 3, 2), PRODUCTION, "version = 3", "version = 1");
    assert!(!codes(&sample(), &rolled_back, &[]).contains(&"after-not-met"));
}

#[test]
fn safety_12_a_change_may_not_edit_the_signers_and_profit_from_it() {
    let signer = "eve@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFsfAO1oNKaIVlAFgTDxcqUGwdr4uGePs0PpzWQXZpG4\n";
    let alone = sample().with("allowed_signers", signer);
    assert!(!codes(&sample(), &alone, &[]).contains(&"policy-with-move"));
    let with_move = promoted(PRODUCTION, 3, 2).with("allowed_signers", signer);
    assert!(codes(&sample(), &with_move, &[]).contains(&"policy-with-move"));
}

/// Where a stage has a review and names no approvers, a model's owners approve.
#[test]
fn safety_23_a_change_of_the_owners_moves_nothing_where_owners_approve() {
    let owners = |tree: MemoryTree, to: &str| tree.edit(MODEL, "owners = [\"ada@example.com\"]", to);
    let theirs = |base: &MemoryTree| {
        base.clone().edit("registry.toml", "approvers = [\"@ml-leads\", \"boss@example.com\"]\n", "")
    };
    let base = theirs(&sample());
    let eve = "owners = [\"eve@example.com\"]";
    let with_move = owners(theirs(&promoted(STAGING, 2, 3)), eve);
    assert_eq!(codes(&base, &with_move, &[]), ["policy-with-move"]);
    assert_eq!(codes(&base, &owners(base.clone(), eve), &[]), Vec::<&str>::new());
    assert_eq!(codes(&base, &theirs(&promoted(STAGING, 2, 3)), &[]), Vec::<&str>::new());
    // The same people in another spelling, and a policy that names its approvers.
    let same = owners(theirs(&promoted(STAGING, 2, 3)), "owners = [\"Ada@example.com\", \"ada@example.com\"]");
    assert!(!codes(&base, &same, &[]).contains(&"policy-with-move"));
    assert_eq!(codes(&sample(), &owners(promoted(STAGING, 2, 3), eve), &[]), Vec::<&str>::new());
}

#[test]
fn another_layout_moves_every_model_and_changes_none() {
    let sharded = edit_in(
        moved(sample(), "models/iris/", "models/ir/iris/"),
        "registry.toml",
        "layout = \"flat\"",
        "layout = \"sharded\"",
    );
    assert_eq!(codes(&sample(), &sharded, &[]), Vec::<&str>::new());
    let forged = edit_in(sharded, "models/ir/iris/versions/2.toml", "accuracy = 0.9", "accuracy = 0.99");
    assert!(codes(&sample(), &forged, &[]).contains(&"fact-changed"));
}

#[test]
fn a_file_outside_of_the_registry_makes_a_change_of_models_a_mixed_one() {
    let head = edit(V2, "Version 2", "Two");
    assert_eq!(codes(&sample(), &head, &["src/train.py"]), ["mixed-change"]);
    assert_eq!(codes(&sample(), &sample(), &["src/train.py"]), Vec::<&str>::new());
}

#[test]
fn the_first_commit_of_a_registry_may_bring_anything_valid() {
    assert_eq!(codes(&MemoryTree::default().with("x", "y"), &sample(), &["src/a"]), Vec::<&str>::new());
}

#[test]
fn planned_edits_are_judged_like_a_commit() {
    let base = sample();
    let text = |tree: &MemoryTree| tree.0[V2].1.clone();
    let edits = BTreeMap::from([(V2.to_owned(), Some(text(&edit(V2, "accuracy = 0.9", "accuracy = 0.99"))))]);
    assert!(codes(&base, &Overlay::new(&base, &edits), &[]).contains(&"fact-changed"));
    let edits = BTreeMap::from([(V2.to_owned(), Some(text(&edit(V2, "Version 2", "Two"))))]);
    assert_eq!(codes(&base, &Overlay::new(&base, &edits), &[]), Vec::<&str>::new());
}

/// A tree whose folders have ids, as git's have, and which counts what is read.
struct Counting {
    tree: MemoryTree,
    touched: Mutex<HashSet<String>>,
}

impl Counting {
    fn new(tree: MemoryTree) -> Self {
        Self { tree, touched: Mutex::default() }
    }

    fn identified(&self, mut entry: Entry) -> Entry {
        if entry.is_folder() {
            let prefix = format!("{}/", entry.path);
            let mut hash = Sha1::new();
            for (path, (_, bytes)) in self.tree.0.iter().filter(|(path, _)| path.starts_with(&prefix)) {
                hash.update(&path[prefix.len()..]);
                hash.update(bytes);
            }
            entry.id = Some(hash.finalize().into());
        }
        entry
    }
}

impl Tree for Counting {
    fn find(&self, path: &str) -> Result<Option<Entry>> {
        Ok(self.tree.find(path)?.map(|entry| self.identified(entry)))
    }
    fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
        self.touched.lock().unwrap().insert(folder.path.clone());
        Ok(self.tree.list(folder)?.into_iter().map(|entry| self.identified(entry)).collect())
    }
    fn read(&self, file: &Entry) -> Result<Content> {
        self.touched.lock().unwrap().insert(file.path.clone());
        self.tree.read(file)
    }
}

#[test]
fn only_what_changed_is_read() {
    for layout in ["flat", "sharded"] {
        let many = |changed: bool| {
            let mut tree = MemoryTree::default()
                .with("registry.toml", &format!("format = 1\nname = \"r\"\nlayout = \"{layout}\"\n"));
            for n in 0..40 {
                let name = format!("{:02}-iris", n);
                let to = if layout == "flat" { format!("models/{name}/") } else { format!("models/{:02}/{name}/", n) };
                let mut model = moved(without(sample(), "models/iris/stages"), "models/iris/", &to);
                model = edit_in(model, &format!("{to}model.toml"), "name = \"iris\"", &format!("name = \"{name}\""));
                model = edit_in(model, &format!("{to}model.toml"), "former_names = [\"flowers\"]\n", "");
                if changed && n == 7 {
                    model = edit_in(model, &format!("{to}versions/2.toml"), "Version 2", "Two");
                }
                tree.0.extend(model.0.into_iter().filter(|(path, _)| path.starts_with("models/")));
            }
            Counting::new(tree)
        };
        let (base, head) = (many(false), many(true));
        let report = change(&base, &head, &[], &NoSignatures::default()).unwrap();
        assert_eq!(report.errors(), 0, "{:?}", report.findings.first());
        for side in [base, head] {
            let touched = side.touched.into_inner().unwrap();
            let foreign: Vec<_> = touched.iter().filter(|p| p.matches('/').count() > 1 && !p.contains("07")).collect();
            assert!(foreign.is_empty(), "{layout}: {foreign:?}");
        }
    }
}
