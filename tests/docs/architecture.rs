//! `docs/architecture.md` names existing files and folders, has every folder of the code on its map, and has the enforced table
//! of layers.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{backticked, read, root};

const PAGE: &str = "docs/architecture.md";
/// The beginnings of names in backquotes that are paths from the root.
const ROOTS: [&str; 7] = ["src/", "tests/", "docs/", "benches/", "schema/", "example-registry/", ".ci/"];
/// The placeholder for a new name in a recipe.
const PLACEHOLDER: &str = "NAME";

/// The page without fenced text.
fn page() -> String {
    let page = read(PAGE);
    page.split("\n```").step_by(2).collect()
}

/// The paths that a text names.
fn paths(text: &str) -> Vec<&str> {
    let is_path = |name: &&str| ROOTS.iter().any(|root| name.starts_with(root)) && !name.contains(' ');
    backticked(text).into_iter().filter(is_path).collect()
}

#[test]
fn every_path_that_the_page_names_exists() {
    let page = page();
    let named = paths(&page);
    assert!(named.len() > 150, "the paths are not found any more: {named:?}");
    let missing = |name: &&&str| {
        let path = root().join(name);
        let is_new = path.file_stem().is_some_and(|stem| stem == PLACEHOLDER);
        !if is_new { path.parent().is_some_and(Path::is_dir) } else { path.exists() }
    };
    let missing: BTreeSet<&&str> = named.iter().filter(missing).collect();
    assert!(missing.is_empty(), "{PAGE} names files that do not exist: {missing:#?}");
}

#[test]
fn every_folder_of_the_code_is_on_the_map() {
    let page = page();
    let rows: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `src/")).filter_map(|row| row.split('`').next()).collect();
    let mut missing = Vec::new();
    for layer in folders(&root().join("src")) {
        let inside = folders(&root().join("src").join(&layer)).into_iter().map(|room| format!("{layer}/{room}"));
        let rooms =
            inside.chain([layer.clone()]).filter(|room| !["snapshots", "tests"].iter().any(|own| room.ends_with(own)));
        // For `store`, the page lists the folders inside.
        missing.extend(rooms.filter(|room| room != "store" && !rows.contains(room.as_str())));
    }
    assert!(missing.is_empty(), "{PAGE} has no row for src/{missing:?}");
}

fn folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

#[test]
fn the_table_of_layers_is_the_one_that_is_enforced() {
    let enforced = read("tests/layers/main.rs");
    let (_, table) = enforced.split_once("const LAYERS").unwrap();
    let (table, _) = table.split_once("\n];").unwrap();
    let quoted = |line: &str| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let enforced: Vec<Vec<String>> =
        table.lines().filter(|line| line.trim_start().starts_with("(\"")).map(quoted).collect();
    assert_eq!(enforced.len(), 7);
    let page = page();
    let (_, rows) = page.split_once("\n|---|---|---|---|\n").unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').collect();
        [cells[1], cells[2]].iter().flat_map(|cell| backticked(cell)).map(str::to_owned).collect::<Vec<_>>()
    };
    let said: Vec<Vec<String>> = rows.lines().take_while(|line| line.starts_with('|')).map(row).collect();
    let sets = |rows: Vec<Vec<String>>| -> Vec<(String, BTreeSet<String>)> {
        rows.into_iter().map(|row| (row[0].clone(), row[1..].iter().cloned().collect())).collect()
    };
    assert_eq!(sets(said), sets(enforced));
}
