//! Files and trees that were made to hurt, and files that were changed at random.

use anyhow::Result;
use proptest::prelude::*;

use super::{judge, place, shown};
use crate::check::sample::sample;
use crate::check::{shape, tree};
use crate::model::depth;
use crate::model::strict::from_toml;
use crate::model::tree::memory::MemoryTree;
use crate::model::{Content, Entry, FileKind, Manifest, RegisteredModel, Registry, Stage, Tree};

/// A tree in which a folder has one entry twice, as only a hand-made git tree can.
struct Twice(MemoryTree, &'static str);

impl Tree for Twice {
    fn find(&self, path: &str) -> Result<Option<Entry>> {
        self.0.find(path)
    }
    fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
        let mut entries = self.0.list(folder)?;
        if let Some(again) = entries.iter().find(|entry| entry.path == self.1).cloned() {
            entries.push(again);
        }
        Ok(entries)
    }
    fn read(&self, file: &Entry) -> Result<Content> {
        self.0.read(file)
    }
}

#[test]
fn an_entry_that_stands_twice_is_found_and_judged_once() {
    for path in ["registry.toml", "models/iris", "models/iris/versions/1.toml"] {
        let report = tree(&Twice(sample(), path)).unwrap();
        let found: Vec<_> = report.findings.iter().map(|f| (f.code.id, f.file.as_str())).collect();
        assert_eq!(found, [("duplicate-entry", path)]);
        assert_eq!(report.files, 7);
    }
    assert!(tree(&Twice(sample(), "nothing")).unwrap().findings.is_empty());
}

#[test]
fn nesting_is_a_finding_and_never_overruns_the_stack() {
    let dotted = |depth: usize| vec!["a"; depth].join(".");
    let inline = |depth: usize| format!("{}x = 1{}", "a = { ".repeat(depth), " }".repeat(depth));
    let many = |key: &str, depth: usize| {
        let open = format!("{key} = {{ ");
        format!("{}x = 1{}", open.repeat(depth), " }".repeat(depth))
    };
    for depth in [79, 80, 81, 200, 10_000, 100_000] {
        for text in [
            format!("x = {}{}", "[".repeat(depth), "]".repeat(depth)),
            format!("x = {}", "[".repeat(depth)),
            inline(depth),
            "a = { ".repeat(depth),
            "a = [{ ".repeat(depth),
            format!("{} = 1", dotted(depth)),
            format!("[{}]\nx = 1", dotted(depth)),
            format!("[[{}]]\nx = 1", dotted(depth)),
            format!("[{}]\n{} = {{ {} = 1 }}", dotted(depth), dotted(depth), dotted(depth)),
            many(&dotted(79), depth.min(2_000)),
            many("\"a\".'b'.c", depth),
            format!("[{}]\n{}", dotted(79), many(&dotted(79), 4)),
        ] {
            for path in ["registry.toml", "models/iris/versions/1.toml"] {
                let mut tree = sample();
                tree.0.get_mut(path).unwrap().1 = text.clone().into_bytes();
                let report = judge(&tree);
                assert!(report.findings.iter().any(|f| f.file == path), "{depth} {:.40}", text);
            }
        }
    }
}

#[test]
fn nesting_beyond_the_parsers_limit_says_so() {
    let path = "models/iris/versions/1.toml";
    let arrays = format!("depth = {}{}", "[".repeat(81), "]".repeat(81));
    let report = judge(&sample().edit(path, "depth = 3", &arrays));
    assert!(
        report.findings.iter().any(|f| f.code.id == "toml-syntax" && f.hint.contains("80 deep")),
        "{}",
        shown(&report)
    );
    let tables = format!("{}x = 1{}", "a.b.c = { ".repeat(81), " }".repeat(81));
    let report = judge(&sample().edit(path, "depth = 3", &tables));
    assert_eq!(report.findings.iter().map(place).collect::<Vec<_>>(), [format!("{path}:32:809")]);
}

#[test]
fn ten_thousand_keys_and_a_hostile_text_are_findings() {
    let path = "models/iris/model.toml";
    let keys: String = (0..10_000).map(|n| format!("k{n} = \"\"\n")).collect();
    for (table, count) in [("[tags]\n", 1), ("[aliases]\n", 1)] {
        let report = judge(&sample().edit(path, table, &format!("{table}{keys}")));
        assert_eq!(report.findings.len(), count, "{}", shown(&report));
    }
    let report = judge(&sample().edit(path, "[tags]", &format!("{keys}[tags]")));
    assert_eq!(report.findings.iter().map(|f| f.code.id).collect::<Vec<_>>(), ["too-many-keys"]);
}

#[test]
fn a_journal_of_thousands_of_slips_is_judged_in_a_moment() {
    let path = "models/iris/stages/staging.toml";
    let entry =
        "\n[[history]]\nat = 2000-01-01T00:00:00Z\nby = \"eve@example.com\"\naction = \"promote\"\nversion = 9\n";
    let mut tree = sample();
    tree.0.get_mut(path).unwrap().1.extend(entry.repeat(5_000).bytes());
    let report = judge(&tree);
    assert_eq!(report.findings.len(), 51);
    // The first of the 5,000 is too old as well; all are illegal and of no version; and the pointer is untrue.
    let rest = report.findings.iter().find(|f| f.place.is_none()).unwrap();
    assert_eq!(rest.message, format!("{} more findings in this file", 10_002 - 50));
}

const PATHS: [(FileKind, &str); 4] = [
    (FileKind::Registry, "registry.toml"),
    (FileKind::Model, "models/iris/model.toml"),
    (FileKind::Version, "models/iris/versions/2.toml"),
    (FileKind::Stage, "models/iris/stages/production.toml"),
];

fn reads(kind: FileKind, text: &str) -> bool {
    match kind {
        FileKind::Registry => from_toml::<Registry>(text).is_ok(),
        FileKind::Model => from_toml::<RegisteredModel>(text).is_ok(),
        FileKind::Version => from_toml::<Manifest>(text).is_ok(),
        FileKind::Stage => from_toml::<Stage>(text).is_ok(),
    }
}

/// Values that one slip or another puts behind a key.
const VALUES: [&str; 37] = [
    "1",
    "7",
    "-1",
    "1.5",
    "-0.0",
    "1e400",
    "inf",
    "nan",
    "true",
    "\"\"",
    "\"x\"",
    "\"a b\"",
    "\"1\"",
    "\"promote\"",
    "\"Promote\"",
    "\"None\"",
    "\"ada@example.com\"",
    "\"@team\"",
    "\"models:/iris/1\"",
    "\"https://example.com/x\"",
    "\"http://169.254.169.254/\"",
    "\"abcdef1\"",
    "\"../x\"",
    "\"\\u001b[2J\"",
    "\"a\\nb\"",
    "2022-01-01T00:00:00Z",
    "2022-01-01T00:00:00",
    "2022-01-01",
    "00:00:00",
    "[]",
    "[1]",
    "[[1]]",
    "[\"https://example.com/x\", \"abcdef1\"]",
    "[\"ada@example.com\"]",
    "{ a = 1 }",
    "9223372036854775808",
    "99999999999999999999999999999999999999999",
];

/// Keys that one slip or another writes.
const KEYS: [&str; 8] = ["x", "projekt", "format", "\"a b\"", "\" a\"", "\"a\\u202e\"", "a.b", "latest"];

fn mutate(text: &str, (line, what, pick): (usize, u8, usize)) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = line % lines.len();
    let (key, value) = lines[at].split_once(" = ").map(|(k, v)| (k.to_owned(), v.to_owned())).unwrap_or_default();
    match what {
        _ if key.is_empty() => {}
        0 => lines[at] = format!("{key} = {}", VALUES[pick % VALUES.len()]),
        1 => lines[at] = format!("{} = {value}", KEYS[pick % KEYS.len()]),
        2 => drop(lines.remove(at)),
        3 => lines.insert(at, lines[at].clone()),
        4 => lines[at] = format!("{key} {value}"),
        5 => lines[at] = lines[at].chars().take(pick % lines[at].len()).collect(),
        _ => lines.insert(at, format!("{} = {}", KEYS[pick % KEYS.len()], VALUES[pick % VALUES.len()])),
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn something_is_found_exactly_where_reading_fails(
        kind in 0usize..4,
        changes in prop::collection::vec((any::<usize>(), 0u8..7, any::<usize>()), 1..4),
    ) {
        let (kind, path) = PATHS[kind];
        let mut text = String::from_utf8(sample().0[path].1.clone()).unwrap();
        for change in changes {
            text = mutate(&text, change);
        }
        prop_assert_eq!(depth::too_deep(&text), None);
        let found: Vec<_> = shape::find(kind, &text).into_iter().map(|f| f.message).collect();
        prop_assert_eq!(found.is_empty(), reads(kind, &text), "{:?}\n{}", found, text);
    }
}
