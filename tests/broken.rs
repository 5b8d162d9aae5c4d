//! The program on an example that breaks each rule: those in `tests/broken`, and those that no folder can contain, which
//! these tests write as git trees.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends here")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::TestEnvironment;
use modelreg::diag::codes;
use serde_json::Value;

/// The codes that cannot occur in `all` together with the others, with the reason.
const NOT_WITH_OTHERS: [(&str, &str); 3] = [
    ("registry-missing", "nothing is known of a registry without its policy"),
    ("too-many-stages", "so many stages are not looked at"),
    ("signed-without-signers", "a file of signers is there, with a slip in it"),
];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

/// The findings of each folder: pairs of a place and a code.
fn expected() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut expected: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in fs::read_to_string(examples().join("findings.txt")).unwrap().lines() {
        let (place, code) = line.rsplit_once(' ').unwrap();
        let (folder, place) = place.split_once('/').unwrap();
        let place = place.strip_prefix("head/").unwrap_or(place);
        expected.entry(folder.to_owned()).or_default().insert((place.to_owned(), code.to_owned()));
    }
    expected
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Runs `validate` with these arguments. Returns the places and codes of the findings.
fn findings(env: &TestEnvironment, dir: &str, args: &[&str]) -> BTreeSet<(String, String)> {
    let args = [&["validate", "--format", "json"], args].concat();
    let output = env.modelreg(dir, &args).output().unwrap();
    let shown = env.shown(&args, &output);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{dir}: {shown}"));
    let failed = report["errors"].as_u64().unwrap() > 0;
    assert_eq!(output.status.code(), Some(i32::from(failed)), "{shown}");
    let place = |finding: &Value| match (finding["line"].as_u64(), finding["column"].as_u64()) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", finding["file"].as_str().unwrap()),
        _ => finding["file"].as_str().unwrap().to_owned(),
    };
    let of = |finding: &Value| (place(finding), finding["code"].as_str().unwrap().to_owned());
    report["findings"].as_array().unwrap().iter().map(of).collect()
}

fn assert_found(folder: &str, expected: &BTreeSet<(String, String)>, found: &BTreeSet<(String, String)>) {
    let missing: Vec<_> = expected.difference(found).collect();
    assert!(missing.is_empty(), "{folder}: {missing:?} is not among {found:#?}");
}

/// Makes a repository in `reg` in place of the earlier one, and commits an example.
fn commit(env: &TestEnvironment, example: &str) {
    if !env.path("reg").exists() {
        env.git(".", &["init", "--quiet", "--initial-branch=main", "reg"]);
    }
    env.git("reg", &["rm", "-r", "--quiet", "--force", "--ignore-unmatch", "."]);
    copy(&examples().join(example), &env.path("reg"));
    env.git("reg", &["add", "--all", "--force"]);
    env.git("reg", &["commit", "--quiet", "--allow-empty", "-m", example]);
}

/// Examples that no folder can contain: the code, the folder of the example, the additional entries of the git tree, and the
/// place of the finding. `{BLOB}` is an empty file, `{BIG}` one of more than 1 MiB, `{FILTER}` git attributes, `{OWN}` and `{DEEP}`
/// folders of a model.
const BY_GIT: [(&str, &str, &str, &str); 15] = [
    ("not-a-plain-file", "models", "120000 blob {BLOB}\tlink\n", "models/link"),
    ("not-a-plain-file", "models", "160000 commit {COMMIT}\tsubmodule\n", "models/submodule"),
    ("not-a-plain-file", "models", "040000 tree {EXECUTABLE}\texecutable\n", "models/executable/model.toml"),
    ("disguised-git", "", "040000 tree {OWN}\t.GIT\n", ".GIT"),
    ("disguised-git", "models", "040000 tree {OWN}\tgit~1\n", "models/git~1"),
    ("disguised-file", "", "100644 blob {BLOB}\tREGISTRY.toml\n", "REGISTRY.toml"),
    ("git-modules", "", "100644 blob {BLOB}\t.gitmodules\n", ".gitmodules"),
    ("git-attributes", "", "100644 blob {FILTER}\t.gitattributes\n", ".gitattributes:1:1"),
    ("duplicate-entry", "", "100644 blob {BLOB}\ttwice\n100644 blob {FILTER}\ttwice\n", "twice"),
    ("file-too-large", "models", "040000 tree {LARGE}\tlarge\n", "models/large/model.toml"),
    ("name-case-clash", "models", "040000 tree {OWN}\tCase\n040000 tree {OWN}\tcase\n", "models/case"),
    ("path-too-long", "models", "040000 tree {DEEP}\t{M100}\n", "models/{M100}/stages/{S81}.toml"),
    // A name that is not UTF-8, in git's quotes.
    ("stray-file", "models", "100644 blob {BLOB}\t\"odd\\377\"\n", "models/odd\u{fffd}"),
    ("bad-model-name", "models", "040000 tree {OWN}\tnul.v2\n", "models/nul.v2"),
    ("bad-model-name", "models", "040000 tree {OWN}\t\u{e9}t\u{e9}\n", "models/\u{e9}t\u{e9}"),
];

/// Runs git with this input. Returns the id in git's output.
fn id(env: &TestEnvironment, args: &[&str], input: &[u8]) -> String {
    let mut command = env.program("reg", "git");
    let mut git = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    git.stdin.take().unwrap().write_all(input).unwrap();
    let output = git.wait_with_output().unwrap();
    assert!(output.status.success(), "git {args:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Replaces the placeholders in the entries of [`BY_GIT`] by ids.
fn fill_in(env: &TestEnvironment) -> impl Fn(&str) -> String {
    let blob = |text: &[u8]| id(env, &["hash-object", "-w", "--stdin"], text);
    let tree = |lines: &str| id(env, &["mktree", "--missing"], lines.as_bytes());
    let empty = blob(b"");
    let large = blob(&vec![b'#'; (1 << 20) + 1]);
    let own = tree(&format!("100644 blob {empty}\tmodel.toml\n"));
    let long = "s".repeat(81);
    let stages = tree(&format!("100644 blob {empty}\t{long}.toml\n"));
    let ids = [
        ("{BLOB}", empty.clone()),
        ("{FILTER}", blob(b"*.toml filter=evil\n")),
        ("{COMMIT}", env.git("reg", &["rev-parse", "HEAD"])),
        ("{LARGE}", tree(&format!("100644 blob {large}\tmodel.toml\n"))),
        ("{EXECUTABLE}", tree(&format!("100755 blob {empty}\tmodel.toml\n"))),
        ("{DEEP}", tree(&format!("100644 blob {empty}\tmodel.toml\n040000 tree {stages}\tstages\n"))),
        ("{OWN}", own),
        ("{M100}", "m".repeat(100)),
        ("{S81}", long),
    ];
    move |text| ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
}

/// Commits the tree of HEAD with additional entries at the root and in `models`, also entries that git refuses.
fn plant(env: &TestEnvironment, root: &str, models: &str) -> String {
    let tree = |lines: String| id(env, &["mktree", "--missing"], lines.as_bytes());
    let models = tree(format!("{}\n{models}", env.git("reg", &["ls-tree", "HEAD:models"])));
    let others = env.git("reg", &["ls-tree", "HEAD"]);
    let others: String =
        others.lines().filter(|line| !line.ends_with("\tmodels")).map(|line| format!("{line}\n")).collect();
    let tree = tree(format!("{others}040000 tree {models}\tmodels\n{root}"));
    id(env, &["commit-tree", &tree, "-m", "planted"], b"")
}

#[test]
fn validate_reports_the_example_of_each_rule_at_its_place() {
    let env = TestEnvironment::new();
    let of_a_tree = |folder: &str| !examples().join(folder).join("head").exists();
    for (folder, expected) in expected().into_iter().filter(|(folder, _)| of_a_tree(folder)) {
        copy(&examples().join(&folder), &env.path(&folder));
        assert_found(&folder, &expected, &findings(&env, &folder, &[]));
    }
    copy(&examples().join("sound"), &env.path("sound"));
    assert_eq!(findings(&env, "sound", &[]), BTreeSet::new());
}

#[test]
fn validate_reports_the_example_of_each_rule_of_a_change() {
    let env = TestEnvironment::new();
    let of_a_change = |folder: &str| examples().join(folder).join("head").exists();
    for (folder, expected) in expected().into_iter().filter(|(folder, _)| of_a_change(folder)) {
        commit(&env, &format!("{folder}/base"));
        commit(&env, &format!("{folder}/head"));
        assert_found(&folder, &expected, &findings(&env, "reg", &["--base", "HEAD~1"]));
    }
}

#[test]
fn validate_reports_the_examples_that_only_a_git_tree_can_contain_alone_and_together() {
    let env = TestEnvironment::new();
    commit(&env, "sound");
    let fill = fill_in(&env);
    for (code, folder, entries, at) in BY_GIT {
        let entries = fill(entries);
        let (root, models) = if folder.is_empty() { (entries.as_str(), "") } else { ("", entries.as_str()) };
        let found = findings(&env, "reg", &["--head", &plant(&env, root, models)]);
        assert_found(code, &BTreeSet::from([(fill(at), code.to_owned())]), &found);
    }
    commit(&env, "all");
    let all = |wanted: &str| -> String {
        BY_GIT.iter().filter(|(_, folder, ..)| *folder == wanted).map(|(_, _, entries, _)| fill(entries)).collect()
    };
    let commit = plant(&env, &all(""), &all("models"));
    let found = findings(&env, "reg", &["--head", &commit]);
    let expected = expected().remove("all").unwrap();
    assert_found("all", &expected, &found);
    assert_found("all", &BY_GIT.iter().map(|(code, _, _, at)| (fill(at), (*code).to_owned())).collect(), &found);
    let found: BTreeSet<&str> = found.iter().map(|(_, code)| code.as_str()).collect();
    let of_a_change = |id: &str| examples().join(id).join("head").exists();
    let left_out = |id: &str| NOT_WITH_OTHERS.iter().any(|(code, _)| *code == id);
    for code in codes::all().filter(|code| !of_a_change(code.id) && !left_out(code.id)) {
        assert!(found.contains(code.id), "{} is not found in `all`", code.id);
    }
}

#[test]
fn every_diagnostic_code_has_an_example() {
    let expected = expected();
    for code in codes::all() {
        let by_git = BY_GIT.iter().any(|(id, ..)| *id == code.id);
        assert!(by_git || expected.contains_key(code.id), "{} has no broken example", code.id);
    }
    let known = |folder: &str| matches!(folder, "all" | "sound") || codes::find(folder).is_some();
    for folder in fs::read_dir(examples()).unwrap().map(Result::unwrap).filter(|e| e.file_type().unwrap().is_dir()) {
        let name = folder.file_name().into_string().unwrap();
        assert!(known(&name), "{name} is the name of no rule");
        assert!(name == "sound" || expected.contains_key(&name), "{name} breaks nothing that is expected");
    }
}
