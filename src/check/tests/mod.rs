//! Every rule of a tree: an input that breaks it, and one that just does not.

mod broken;
mod change;
mod file;
mod hostile;
mod inside;
mod outside;

use super::sample::sample;
use crate::diag::codes::{self, find};
use crate::diag::{Code, Report};
use crate::model::tree::memory::MemoryTree;

/// A rule's name, a tree that breaks it, where that is found (`file` or `file:line:column`), and a tree that just does not.
struct Case {
    code: &'static str,
    breaks: MemoryTree,
    at: String,
    keeps: MemoryTree,
}

fn case(code: &'static str, breaks: MemoryTree, at: impl Into<String>, keeps: MemoryTree) -> Case {
    Case { code, breaks, at: at.into(), keeps }
}

fn judge(tree: &MemoryTree) -> Report {
    super::tree(tree).unwrap()
}

fn shown(report: &Report) -> String {
    let line = |f: &crate::diag::Finding| format!("{} {} {} ({})\n", place(f), f.code.id, f.message, f.hint);
    report.findings.iter().map(line).collect()
}

fn place(finding: &crate::diag::Finding) -> String {
    match finding.place {
        Some(place) => format!("{}:{}:{}", finding.file, place.line, place.column),
        None => finding.file.clone(),
    }
}

fn all() -> Vec<Case> {
    [outside::cases(), file::cases(), inside::cases()].into_iter().flatten().collect()
}

#[test]
fn the_sample_breaks_no_rule() {
    assert_eq!(shown(&judge(&sample())), "");
    assert_eq!(judge(&sample()).files, 7);
}

#[test]
fn each_rule_finds_what_breaks_it_at_its_place_and_nothing_in_what_does_not() {
    let mut wrong = String::new();
    for Case { code, breaks, at, keeps } in all() {
        let report = judge(&breaks);
        if !report.findings.iter().any(|f| f.code.id == code && place(f) == at) {
            wrong.push_str(&format!("{code} is not found at {at}:\n{}", shown(&report)));
        }
        for finding in &report.findings {
            assert!(!finding.message.is_empty() && !finding.message.ends_with('.'), "{code}: {}", finding.message);
            assert!(!finding.hint.is_empty() && !finding.hint.ends_with('.'), "{code}: {}", finding.hint);
        }
        let report = judge(&keeps);
        if !report.findings.is_empty() {
            wrong.push_str(&format!("what keeps {code} has findings:\n{}", shown(&report)));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_code_of_a_tree_has_a_case() {
    let cases = all();
    let of_a_change = |code: &Code| codes::change::FAMILY.iter().any(|of_change| of_change.id == code.id);
    // A tree in memory cannot hold a name twice; `hostile` has one that does.
    let elsewhere = ["duplicate-entry"];
    for code in codes::all().filter(|code| !of_a_change(code)) {
        assert!(
            cases.iter().any(|case| case.code == code.id) || elsewhere.contains(&code.id),
            "{} has no case",
            code.id
        );
    }
    assert!(cases.iter().all(|case| find(case.code).is_some()));
}
