//! How often a change has each file read and each folder listed: at most once for each side. A file is not read at all
//! where nothing about it changed.

use std::collections::BTreeMap;

use super::approval_tests::{Words, moved_to, signed_policy};
use super::{JudgedMove, Judgement, judge};
use crate::check::sample::sample;
use crate::diag::Verdict;
use crate::model::tree::memory::{Counting, MemoryTree};
use crate::model::{Files, Overlay, Snapshot};

const PRODUCTION: &str = "models/iris/stages/production.toml";
const V1: &str = "models/iris/versions/1.toml";

/// What judging a change gave, and what was read of each side.
struct Run {
    judgement: Judgement,
    base: BTreeMap<String, usize>,
    head: BTreeMap<String, usize>,
}

/// Judges a change of commits.
#[track_caller]
fn run(base: &MemoryTree, head: &MemoryTree) -> Run {
    let (base_tree, head_tree) = (Counting::new(base.clone()), Counting::new(head.clone()));
    let snapshot = Snapshot::open(&base_tree).unwrap();
    let judgement = judge(&snapshot, &Files::of_change(&snapshot.files, &head_tree), &[], &Words).unwrap();
    let run = Run { judgement, base: base_tree.all(), head: head_tree.all() };
    for (side, reads) in [("base", &run.base), ("head", &run.head)] {
        assert!(reads.values().all(|&reads| reads == 1), "{side}: {reads:?}");
    }
    for (side, lists) in [("base", base_tree.lists()), ("head", head_tree.lists())] {
        assert!(lists.values().all(|&lists| lists == 1), "{side}: {lists:?}");
    }
    planned(base, head);
    run
}

/// Judges the same change as edits that are planned over the base: then no file of the base is read twice in all. A folder
/// is listed once for each side, and so twice.
#[track_caller]
fn planned(base: &MemoryTree, head: &MemoryTree) {
    let counting = Counting::new(base.clone());
    let differ = |path: &&String| base.0.get(*path) != head.0.get(*path);
    let paths = base.0.keys().chain(head.0.keys()).filter(differ);
    let edits = paths.map(|path| (path.clone(), head.0.get(path).map(|(_, bytes)| bytes.clone()))).collect();
    let overlay = Overlay::new(&counting, &edits);
    let snapshot = Snapshot::open(&counting).unwrap();
    judge(&snapshot, &Files::of_change(&snapshot.files, &overlay), &[], &Words).unwrap();
    let reads = counting.all();
    assert!(reads.values().all(|&reads| reads == 1), "planned: {reads:?}");
    let lists = counting.lists();
    assert!(lists.values().all(|&lists| lists <= 2), "planned: {lists:?}");
}

#[test]
fn a_promotion_as_a_request() {
    let run = run(&signed_policy(), &moved_to(&signed_policy(), "promote", 3, &[]));
    assert_eq!(run.judgement.report.verdict(), Verdict::AwaitsApprovals);
    let [JudgedMove { place: 3, landed: false, count, .. }] = &run.judgement.moves[..] else {
        panic!("{:?}", run.judgement.moves);
    };
    assert_eq!((count.counted.len(), count.needed), (0, 1));
    assert_eq!(run.head.get("registry.toml"), None, "the base has the same");
    assert_eq!(run.head.get(V1), None, "the change has nothing to do with version 1");
    assert_eq!(run.base.get(V1), None);
}

#[test]
fn a_rollback_with_a_signed_approval() {
    let head = moved_to(&signed_policy(), "rollback", 1, &[("lead@example.com", Some("lead-key"))]);
    let run = run(&signed_policy(), &head);
    assert_eq!(run.judgement.report.verdict(), Verdict::Passes, "{:?}", run.judgement.report.findings);
    let moves: Vec<_> = run.judgement.moves.iter().map(|m| (m.entry.version, m.count.enough())).collect();
    assert_eq!(moves, [(1, true)]);
    assert_eq!(run.base.get("allowed_signers"), Some(&1));
}

#[test]
fn signatures_that_nobody_counts_are_not_verified() {
    for (review, moves) in [("signed", 1), ("recorded", 1), ("forge", 0), ("none", 0)] {
        let base = signed_policy().edit("registry.toml", "review = \"signed\"", &format!("review = \"{review}\""));
        let head = moved_to(&base, "promote", 3, &[("lead@example.com", Some("lead-key"))]);
        let run = run(&base, &head);
        let expected = if moves > 0 { Verdict::Passes } else { Verdict::Breaks };
        assert_eq!(run.judgement.report.verdict(), expected, "{review}: {:?}", run.judgement.report.findings);
        let read_signers = run.base.contains_key("allowed_signers");
        assert_eq!((run.judgement.moves.len(), read_signers), (moves, moves > 0), "{review}");
    }
}

#[test]
fn a_registration_reads_no_other_manifest() {
    let text = String::from_utf8(sample().0[V1].1.clone()).unwrap();
    let head = sample().with("models/iris/versions/4.toml", &text.replacen("version = 1", "version = 4", 1));
    let run = run(&sample(), &head);
    assert_eq!(run.judgement.report.errors(), 0);
    let manifests: Vec<_> = run.base.keys().chain(run.head.keys()).filter(|path| path.contains("/versions/")).collect();
    assert_eq!(manifests, ["models/iris/versions/4.toml"]);
}

#[test]
fn a_change_of_the_policy_with_a_move() {
    let moved = moved_to(&signed_policy(), "promote", 3, &[("lead@example.com", Some("lead-key"))]);
    let head = moved.edit("registry.toml", "policy_version = 1", "policy_version = 2");
    let run = run(&signed_policy(), &head);
    assert_eq!(run.head.get("registry.toml"), Some(&1));
    assert_eq!(run.head.get(PRODUCTION), Some(&1));
}

#[test]
fn what_the_base_and_the_head_have_read_is_read_no_more() {
    let head = moved_to(&signed_policy(), "promote", 3, &[]);
    let (base_tree, head_tree) = (Counting::new(signed_policy()), Counting::new(head));
    let base = Snapshot::open(&base_tree).unwrap();
    let head = Files::of_change(&base.files, &head_tree);
    judge(&base, &head, &[], &Words).unwrap();
    let before = (base_tree.all(), head_tree.all());
    judge(&base, &head, &[], &Words).unwrap();
    let model = crate::model::ModelName::new("iris").unwrap();
    assert!(base.model_file(&model).unwrap().is_some() && base.stage(&model, &base.registry.stages[1].name).is_ok());
    assert_eq!((base_tree.all(), head_tree.all()), before);
}
