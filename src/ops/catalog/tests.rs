//! The catalog over trees in memory, whose folders have ids as git's have.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Mutex;

use sha1::Digest as _;

use super::*;
use crate::model::Content;
use crate::model::tree::memory::MemoryTree;

/// A tree whose folders have an id, made of what is in them, and that remembers which files were read.
struct Counted {
    files: MemoryTree,
    read: Mutex<BTreeSet<String>>,
}

impl Counted {
    fn new(files: &MemoryTree) -> Self {
        Self { files: files.clone(), read: Mutex::default() }
    }

    fn with_id(&self, mut entry: Entry) -> Entry {
        if entry.is_folder() {
            let below = format!("{}/", entry.path);
            let mut hash = sha1::Sha1::new();
            for (path, (_, bytes)) in self.files.0.iter().filter(|(path, _)| path.starts_with(&below)) {
                hash.update(path.as_bytes());
                hash.update(bytes);
            }
            entry.id = Some(hash.finalize().into());
        }
        entry
    }

    /// The models of which a file was read.
    fn models_read(&self) -> BTreeSet<String> {
        let read = self.read.lock().unwrap();
        read.iter().filter_map(|path| Some(path.strip_prefix("models/")?.split('/').next()?.to_owned())).collect()
    }
}

impl Tree for Counted {
    fn find(&self, path: &str) -> Result<Option<Entry>> {
        Ok(self.files.find(path)?.map(|entry| self.with_id(entry)))
    }

    fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
        Ok(self.files.list(folder)?.into_iter().map(|entry| self.with_id(entry)).collect())
    }

    fn read(&self, file: &Entry) -> Result<Content> {
        self.read.lock().unwrap().insert(file.path.clone());
        self.files.read(file)
    }
}

fn registry() -> MemoryTree {
    let policy = "format = 1\nname = \"acme\"\n[[stages]]\nname = \"Staging\"\n[[stages]]\nname = \"Production\"\n";
    let tree = MemoryTree::default().with("registry.toml", policy);
    let tree = with_model(with_model(with_model(tree, "ash", ""), "fir", "former_names = [\"oak\"]\n"), "yew", "");
    let tree = with_version(with_version(tree, "fir", 1, ""), "fir", 2, "parent = \"models:/fir/1\"\n");
    with_version(tree, "yew", 1, "parent = \"models:/oak/1\"\n")
}

fn with_model(tree: MemoryTree, name: &str, rest: &str) -> MemoryTree {
    let text = format!(
        "format = 1\nname = \"{name}\"\ncreated_at = 2026-01-01T00:00:00Z\ncreated_by = \"ada@example.com\"\n{rest}"
    );
    tree.with(&format!("models/{name}/model.toml"), &text)
}

fn with_version(tree: MemoryTree, name: &str, version: u64, lineage: &str) -> MemoryTree {
    let text = format!(
        "format = 1\nversion = {version}\ncreated_at = 2026-01-0{version}T00:00:00Z\ncreated_by = \"ada@example.com\"\n\
         [artifact]\nuri = \"s3://m/{name}/{version}\"\n[lineage]\n{lineage}"
    );
    tree.with(&format!("models/{name}/versions/{version}.toml"), &text)
}

fn with_move(tree: MemoryTree, name: &str, version: u64, at: &str) -> MemoryTree {
    let text = format!(
        "format = 1\nstage = \"Production\"\nversion = {version}\n[[history]]\nat = {at}\nby = \"ada@example.com\"\n\
         action = \"promote\"\nversion = {version}\n"
    );
    tree.with(&format!("models/{name}/stages/production.toml"), &text)
}

/// What a catalog says, for comparing one with another.
fn said(catalog: &Catalog) -> (Vec<CatalogModel>, Vec<Event>, Vec<String>) {
    let models = catalog.models().map(|model| CatalogModel::clone(model)).collect();
    (models, catalog.activity().cloned().collect(), catalog.unreadable.clone())
}

#[test]
fn a_refresh_reads_only_what_changed_and_equals_a_fresh_load() {
    let mut files = registry();
    let first = Counted::new(&files);
    let mut catalog = Catalog::of(&first, None, None).unwrap();
    assert_eq!(first.models_read(), BTreeSet::from(["ash", "fir", "yew"].map(String::from)));
    // A move; a new version; a new model; a model that goes.
    files = with_move(files, "fir", 2, "2026-01-03T00:00:00Z");
    let mut without_ash = with_model(with_version(files.clone(), "yew", 2, ""), "box", "");
    without_ash.0.remove("models/ash/model.toml");
    let steps = [
        (files.clone(), vec!["fir"]),
        (with_version(files.clone(), "yew", 2, ""), vec!["yew"]),
        (with_model(with_version(files, "yew", 2, ""), "box", ""), vec!["box"]),
        (without_ash, vec![]),
    ];
    for (files, changed) in steps {
        let tree = Counted::new(&files);
        catalog = Catalog::of(&tree, None, Some(&catalog)).unwrap();
        assert_eq!(tree.models_read().into_iter().collect::<Vec<_>>(), changed);
        assert_eq!(catalog.read, changed.len());
        assert_eq!(said(&catalog), said(&Catalog::of(&Counted::new(&files), None, None).unwrap()));
    }
    assert_eq!(catalog.models().map(|model| model.listed.name.as_str()).collect::<Vec<_>>(), ["box", "fir", "yew"]);
}

#[test]
fn another_policy_is_another_catalog() {
    let files = registry();
    let catalog = Catalog::of(&Counted::new(&files), None, None).unwrap();
    let policy = "format = 1\nname = \"acme\"\n[[stages]]\nname = \"Production\"\n";
    let catalog = Catalog::of(&Counted::new(&files.with("registry.toml", policy)), None, Some(&catalog)).unwrap();
    assert_eq!(catalog.read, 3);
}

#[test]
fn former_names_children_and_activity_are_found_across_models() {
    let files = with_move(registry(), "yew", 1, "2026-01-09T00:00:00Z");
    let catalog = Catalog::of(&files, None, None).unwrap();
    assert_eq!(catalog.model("oak").map(|model| model.listed.name.as_str()), Some("fir"));
    assert!(catalog.model("elm").is_none());
    assert_eq!(catalog.children("fir", 1), [("fir".to_owned(), 2), ("yew".to_owned(), 1)]);
    let newest = catalog.activity().next().unwrap();
    assert_eq!((newest.model.as_str(), newest.action.as_str()), ("yew", "promote"));
    let times: Vec<_> = catalog.activity().map(|event| event.at).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
}

#[test]
fn a_model_that_cannot_be_read_hides_no_other() {
    let files = registry().with("models/ash/model.toml", "name = ").with("models/box/versions/1.toml", "");
    let catalog = Catalog::of(&files, None, None).unwrap();
    assert_eq!(catalog.models().count(), 2);
    assert_eq!(catalog.unreadable.len(), 2, "{:?}", catalog.unreadable);
}
