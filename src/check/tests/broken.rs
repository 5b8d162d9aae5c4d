//! The examples in `tests/broken`, on which people can try the program: they are these tests' own cases, each cut down
//! to the files that it takes. `UPDATE_BROKEN=1 cargo test --lib broken` writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{Case, all, judge, place};
use crate::check::change::tests::{cases as change_cases, now};
use crate::check::{change, sample::sample};
use crate::diag::Report;
use crate::diag::codes::registry::FAMILY as OF_THE_REGISTRY;
use crate::model::tree::memory::MemoryTree;
use crate::model::{EntryKind, Layout, ModelName};

/// Files by their path in the folder of examples.
type Files = BTreeMap<String, Vec<u8>>;

/// What is kept in the folder without being made here.
const BY_HAND: [&str; 2] = ["README.md", ".gitattributes"];
/// The list of what is found where: `FOLDER/FILE:LINE:COLUMN CODE`.
const LIST: &str = "findings.txt";
/// The largest file of an example, in bytes.
const MOST: usize = 20_000;

/// The `registry.toml` of the registry in which everything is wrong that can be wrong at once.
const REGISTRY: &str = r#"format = 1
name = "broken"
layout = "sharded"
policy_version = 0

[[stages]]
name = "Staging"
after = "Production"

[[stages]]
name = "Production"
after = "Staging"
review = "recorded"
approvals = 0

[[stages]]
name = "staging"

[[stages]]
name = "Canary"
after = "Nowhere"
review = "forge"
approvals = 1
approvers = ["@nobody"]

[[stages.gates]]
metric = "accuracy"

[[stages.gates]]
metric = "accuracy"
min = 1
max = 0

[[stages.gates]]
metric = "loss"
not_worse_than = "Production"
tolerance = -1
"#;

/// Whether a folder that git checks out on any system can hold the tree.
fn can_be_kept(tree: &MemoryTree) -> bool {
    let mut seen = BTreeSet::new();
    tree.0.iter().all(|(path, (kind, bytes))| {
        let folded = path.to_lowercase();
        let gits = folded.split('/').any(|part| part.contains("git") || part.starts_with("gi7") || part.contains('\\'));
        let device = folded.contains("/nul.");
        let folder = folded.split('/').take(2).collect::<Vec<_>>().join("/");
        // Of two spellings of one folder the second would be lost.
        let spelling = path.split('/').take(2).collect::<Vec<_>>().join("/");
        seen.insert((folder.clone(), spelling));
        let spellings = seen.iter().filter(|(other, _)| *other == folder).count();
        let plain = *kind == EntryKind::File && bytes.len() <= MOST;
        plain && !gits && !device && path.is_ascii() && path.len() <= 200 && spellings == 1
    })
}

fn found(report: &Report) -> BTreeSet<(&'static str, String)> {
    report.findings.iter().map(|finding| (finding.code.id, place(finding))).collect()
}

/// The trees without every file that they can do without: the same is found at the same place, and nothing else is.
fn smallest<const N: usize>(
    mut trees: [MemoryTree; N],
    wanted: &(&'static str, String),
    judge: impl Fn(&[MemoryTree; N]) -> Report,
) -> [MemoryTree; N] {
    let before = found(&judge(&trees));
    loop {
        let paths: BTreeSet<String> = trees.iter().flat_map(|tree| tree.0.keys().cloned()).collect();
        // Folders as a whole, for a file that others need may go with them.
        let folders = paths.iter().flat_map(|path| path.match_indices('/').map(|(end, _)| &path[..=end]));
        let folders: BTreeSet<&str> = folders.collect();
        let smaller = folders.into_iter().chain(paths.iter().rev().map(String::as_str)).find_map(|gone| {
            let is_gone = |path: &str| path == gone || gone.ends_with('/') && path.starts_with(gone);
            let mut fewer = trees.clone();
            fewer.iter_mut().for_each(|tree| tree.0.retain(|path, _| !is_gone(path)));
            // git keeps no empty folder.
            if fewer.iter().any(|tree| tree.0.is_empty()) {
                return None;
            }
            let after = found(&judge(&fewer));
            (after.contains(wanted) && after.is_subset(&before)).then_some(fewer)
        });
        match smaller {
            Some(smaller) => trees = smaller,
            None => return trees,
        }
    }
}

fn add(files: &mut Files, folder: &str, tree: MemoryTree) {
    files.extend(tree.0.into_iter().map(|(path, (_, bytes))| (format!("{folder}/{path}"), bytes)));
}

/// An example for each rule of a tree, and `all` with all examples that can be in one registry.
fn trees(files: &mut Files, list: &mut BTreeSet<String>) {
    let mut together =
        MemoryTree::default().with("registry.toml", REGISTRY).with("allowed_signers", "lead@example.com\n");
    let (mut done, mut side_by_side) = (BTreeSet::new(), BTreeSet::new());
    for Case { code, breaks, at, .. } in all().into_iter().filter(|case| can_be_kept(&case.breaks)) {
        let [small] = smallest([breaks], &(code, at.clone()), |[tree]| judge(tree));
        if done.insert(code) {
            list.insert(format!("{code}/{at} {code}"));
            add(files, code, small.clone());
        }
        let fits = code == "wrong-shard" || small.0.get("registry.toml") == sample().0.get("registry.toml");
        if fits && !at.starts_with("allowed_signers") && !at.starts_with("registry.toml") && side_by_side.insert(code) {
            list.insert(format!("all/{} {code}", renamed(&at, code)));
            for (path, (kind, bytes)) in small.0.into_iter().filter(|(path, _)| path.starts_with("models/")) {
                let bytes = match String::from_utf8(bytes) {
                    Ok(text) => renamed(&text, code).into_bytes(),
                    Err(error) => error.into_bytes(),
                };
                together.0.insert(renamed(&path, code), (kind, bytes));
            }
        }
    }
    let of_the_registry = judge(&together);
    for finding in of_the_registry.findings.iter().filter(|f| OF_THE_REGISTRY.contains(&f.code)) {
        list.insert(format!("all/{} {}", place(finding), finding.code.id));
    }
    add(files, "all", together);
}

/// A path or text of the sample's model, as one of a model that has the rule's name.
fn renamed(text: &str, code: &str) -> String {
    let folder = Layout::Sharded.model_folder(&ModelName::new(code).unwrap());
    let text =
        text.replace("models/xx/iris", &format!("models/xx/{code}")).replace("models/iris/", &format!("{folder}/"));
    let text = text.replace("\"iris\"", &format!("\"{code}\"")).replace("models:/iris/", &format!("models:/{code}/"));
    // No two models were called the same, but where that is what is wrong.
    if code.starts_with("former-name") { text } else { text.replace("[\"flowers\"]", &format!("[\"{code} once\"]")) }
}

/// An example of each rule of a change: the files before and after it.
fn changes(files: &mut Files, list: &mut BTreeSet<String>) {
    for case in change_cases() {
        let judge = |[base, head]: &[MemoryTree; 2]| {
            change(base, head, &[], &crate::check::NoSignatures { now: now() }).unwrap()
        };
        let report = judge(&[case.base.clone(), case.breaks.clone()]);
        let finding = report.findings.iter().find(|finding| finding.code.id == case.code).unwrap();
        let at = place(finding);
        let [base, head] = smallest([case.base, case.breaks], &(case.code, at.clone()), judge);
        list.insert(format!("{}/head/{at} {}", case.code, case.code));
        add(files, &format!("{}/base", case.code), base);
        add(files, &format!("{}/head", case.code), head);
    }
}

fn read(folder: &Path, below: &str, files: &mut Files) {
    for entry in fs::read_dir(folder.join(below)).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            read(folder, &path, files);
        } else if !BY_HAND.contains(&path.as_str()) {
            let bytes = fs::read(entry.path()).unwrap();
            files.insert(path, bytes);
        }
    }
}

#[test]
fn the_folder_of_broken_registries_holds_the_cases_of_these_tests() {
    let (mut files, mut list) = (Files::new(), BTreeSet::new());
    add(&mut files, "sound", sample());
    trees(&mut files, &mut list);
    changes(&mut files, &mut list);
    files.insert(LIST.into(), list.iter().map(|line| format!("{line}\n")).collect::<String>().into());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut kept = Files::new();
    read(&folder, "", &mut kept);
    if std::env::var_os("UPDATE_BROKEN").is_some() {
        for gone in kept.keys().filter(|path| !files.contains_key(*path)) {
            fs::remove_file(folder.join(gone)).unwrap();
            // Those that still hold something stay.
            Path::new(gone).ancestors().skip(1).for_each(|above| drop(fs::remove_dir(folder.join(above))));
        }
        for (path, bytes) in &files {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), bytes).unwrap();
        }
        return;
    }
    let changed = |path: &&String| kept.get(*path) != files.get(*path);
    let differ: BTreeSet<&String> = kept.keys().chain(files.keys()).filter(changed).collect();
    assert!(differ.is_empty(), "`UPDATE_BROKEN=1 cargo test --lib broken` writes {differ:?}");
}
