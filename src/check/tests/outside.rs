//! The rules about the places of files, and about `registry.toml`.

use super::{Case, case};
use crate::check::sample::sample;
use crate::model::EntryKind;
use crate::model::tree::memory::MemoryTree;

const REGISTRY: &str = "registry.toml";
const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIKX";

fn registry(from: &str, to: &str) -> MemoryTree {
    sample().edit(REGISTRY, from, to)
}

/// The sample with its model in another folder.
fn moved(to: &str) -> MemoryTree {
    let mut tree = MemoryTree::default();
    for (path, content) in sample().0 {
        tree.0.insert(path.replace("models/iris", to), content);
    }
    tree
}

fn sharded(to: &str) -> MemoryTree {
    moved(to).edit(REGISTRY, "flat", "sharded")
}

/// The sample with a second model of this name, made of the first.
fn second(name: &str) -> MemoryTree {
    let mut tree = sample();
    let text = std::str::from_utf8(&tree.0["models/iris/model.toml"].1).unwrap();
    let text =
        text.replace("\"iris\"", &format!("\"{name}\"")).replace("[\"flowers\"]", "[]").replace("champion = 2", "");
    tree = tree.with(&format!("models/{name}/model.toml"), &text);
    tree
}

/// The sample with this many stages more than its two.
fn stages(more: usize) -> MemoryTree {
    let text: String = (0..more).map(|n| format!("[[stages]]\nname = \"s{n}\"\n")).collect();
    registry("[teams]", &format!("{text}[teams]"))
}

fn signed(signers: Option<&str>) -> MemoryTree {
    let tree = registry("\"recorded\"", "\"signed\"");
    match signers {
        Some(text) => tree.with("allowed_signers", text),
        None => tree,
    }
}

fn key_line(options: &str) -> String {
    format!("# ours\n\nlead@example.com {options}ssh-ed25519 {KEY}\n")
}

pub(super) fn cases() -> Vec<Case> {
    let good_signers = signed(Some(&key_line("namespaces=\"modelreg-approval@v1,git\",valid-after=\"20200101\" ")));
    let attributes = |bad: &str, good: &str| {
        let line = bad.lines().count();
        let tree = |text: &str| sample().with(".gitattributes", &format!("{text}\n"));
        case("git-attributes", tree(bad), format!(".gitattributes:{line}:1"), tree(good))
    };
    vec![
        case("disguised-file", sample().with("Registry.toml", ""), "Registry.toml", sample().with("registry.toml.md", "")),
        case(
            "not-a-plain-file",
            sample().kind("models/iris/model.toml", EntryKind::Symlink),
            "models/iris/model.toml",
            sample().kind("README.md", EntryKind::Symlink),
        ),
        case("not-a-plain-file", sample().kind(REGISTRY, EntryKind::Symlink), REGISTRY, sample()),
        case(
            "not-a-plain-file",
            sample().kind("models/iris/versions/2.toml", EntryKind::Executable),
            "models/iris/versions/2.toml",
            sample().kind("tool.sh", EntryKind::Executable),
        ),
        case("not-a-plain-file", sample().kind("models/x", EntryKind::Submodule), "models/x", sample()),
        case(
            "not-a-plain-file",
            sample().kind("models/iris/stages/x.toml", EntryKind::Other),
            "models/iris/stages/x.toml",
            sample().kind("vendored", EntryKind::Submodule),
        ),
        case("not-a-plain-file", sample().with("allowed_signers/x", ""), "allowed_signers", sample()),
        case("stray-file", sample().with("models/notes.txt", ""), "models/notes.txt", sample().with("notes.txt", "")),
        case("stray-file", sample().with("models/iris/x.pkl", ""), "models/iris/x.pkl", sample().with("docs/x.pkl", "")),
        case(
            "stray-file",
            sample().with("models/iris/versions/04.toml", ""),
            "models/iris/versions/04.toml",
            sample().with(".github/workflows/check.yml", "on: push\n"),
        ),
        case("stray-file", sample().with("models/iris/stages/x", ""), "models/iris/stages/x", sample()),
        case(
            "git-attributes",
            sample().with(".gitattributes", "# ours\n*.toml filter=evil\n"),
            ".gitattributes:2:1",
            sample().with(
                ".gitattributes",
                "* text=auto eol=lf\n*.bin -text filter=lfs diff=lfs\ndocs/** ident\nmodels/** linguist-generated merge=union -text\n",
            ),
        ),
        case("git-attributes", sample().with(".gitattributes", "* text eol=crlf\n"), ".gitattributes:1:1", sample()),
        attributes("* text", "* -text"),
        attributes("* text=auto", "* !text"),
        attributes("*.toml text=auto", "*.txt text=auto"),
        attributes("models/** text", "docs/** text"),
        attributes("* text=auto eol=crlf", "* text eol=lf"),
        attributes("* eol=crlf", "* eol=lf"),
        attributes("* eol=lf\nregistry.toml !eol", "* eol=lf diff=toml"),
        attributes("* crlf=input", "* binary"),
        attributes("[attr]x text", "[attr]x -text merge=union"),
        case("git-attributes", sample().with(".gitattributes", "[attr]x ident\n"), ".gitattributes:1:1", sample()),
        case(
            "git-attributes",
            sample().with(".gitattributes", "\"registry.toml\" working-tree-encoding=UTF-16"),
            ".gitattributes:1:1",
            sample().with(".gitattributes", "\"read me.txt\" working-tree-encoding=UTF-16"),
        ),
        case("git-modules", sample().with(".gitmodules", ""), ".gitmodules", sample().with("docs/.gitmodules", "")),
        case("git-modules", sample().with("models/iris/.GITMODULES", ""), "models/iris/.GITMODULES", sample()),
        case("git-modules", sample().with("GI7EBA~1", ""), "GI7EBA~1", sample().with("GI7EBA", "")),
        case("disguised-git", sample().with(".GIT/config", ""), ".GIT", sample().with(".github/x", "")),
        case("disguised-git", sample().with("git~1/config", ""), "git~1", sample().with("git~x/y", "")),
        case("disguised-git", sample().with("models/.git/x", ""), "models/.git", sample().with(".git/config", "")),
        case("disguised-git", sample().with("models/iris/.git. /x", ""), "models/iris/.git. ", sample()),
        case("disguised-git", sample().with(".g\u{200c}it", ""), ".g\u{200c}it", sample().with(".gi\u{e9}t", "")),
        case("disguised-git", sample().with("a\\.git", ""), "a\\.git", sample()),
        case("path-too-long", long_path(100), long(100), long_path(99)),
        case("bad-model-name", sample().with("models/nul.v2/model.toml", ""), "models/nul.v2", second("nul1")),
        case("bad-model-name", sample().with("models/-x/model.toml", ""), "models/-x", second("x-")),
        case("name-case-clash", second("Iris"), "models/iris", second("Iris2")),
        case("wrong-shard", sharded("models/xx/iris"), "models/xx/iris", sharded("models/ir/iris")),
        case("wrong-shard", sharded("models/iris"), "models/iris", moved("models/iris")),
        case("registry-missing", sample().without(REGISTRY), REGISTRY, sample()),
        case(
            "model-file-missing",
            sample().without("models/iris/model.toml"),
            "models/iris/model.toml",
            sample().without("models/iris/stages/staging.toml"),
        ),
        case("too-many-stages", stages(99), "registry.toml:7:1", stages(98)),
        case(
            "duplicate-stage",
            registry("[teams]", "[[stages]]\nname = \"staging\"\n[teams]"),
            "registry.toml:29:8",
            registry("[teams]", "[[stages]]\nname = \"Staging 2\"\n[teams]"),
        ),
        case(
            "unknown-stage",
            registry("after = \"Staging\"", "after = \"Stage\""),
            "registry.toml:12:9",
            registry("after = \"Staging\"", "after = \"staging\""),
        ),
        case(
            "unknown-stage",
            registry("than = \"Production\"", "than = \"Canary\""),
            "registry.toml:24:18",
            registry("than = \"Production\"", "than = \"Staging\""),
        ),
        case(
            "stage-cycle",
            registry("name = \"Staging\"", "name = \"Staging\"\nafter = \"Production\""),
            "registry.toml:9:9",
            registry("after = \"Staging\"\n", "").edit(REGISTRY, "\"Staging\"", "\"Staging\"\nafter = \"Production\""),
        ),
        case("stage-cycle", registry("after = \"Staging\"", "after = \"Production\""), "registry.toml:12:9", sample()),
        case("unknown-team", registry("@ml-leads", "@leads"), "registry.toml:15:13", registry("\"@ml-leads\", ", "")),
        case("empty-gate", registry("min = 0.5\nmax = 1\n", ""), "registry.toml:18:10", registry("min = 0.5\n", "")),
        case("gate-range", registry("max = 1", "max = 0.4"), "registry.toml:19:7", registry("max = 1", "max = 0.5")),
        case(
            "gate-without-goal",
            registry("goal = \"lower\"", ""),
            "registry.toml:24:18",
            registry("max = 1", "max = 1\ngoal = \"higher\""),
        ),
        case(
            "negative-tolerance",
            registry("tolerance = 0.0", "tolerance = -0.1"),
            "registry.toml:25:13",
            registry("tolerance = 0.0", "tolerance = 0"),
        ),
        case(
            "approvals-out-of-range",
            registry("approvals = 1", "approvals = 0"),
            "registry.toml:14:13",
            registry("approvals = 1", "approvals = 2"),
        ),
        case("approvals-out-of-range", registry("approvals = 1", "approvals = 3"), "registry.toml:14:13", sample()),
        case(
            "approvals-out-of-range",
            registry("approvals = 1\napprovers = [\"@ml-leads\", \"boss@example.com\"]", "approvals = 101"),
            "registry.toml:14:13",
            registry("approvals = 1\napprovers = [\"@ml-leads\", \"boss@example.com\"]", "approvals = 100"),
        ),
        case(
            "approvals-without-review",
            registry("\"recorded\"", "\"forge\""),
            "registry.toml:14:13",
            registry("review = \"recorded\"\napprovals = 1\napprovers = [\"@ml-leads\", \"boss@example.com\"]", ""),
        ),
        case("signed-without-signers", signed(None), "registry.toml:13:10", good_signers),
        case("signers-syntax", signed(Some("lead@example.com\n")), "allowed_signers:1:1", signed(Some(&key_line("")))),
        case("signers-syntax", signed(Some(&key_line("sudo "))), "allowed_signers:3:1", signed(Some("# none yet\n"))),
        case(
            "signers-syntax",
            signed(Some("a ssh-ed25519 short\n")),
            "allowed_signers:1:1",
            signed(Some(&key_line("cert-authority "))),
        ),
        case(
            "policy-version-zero",
            registry("policy_version = 1", "policy_version = 0"),
            "registry.toml:5:18",
            registry("policy_version = 1\n", ""),
        ),
    ]
}

/// The path of a stage's file: 119 bytes and the model's name.
fn long(name: usize) -> String {
    format!("models/{}/stages/{}.toml", "m".repeat(name), "s".repeat(81))
}

/// The sample with a model's name of this length, and a stage's of 81.
fn long_path(name: usize) -> MemoryTree {
    let (path, name, stage) = (long(name), "m".repeat(name), "s".repeat(81));
    let mut tree = moved(&format!("models/{name}"));
    tree = tree.edit(&format!("models/{name}/model.toml"), "\"iris\"", &format!("\"{name}\""));
    for number in [2, 3] {
        let manifest = format!("models/{name}/versions/{number}.toml");
        tree = tree.edit(&manifest, "models:/iris", &format!("models:/{name}"));
    }
    let content = tree.0.remove(&format!("models/{name}/stages/staging.toml")).unwrap();
    tree.0.insert(path.clone(), content);
    tree.edit(&path, "\"Staging\"", &format!("\"{stage}\""))
        .edit(REGISTRY, "\"Staging\"", &format!("\"{stage}\""))
        .edit(REGISTRY, "after = \"Staging\"", &format!("after = \"{stage}\""))
}
