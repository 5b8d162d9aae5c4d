//! The rules about what the files of a model mean.

use super::{Case, case, judge, place};
use crate::check::sample::{A, C, ROOT, closed_request, sample};
use crate::model::tree::memory::MemoryTree;

const MODEL: &str = "models/iris/model.toml";
const V1: &str = "models/iris/versions/1.toml";
const V2: &str = "models/iris/versions/2.toml";
const STAGING: &str = "models/iris/stages/staging.toml";
const PRODUCTION: &str = "models/iris/stages/production.toml";
const GONE: &str = "\n[deleted]\nat = 2022-03-01T00:00:00Z\nby = \"ada@example.com\"\n";

fn edit(path: &str, from: &str, to: &str) -> MemoryTree {
    sample().edit(path, from, to)
}

fn at(path: &str, place: &str) -> String {
    format!("{path}:{place}")
}

/// The sample with text at the end of a file.
fn more(mut tree: MemoryTree, path: &str, text: &str) -> MemoryTree {
    tree.0.get_mut(path).unwrap().1.extend(text.bytes());
    tree
}

/// The sample with a fourth version, which no stage holds.
fn four() -> MemoryTree {
    let tree = sample();
    let text = String::from_utf8(tree.0[V1].1.clone()).unwrap();
    tree.with("models/iris/versions/4.toml", &text.replacen("version = 1", "version = 4", 1))
}

/// The sample with a model of another name and one version.
fn other(name: &str) -> MemoryTree {
    let tree = sample();
    let text = |path: &str| String::from_utf8(tree.0[path].1.clone()).unwrap();
    let model = text(MODEL).replace("\"iris\"", &format!("\"{name}\"")).replace("champion = 2", "champion = 1");
    let (model, version) = (model.replace("[\"flowers\"]", "[]"), text(V1));
    let tree = tree.clone().with(&format!("models/{name}/model.toml"), &model);
    tree.with(&format!("models/{name}/versions/1.toml"), &version)
}

fn model_cases() -> Vec<Case> {
    let keys = |table: &str, count: usize| {
        let lines: String =
            (0..count).map(|n| format!("a{n}x = {}\n", if table == "tags" { "\"\"" } else { "1" })).collect();
        edit(MODEL, &format!("[{table}]\n"), &format!("[{table}]\n{lines}"))
    };
    vec![
        case("name-mismatch", edit(MODEL, "\"iris\"", "\"Iris\""), at(MODEL, "2:8"), sample()),
        case(
            "alias-is-stage",
            edit(MODEL, "champion", "production"),
            at(MODEL, "16:14"),
            edit(MODEL, "champion", "production-eu"),
        ),
        case(
            "alias-case-clash",
            edit(MODEL, "champion = 2\n", "Champion = 2\nchampion = 2\n"),
            at(MODEL, "17:12"),
            edit(MODEL, "champion = 2\n", "Champions = 2\nchampion = 2\n"),
        ),
        case("alias-to-missing", edit(MODEL, "= 2\n", "= 4\n"), at(MODEL, "16:12"), edit(MODEL, "= 2\n", "= 3\n")),
        case("alias-to-missing", more(edit(MODEL, "= 2\n", "= 4\n"), MODEL, ""), at(MODEL, "16:12"), sample()),
        case(
            "alias-to-missing",
            more(four(), "models/iris/versions/4.toml", GONE).edit(MODEL, "= 2\n", "= 4\n"),
            at(MODEL, "16:12"),
            four().edit(MODEL, "= 2\n", "= 4\n"),
        ),
        case(
            "former-name-clash",
            edit(MODEL, "[\"flowers\"]", "[\"iris\"]"),
            at(MODEL, "10:17"),
            edit(MODEL, "[\"flowers\"]", "[\"irises\"]"),
        ),
        case(
            "former-name-clash",
            edit(MODEL, "[\"flowers\"]", "[\"a\", \"a\"]"),
            at(MODEL, "10:22"),
            edit(MODEL, "[\"flowers\"]", "[\"a\", \"b\"]"),
        ),
        case(
            "former-name-shared",
            other("tulip").edit("models/tulip/model.toml", "[]", "[\"flowers\"]"),
            at(MODEL, "10:17"),
            other("tulip").edit("models/tulip/model.toml", "[]", "[\"tulips\"]"),
        ),
        case(
            "former-name-shared",
            other("tulip").edit("models/tulip/model.toml", "[]", "[\"tulips\", \"flowers\"]"),
            "models/tulip/model.toml:10:27",
            other("tulip").edit("models/tulip/model.toml", "[]", "[\"tulips\", \"flowerss\"]"),
        ),
        case(
            "former-name-taken",
            other("flowers"),
            at(MODEL, "10:17"),
            more(other("flowers"), "models/flowers/model.toml", GONE),
        ),
        case("too-many-keys", keys("tags", 1000), at(MODEL, "12:2"), keys("tags", 999)),
        case("too-many-keys", keys("aliases", 1000), at(MODEL, "15:2"), keys("aliases", 999)),
        case(
            "updated-without-by",
            edit(MODEL, "updated_by = \"ada@example.com\"\n", ""),
            at(MODEL, "8:14"),
            edit(MODEL, "updated_at = 2022-01-05T00:00:00Z\nupdated_by = \"ada@example.com\"\n", ""),
        ),
        case(
            "updated-without-by",
            edit(V1, "updated_at = 2022-01-09T00:00:00Z\n", ""),
            at(V1, "8:14"),
            edit(V1, "updated_at = 2022-01-09T00:00:00Z\nupdated_by = \"ada@example.com\"\n", ""),
        ),
        case(
            "bad-time-order",
            edit(MODEL, "2022-01-05T00:00:00Z", "2022-01-01T00:59:59+01:00"),
            at(MODEL, "8:14"),
            edit(MODEL, "2022-01-05T00:00:00Z", "2022-01-01T01:00:00+01:00"),
        ),
        case(
            "bad-time-order",
            more(other("x"), "models/x/model.toml", &GONE.replace("2022-03", "2021-03")),
            "models/x/model.toml:19:6",
            more(other("x"), "models/x/model.toml", GONE),
        ),
    ]
}

fn version_cases() -> Vec<Case> {
    let swapped = edit(V1, "path = \"a/b\"", "path = \"d\"");
    let one_file = format!("\n[[artifact.files]]\npath = \"c\"\nsize = 2\ndigest = \"{C}\"\n");
    let single = |digest: &str| edit(V1, &one_file, "").edit(V1, "size = 3", "size = 1").edit(V1, ROOT, digest);
    let parent = |uri: &str| edit(V2, "models:/iris/1", uri);
    let closed = |days: [u8; 2]| more(sample(), V1, &days.map(closed_request).concat());
    vec![
        case("version-mismatch", edit(V2, "version = 2", "version = 3"), at(V2, "2:11"), sample()),
        case("version-gap", sample().without(V2), "models/iris/versions/3.toml", edit(MODEL, "champion", "c")),
        case("version-gap", sample().without(V1), V2, four()),
        case(
            "files-unsorted",
            swapped,
            at(V1, "23:8"),
            edit(V1, "path = \"c\"", "path = \"a.b\"").edit(V1, "a/b", "a"),
        ),
        case("duplicate-path", edit(V1, "\"c\"", "\"a/b\""), at(V1, "23:8"), edit(V1, "\"c\"", "\"a/c\"")),
        case("path-conflict", edit(V1, "\"c\"", "\"a/b/c\""), at(V1, "23:8"), edit(V1, "\"c\"", "\"a/bc\"")),
        case("size-mismatch", edit(V1, "size = 3", "size = 4"), at(V1, "14:8"), edit(V1, "size = 3\n", "")),
        case(
            "size-mismatch",
            edit(V1, "size = 2", "size = 18446744073709551615"),
            at(V1, "14:8"),
            edit(V1, "size = 3", "size = 9").edit(V1, "size = 2", "size = 8"),
        ),
        case("digest-mismatch", edit(V1, ROOT, C), at(V1, "15:10"), edit(V1, &format!("digest = \"{ROOT}\"\n"), "")),
        case("digest-mismatch", single(C), at(V1, "15:10"), single(A)),
        case("parent-missing", parent("models:/iris/0"), at(V2, "29:10"), parent("models:/iris/1")),
        case("parent-missing", parent("models:/tulip/1"), at(V2, "29:10"), parent("models:/flowers/1")),
        case("parent-missing", other("tulip").edit(V2, "iris/1\"\ncode", "tulip/2\"\ncode"), at(V2, "29:10"), {
            other("tulip").edit(V2, "iris/1\"\ncode", "tulip/1\"\ncode")
        }),
        case("parent-not-earlier", parent("models:/iris/2"), at(V2, "29:10"), parent("models:/iris/Staging")),
        case(
            "comments-unsorted",
            edit(V1, "at = 2022-01-10", "at = 2022-01-11"),
            at(V1, "46:6"),
            edit(V1, "at = 2022-01-10", "at = 2022-01-09"),
        ),
        case("closed-requests-unsorted", closed([12, 11]), at(V1, "61:6"), closed([11, 11])),
        case(
            "version-time-order",
            edit(V2, "updated_at = 2022-01-09", "updated_at = 2022-01-01"),
            at(V2, "8:14"),
            edit(V2, "updated_at = 2022-01-09", "updated_at = 2022-01-02"),
        ),
        case(
            "version-time-order",
            edit(V2, "at = 2022-01-10", "at = 2022-01-01"),
            at(V2, "42:6"),
            edit(V2, "at = 2022-01-10", "at = 2022-01-02"),
        ),
        case(
            "version-time-order",
            more(four(), "models/iris/versions/4.toml", &GONE.replace("2022-03", "2021-12")),
            "models/iris/versions/4.toml:51:6",
            more(four(), "models/iris/versions/4.toml", GONE),
        ),
        case("too-many-keys", edit(V1, "note =", &metrics(1000)), at(V1, "37:2"), edit(V1, "note =", &metrics(999))),
    ]
}

fn metrics(count: usize) -> String {
    (0..count).map(|n| format!("m{n} = \"\"\n")).collect::<String>() + "note ="
}

fn stage_cases() -> Vec<Case> {
    let archived = |path: &str, to: &str| edit(path, "description", &format!("archived = {to}\ndescription"));
    let beside = |list: &str| edit(STAGING, "beside = [1]", &format!("beside = {list}"));
    let staging = |from: &str, to: &str| edit(STAGING, from, to);
    vec![
        case(
            "unknown-stage-file",
            edit("registry.toml", "after = \"Staging\"\n", "").edit("registry.toml", "\"Staging\"", "\"Test\""),
            STAGING,
            edit("registry.toml", "name = \"Staging\"", "name = \"STAGING\""),
        ),
        case(
            "unknown-stage-file",
            sample().with("models/iris/stages/Test.toml", "format = 1\nstage = \"Test\"\n"),
            "models/iris/stages/Test.toml",
            sample(),
        ),
        case(
            "stage-file-mismatch",
            staging("\"Staging\"", "\"Production\""),
            at(STAGING, "2:9"),
            staging("Staging", "staging"),
        ),
        case("pointer-untrue", staging("version = 3", "version = 2"), at(STAGING, "3:11"), sample()),
        case("pointer-untrue", staging("version = 3\n", ""), STAGING, sample()),
        case(
            "pointer-to-missing",
            staging("version = 3", "version = 4").edit(STAGING, "version = 3", "version = 4"),
            at(STAGING, "3:11"),
            four().edit(STAGING, "version = 3", "version = 4").edit(STAGING, "version = 3", "version = 4"),
        ),
        case(
            "pointer-to-deleted",
            more(sample(), "models/iris/versions/3.toml", GONE),
            at(STAGING, "3:11"),
            more(four(), "models/iris/versions/4.toml", GONE),
        ),
        case("pointer-to-deleted", more(sample(), MODEL, GONE), at(PRODUCTION, "3:11"), sample()),
        case("pointer-to-archived", archived(V2, "true"), at(PRODUCTION, "3:11"), archived(V2, "false")),
        case("bad-beside", beside("[3]"), at(STAGING, "4:11"), beside("[2]")),
        case("bad-beside", beside("[2, 2]"), at(STAGING, "4:14"), beside("[1, 2]")),
        case("bad-beside", beside("[5]"), at(STAGING, "4:11"), beside("[]")),
        case("bad-beside", archived(V1, "true"), at(STAGING, "4:11"), archived(V1, "false")),
        case("bad-beside", more(sample(), V1, GONE), at(STAGING, "4:11"), sample()),
        case(
            "bad-beside",
            edit(PRODUCTION, "version = 2", "version = 2\nbeside = [3]"),
            at(PRODUCTION, "4:11"),
            edit(PRODUCTION, "version = 2", "version = 2\nbeside = [1]"),
        ),
        case(
            "journal-time-order",
            staging("2022-02-02", "2022-02-04"),
            at(STAGING, "21:6"),
            staging("2022-02-02", "2022-02-03"),
        ),
        case("journal-illegal", staging("from = 2", "from = 1"), at(STAGING, "25:8"), sample()),
        case("journal-illegal", staging("from = 2\n", ""), at(STAGING, "24:11"), sample()),
        case(
            "journal-illegal",
            staging("promote\"\nversion = 3\nfrom = 2", "rollback\"\nversion = 3\nfrom = 2"),
            at(STAGING, "24:11"),
            staging("promote\"\nversion = 3\nfrom = 2", "rollback\"\nversion = 1\nfrom = 2").edit(
                STAGING,
                "version = 3\nbeside = [1]",
                "version = 1",
            ),
        ),
        case(
            "journal-version-missing",
            staging("version = 2\nfrom = 1", "version = 5\nfrom = 1").edit(STAGING, "from = 2", "from = 5"),
            at(STAGING, "16:11"),
            sample(),
        ),
        case(
            "journal-before-version",
            edit(V2, "created_at = 2022-01-02", "created_at = 2022-02-03")
                .edit(V2, "updated_at = 2022-01-09", "updated_at = 2022-02-03")
                .edit(V2, "at = 2022-01-10", "at = 2022-02-03")
                .edit(V2, "at = 2022-01-10", "at = 2022-02-03"),
            at(STAGING, "13:6"),
            sample(),
        ),
        case(
            "approval-time",
            edit(PRODUCTION, "04T01:00:00Z", "03T23:59:59Z"),
            at(PRODUCTION, "13:6"),
            edit(PRODUCTION, "04T01:00:00Z", "04T00:00:00Z"),
        ),
        case(
            "emergency-unapproved",
            edit(PRODUCTION, "from = 1\n", "from = 1\nemergency = true\n").edit(
                PRODUCTION,
                "lead@example.com\"\nat = 2022-02-05",
                "ada@example.com\"\nat = 2022-02-05",
            ),
            at(PRODUCTION, "21:13"),
            edit(PRODUCTION, "from = 1\n", "from = 1\nemergency = true\n"),
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [model_cases(), version_cases(), stage_cases()].into_iter().flatten().collect()
}

#[test]
fn a_manifest_that_cannot_be_read_still_takes_its_number() {
    let found: Vec<_> = judge(&edit(V2, "version = 2", "version = ")).findings.iter().map(place).collect();
    assert_eq!(found, [at(V2, "2:11")]);
}

#[test]
fn a_gap_names_what_is_missing() {
    let report = judge(&sample().without(V1).without(V2));
    assert!(report.findings.iter().any(|f| f.message == "versions 1 to 2 are missing before this one"));
}
