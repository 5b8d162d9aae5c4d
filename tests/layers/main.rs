//! The table of layers in `src/lib.rs` holds: each layer uses only those above it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod circles;

use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the top down, each with the layers that it may use.
const LAYERS: [(&str, &[&str]); 7] = [
    ("model", &[]),
    ("diag", &["model"]),
    ("check", &["model", "diag"]),
    ("store", &["model", "diag", "check"]),
    ("ops", &["model", "diag", "check", "store"]),
    ("web", &["ops", "model", "diag"]),
    // The commands `serve` and `export` start the dashboard.
    ("cli", &["web", "ops", "model", "diag"]),
];

/// The maximum number of lines of a file.
const LONGEST: usize = 500;

#[test]
fn each_layer_uses_only_those_it_may() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let below = file.strip_prefix(&source).unwrap();
        let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let layer = parts[0].trim_end_matches(".rs");
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            assert!(matches!(layer, "lib" | "main"), "`{}` is in no layer", below.display());
            continue;
        };
        // `mod.rs` is the module of its folder; any other file is a module below it.
        let depth = parts.len() - usize::from(parts[parts.len() - 1] == "mod.rs");
        for (number, line) in code(&fs::read_to_string(&file).unwrap()) {
            for used in layers_used(&line, depth) {
                if used != layer && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("src/{}:{number}: {layer} uses {used}", below.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names that only some operating systems have.
const ONE_SYSTEMS_OWN: [&str; 9] =
    ["rustix::", "std::os::", "libc::", "nix::", "signal::unix", "target_os", "target_vendor", "cfg(unix", "\"/proc"];

#[test]
fn names_of_one_system_are_only_in_store_platform() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&source).iter().filter(|file| !file.starts_with(source.join("store/platform"))) {
        let is_test = |name: &str| name == "tests" || name == "tests.rs" || name.starts_with("test_");
        if file.strip_prefix(&source).unwrap().iter().any(|part| is_test(&part.to_string_lossy())) {
            continue;
        }
        let text = fs::read_to_string(file).unwrap();
        let program = text.split("\nmod tests {").next().unwrap();
        for (number, line) in code(program) {
            if ONE_SYSTEMS_OWN.iter().any(|name| line.contains(name)) {
                wrong.push(format!("{}:{number}: {line}", file.strip_prefix(&source).unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "belongs in `store/platform`:\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_longer_than_the_limit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src", "tests"].into_iter().flat_map(|folder| rust_files(&root.join(folder)));
    let lengths = files.map(|file| (fs::read_to_string(&file).unwrap().lines().count(), file));
    let long: Vec<String> = lengths
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, file)| format!("{} has {lines} lines", file.strip_prefix(root).unwrap().display()))
        .collect();
    assert!(long.is_empty(), "more than {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn paths_are_read_in_every_form() {
    assert_eq!(layers_used("use crate::store::{Oid, Draft};", 2), ["store"]);
    assert_eq!(layers_used("use crate::{diag, model::{Text, Line}, store as disk};", 2), ["diag", "model", "store"]);
    assert_eq!(layers_used("let x = crate::ops::find(crate::store::Oid::ZERO);", 2), ["ops", "store"]);
    assert_eq!(layers_used("use super::super::store::Oid;", 2), ["store"]);
    assert_eq!(layers_used("use super::store::Oid;", 2), Vec::<String>::new());
    let grouped = code("use crate::{\n    // a remark\n    store,\n    model,\n};\nfn f() {}\n");
    assert_eq!(grouped[0], (1, "use crate::{ store, model, };".into()));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The lines with their numbers, without comments; a `use` of several lines is one line.
fn code(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("//") {
            continue;
        }
        match lines.last_mut() {
            Some((_, last)) if open => *last = format!("{last} {line}"),
            _ => lines.push((index + 1, line.to_owned())),
        }
        let all = lines.last().map_or("", |(_, all)| all.as_str());
        open = (all.starts_with("use ") || all.starts_with("pub use ") || all.starts_with("pub(")) && {
            all.contains("use ") && !all.contains(';')
        };
    }
    lines
}

/// The layers at the beginning of a line's paths. `depth` is the number of `super` from the module to the crate's root.
fn layers_used(line: &str, depth: usize) -> Vec<String> {
    let up = "super::".repeat(depth);
    let mut used = Vec::new();
    for root in ["crate::", up.as_str()] {
        for (at, _) in line.match_indices(root) {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            used.extend(heads(&line[at + root.len()..]));
        }
    }
    used.retain(|name| LAYERS.iter().any(|(layer, _)| layer == name));
    used
}

/// The first names of a path, or of each path in a group.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut start, mut heads) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                heads.push(name(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads
}
