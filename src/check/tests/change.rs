//! A change is judged by the same rules as a whole tree, but for what was wrong before.

use std::collections::HashSet;

use super::{all, judge};
use crate::check::sample::sample;
use crate::check::{NoSignatures, change};
use crate::diag::{Finding, Report};
use crate::model::tree::memory::MemoryTree;

/// Each broken tree of the other tests, and the sample.
fn trees() -> Vec<MemoryTree> {
    let mut trees = vec![sample()];
    trees.extend(all().into_iter().map(|case| case.breaks));
    trees.extend(crate::check::change::tests::cases().into_iter().map(|case| case.breaks));
    trees
}

fn same(finding: &Finding) -> (&'static str, &str, &str) {
    (finding.code.id, &finding.file, &finding.message)
}

/// Findings about a model that the change need not touch, for which every model would have to be read. A name that the
/// change claims twice is found at the model that claims it.
fn is_of_all_models(finding: &Finding) -> bool {
    let parent = finding.code.id == "parent-missing" && finding.message.ends_with("is not in the registry");
    parent || ["former-name-shared", "former-name-taken"].contains(&finding.code.id)
}

/// The findings of the head's own rules that the base does not have and the check of the change does not report.
fn left_out<'r>(base: &Report, head: &'r Report, change: &Report) -> Vec<&'r Finding> {
    let known: HashSet<_> = base.findings.iter().chain(&change.findings).map(same).collect();
    head.findings.iter().filter(|finding| !known.contains(&same(finding)) && !is_of_all_models(finding)).collect()
}

#[test]
fn the_check_of_a_change_reports_all_new_findings() {
    let trees: Vec<_> = trees().into_iter().map(|tree| (judge(&tree), tree)).collect();
    let mut wrong = String::new();
    // Each tree after the sample, and after some of the broken ones.
    for (at, (was, base)) in trees.iter().enumerate() {
        for (to, (is, head)) in trees.iter().enumerate().filter(|(to, _)| at == 0 || (to * 7 + at) % 17 == 0) {
            let report = change(base, head, &[], &NoSignatures::default()).unwrap();
            for finding in left_out(was, is, &report) {
                wrong.push_str(&format!("{at} to {to}: {:?}\n", same(finding)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
