//! `docs/threats.md` has every number in the name of a test, and the tests and files on the page exist.

use std::collections::BTreeSet;
use std::fs;

use super::{backticked, files, read, root};

/// The text of all code.
fn code() -> String {
    let folders = ["src", "tests"].map(|folder| files(&root().join(folder), "rs"));
    folders.concat().iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The number that follows the last of `before` in a text.
fn number(text: &str) -> Option<u32> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The numbers of the threats on the page, in its order.
fn threats(page: &str) -> Vec<u32> {
    page.lines().filter_map(|line| line.strip_prefix("### ")).filter_map(number).collect()
}

#[test]
fn every_number_that_a_test_cites_is_on_the_page() {
    let (page, code) = (read("docs/threats.md"), code());
    let known = threats(&page);
    assert_eq!(known, (1..=known.len() as u32).collect::<Vec<_>>(), "the numbers go on without a gap");
    let mut cited = BTreeSet::new();
    for name in code.split("fn ").skip(1).map(|rest| rest.split('(').next().unwrap_or_default()) {
        let rest = name.split_once("safety_").map(|(_, rest)| rest).or_else(|| {
            name.strip_prefix('a').filter(|rest| rest.split_once('_').is_some_and(|(first, _)| number(first).is_some()))
        });
        cited.extend(rest.and_then(number));
    }
    assert!(cited.len() > 5, "the citations are not found any more: {cited:?}");
    assert!(cited.iter().all(|number| known.contains(number)), "{cited:?}, and the page has {known:?}");
    // Messages of tests cite invariants, as in "I6: a command was lost".
    let invariants: BTreeSet<u32> =
        code.split("\"I").skip(1).filter(|rest| rest.contains(':')).filter_map(number).collect();
    assert!(!invariants.is_empty(), "no test cites an invariant");
    for number in invariants {
        assert!(page.contains(&format!("\n| I{number} |")), "I{number} is not on the page");
    }
}

#[test]
fn every_test_and_file_that_the_page_names_exists() {
    let (page, code) = (read("docs/threats.md"), code());
    let mut missing = Vec::new();
    let named = page.lines().filter(|line| line.starts_with("**Tests:**") || line.starts_with("| I"));
    for name in named.flat_map(|line| backticked(line.rsplit_once(" | ").map_or(line, |(_, tests)| tests))) {
        let exists = match name.contains('/') {
            true => root().join(name).exists(),
            false => code.contains(&format!("fn {name}(")),
        };
        if !exists {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "docs/threats.md names what is not there: {missing:#?}");
}

#[test]
fn every_threat_says_which_tests_it_has() {
    let page = read("docs/threats.md");
    for section in page.split("\n### ").skip(1) {
        let title = section.lines().next().unwrap();
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains("\n**Tests:** "), "{title}");
        let none = section.contains("\n**Tests:** none.");
        assert!(!none || section.contains("\n**Not covered:**"), "{title}");
    }
}
