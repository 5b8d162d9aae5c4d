//! The rules about the form of one file.

use super::{Case, case, judge, place, shown};
use crate::check::sample::sample;
use crate::model::MAX_FILE;
use crate::model::tree::memory::MemoryTree;

const V1: &str = "models/iris/versions/1.toml";
const MODEL: &str = "models/iris/model.toml";
const CODE: &str = "code = { repository = \"https://example.com/iris.git\", commit = \"abcdef1\" }";

fn v1(from: &str, to: &str) -> MemoryTree {
    sample().edit(V1, from, to)
}

fn bytes(path: &str, bytes: Vec<u8>) -> MemoryTree {
    let mut tree = sample();
    tree.0.get_mut(path).unwrap().1 = bytes;
    tree
}

/// The sample's model file, filled up with a comment to a size.
fn of_size(size: u64) -> MemoryTree {
    let mut text = sample().0[MODEL].1.clone();
    text.push(b'#');
    text.resize(size as usize, b'x');
    bytes(MODEL, text)
}

fn params(count: usize) -> MemoryTree {
    v1("depth = 3\n", &(0..count).map(|n| format!("p{n} = {n}\n")).collect::<String>())
}

pub(super) fn cases() -> Vec<Case> {
    let broken = |from, to, line: &str, keeps| case("toml-syntax", v1(from, to), format!("{V1}:{line}"), keeps);
    let wrong_type = |from, to, line: &str, keeps| case("wrong-type", v1(from, to), format!("{V1}:{line}"), keeps);
    let bad = |from, to, line: &str, keeps| case("bad-value", v1(from, to), format!("{V1}:{line}"), keeps);
    vec![
        case("file-too-large", of_size(MAX_FILE + 1), MODEL, of_size(MAX_FILE)),
        case("not-utf8", bytes(MODEL, vec![b'a', 0xff]), MODEL, sample().edit(MODEL, "iris it is", "ïris it is")),
        case("byte-order-mark", sample().edit(MODEL, "format", "\u{feff}format"), format!("{MODEL}:1:1"), sample()),
        case("crlf", sample().edit(MODEL, "format = 1\n", "format = 1\r\n"), format!("{MODEL}:1:11"), sample()),
        broken("version = 1", "version = ", "2:11", v1("version = 1", "version = 0x1")),
        broken("project = \"flowers\"", "project = \"a\"\nproject = \"b\"", "6:1", v1("[tags]", "[\"tags\"]")),
        broken("created_at = 2022-01-01", "created_at = 2022-02-30", "3:14", v1("01T00:00:00Z", "01t00:00:00.5+05:30")),
        case(
            "conflict-markers",
            v1("version = 1\n", "<<<<<<< HEAD\nversion = 1\n=======\nversion = 2\n>>>>>>> theirs\n"),
            format!("{V1}:2:1"),
            v1("project = \"flowers\"", "project = \"<<<<<<< HEAD\""),
        ),
        case("unknown-key", v1("project", "projet"), format!("{V1}:5:1"), v1("project = \"flowers\"\n", "")),
        case("unknown-key", v1("flavor", "flavour"), format!("{V1}:13:1"), sample()),
        case("missing-key", v1("created_by = \"ada@example.com\"\n", ""), format!("{V1}:1:1"), v1("flavor", "#")),
        case("missing-key", v1("uri =", "# uri"), format!("{V1}:11:2"), sample()),
        wrong_type("version = 1", "version = \"1\"", "2:11", sample()),
        wrong_type("01T00:00:00Z", "01T00:00:00Z #\nproject = 3 #", "4:11", sample()),
        wrong_type("created_at = 2022-01-01T00:00:00Z", "created_at = \"2022-01-01T00:00:00Z\"", "3:14", sample()),
        wrong_type("accuracy = 0.9", "accuracy = \"0.9\"", "35:12", v1("accuracy = 0.9", "accuracy = 1")),
        wrong_type("depth = 3", "depth = [3]", "32:9", v1("depth = 3", "depth = \"3\"")),
        wrong_type("size = 3", "size = 3.0", "14:8", sample()),
        wrong_type(
            CODE,
            "code = [\"https://example.com/iris.git\", \"abcdef1\"]",
            "29:8",
            v1(CODE, "code = { commit = \"abcdef1\" }"),
        ),
        bad("2022-01-01T00:00:00Z", "2022-01-01T00:00:00", "3:14", sample()),
        bad("accuracy = 0.9", "accuracy = 1e400", "35:12", v1("accuracy = 0.9", "accuracy = nan")),
        bad("depth = 3", "depth = inf", "32:9", v1("depth = 3", "depth = \"inf\"")),
        case(
            "bad-value",
            sample().edit("registry.toml", "min = 0.5", "min = nan"),
            "registry.toml:19:7",
            sample().edit("registry.toml", "min = 0.5", "min = 1e-300"),
        ),
        bad("depth = 3", "depth = 9223372036854775808", "32:9", v1("depth = 3", "depth = 9223372036854775807")),
        bad("size = 3", "size = -3", "14:8", sample()),
        bad("s3://models/iris/1", "file://models/iris/1", "12:7", v1("s3://models/iris/1", "file:///models/iris/1")),
        bad("s3://models/iris/1", "s3://b/../x", "12:7", v1("s3://models/iris/1", "s3://b/..x")),
        bad("path = \"c\"", "path = \"../c\"", "23:8", sample()),
        bad("cccccc", "CCCCCC", "25:10", sample()),
        case(
            "bad-value",
            sample().edit("registry.toml", "\"flat\"", "\"shard\""),
            "registry.toml:4:10",
            sample().edit("registry.toml", "layout = \"flat\"\n", ""),
        ),
        case("bad-value", v1("note =", "\" note\" ="), format!("{V1}:38:1"), v1("note =", "\"a note\" =")),
        case("unsafe-text", v1("Version 1", "\\u001b[2J"), format!("{V1}:7:15"), v1("Version 1", "a\\n\\tb")),
        case("unsafe-text", v1("\"fine\"", "\"a\u{202e}b\""), format!("{V1}:38:8"), v1("\"fine\"", "\"a\u{e9}b\"")),
        case(
            "unsafe-text",
            v1("Version 1", "left\u{200f}right"),
            format!("{V1}:7:15"),
            v1("Version 1", "\u{645}\u{6cc}\u{200c}\u{62e} \u{1f468}\u{200d}\u{1f469}"),
        ),
        case("unsafe-text", v1("note =", "\"no\u{200d}te\" ="), format!("{V1}:38:1"), v1("note =", "\"n\u{f6}te\" =")),
        case("too-many-keys", params(1001), format!("{V1}:31:2"), params(1000)),
        case(
            "format-unsupported",
            v1("format = 1", "format = 2"),
            format!("{V1}:1:10"),
            v1("format = 1", "format = 0x01"),
        ),
    ]
}

#[test]
fn all_that_is_wrong_with_a_file_is_found_at_once_with_the_hint() {
    let tree = v1("version = 1", "version = \"1\"")
        .edit(V1, "project", "projet")
        .edit(V1, "flavor = \"sklearn\"", "flavor = 1.5")
        .edit(V1, "accuracy = 0.9", "accuracy = 1e400")
        .edit(V1, "abcdef1", "abc")
        .edit(V1, "Version 1", "a\\u0007b");
    assert_eq!(
        shown(&judge(&tree)).lines().collect::<Vec<_>>(),
        [
            "models/iris/versions/1.toml:2:11 wrong-type `version`: this is a string, but an integer is required (write 1, without quotation marks)",
            "models/iris/versions/1.toml:5:1 unknown-key unknown key `projet` (did you mean `project`?)",
            "models/iris/versions/1.toml:7:15 unsafe-text `description`: it contains the control character U+0007 (remove the character: it would change what a terminal or a page shows)",
            "models/iris/versions/1.toml:13:10 wrong-type `flavor`: this is a float, but a string is required (write \"1.5\", with quotation marks)",
            "models/iris/versions/1.toml:29:64 bad-value `commit`: a commit is 7 to 64 lower-case hexadecimal digits (write the output of `git rev-parse HEAD`)",
            "models/iris/versions/1.toml:35:12 bad-value `accuracy`: it is not a finite number (write a number that fits into 64 bits of floating point)",
        ]
    );
}

#[test]
fn a_file_of_another_format_is_not_guessed_at() {
    let tree = v1("format = 1", "format = 2").edit(V1, "version = 1", "number = \"one\"");
    let report = judge(&tree);
    assert_eq!(report.findings.iter().map(|f| f.code.id).collect::<Vec<_>>(), ["format-unsupported"]);
}

#[test]
fn a_slip_in_the_grammar_hides_no_other_and_makes_up_none() {
    let tree = v1("version = 1", "version = ").edit(V1, "size = 3", "size = \"3\"");
    let found: Vec<_> = judge(&tree).findings.iter().map(|f| (f.code.id, place(f))).collect();
    assert_eq!(found, [("toml-syntax", format!("{V1}:2:11")), ("wrong-type", format!("{V1}:14:8"))]);
}

#[test]
fn a_file_with_a_thousand_slips_has_fifty_findings_and_a_count() {
    let report = judge(&v1("depth = 3\n", &(0..900).map(|n| format!("p{n} = []\n")).collect::<String>()));
    assert_eq!(report.findings.len(), 51);
    assert!(report.findings.iter().any(|f| f.message == "850 more findings follow in this file"));
}

#[test]
fn a_broken_registry_file_keeps_no_other_from_being_judged() {
    let tree = sample().edit("registry.toml", "format = 1", "format = ").edit(V1, "version = 1", "version = 7");
    let ids: Vec<_> = judge(&tree).findings.iter().map(|f| f.code.id).collect();
    assert_eq!(ids, ["version-mismatch", "toml-syntax"]);
}
