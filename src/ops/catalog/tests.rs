//! The catalog over trees in memory whose folders have ids, like git trees.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Mutex;

use proptest::prelude::*;
use sha1::Digest as _;

use super::*;
use crate::model::tree::memory::MemoryTree;
use crate::model::{Content, ModelName};
use crate::ops::event::EventKind;

/// A tree whose folders have ids derived from their content. Records which files are read.
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

    /// The models with a file that was read.
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

const POLICY: &str = "format = 1\nname = \"acme\"\n[[stages]]\nname = \"Staging\"\n[[stages]]\nname = \"Production\"\n";

fn registry() -> MemoryTree {
    let tree = MemoryTree::default().with("registry.toml", POLICY);
    let tree = with_model(with_model(with_model(tree, "ash", ""), "fir", "former_names = [\"oak\"]\n"), "yew", "");
    let tree = with_version(with_version(tree, "fir", 1, ""), "fir", 2, "parent = \"models:/fir/1\"\n");
    with_version(tree, "yew", 1, "parent = \"models:/oak/1\"\n")
}

/// A model's folder, by the layout in the tree's `registry.toml`.
fn folder(tree: &MemoryTree, name: &str) -> String {
    let layout = Snapshot::open(tree).unwrap().layout();
    layout.model_folder(&ModelName::new(name).unwrap())
}

fn with_model(tree: MemoryTree, name: &str, rest: &str) -> MemoryTree {
    let text = format!(
        "format = 1\nname = \"{name}\"\ncreated_at = 2026-01-01T00:00:00Z\ncreated_by = \"ada@example.com\"\n{rest}"
    );
    let path = format!("{}/model.toml", folder(&tree, name));
    tree.with(&path, &text)
}

fn with_version(tree: MemoryTree, name: &str, version: u64, lineage: &str) -> MemoryTree {
    let text = format!(
        "format = 1\nversion = {version}\ncreated_at = 2026-01-0{version}T00:00:00Z\ncreated_by = \"ada@example.com\"\n\
         [artifact]\nuri = \"s3://m/{name}/{version}\"\n[lineage]\n{lineage}"
    );
    let path = format!("{}/versions/{version}.toml", folder(&tree, name));
    tree.with(&path, &text)
}

fn with_move(tree: MemoryTree, name: &str, version: u64, at: &str) -> MemoryTree {
    let text = format!(
        "format = 1\nstage = \"Production\"\nversion = {version}\n[[history]]\nat = {at}\nby = \"kim@example.com\"\n\
         action = \"promote\"\nversion = {version}\nemergency = {}\n",
        version.is_multiple_of(2)
    );
    let path = format!("{}/stages/production.toml", folder(&tree, name));
    tree.with(&path, &text)
}

/// Asserts that an updated catalog equals a fresh one.
fn assert_same(catalog: &Catalog, fresh: &Catalog) {
    let models = |catalog: &Catalog| catalog.models().map(|model| format!("{model:?}")).collect::<Vec<_>>();
    assert_eq!(models(catalog), models(fresh));
    let events = |catalog: &Catalog| catalog.activity().map(CatalogEvent::event).collect::<Vec<_>>();
    assert_eq!(events(catalog), events(fresh));
    let decisions = |catalog: &Catalog| catalog.decisions().map(CatalogEvent::event).collect::<Vec<_>>();
    assert_eq!(decisions(catalog), decisions(fresh));
    assert_eq!(catalog.totals(), fresh.totals());
    assert_eq!(catalog.unreadable, fresh.unreadable);
    for model in fresh.models() {
        for name in std::iter::once(&model.listed.name).chain(&model.former_names) {
            let found = |catalog: &Catalog| catalog.model(name).map(|found| found.listed.name.clone());
            assert!(found(catalog).is_some() && found(catalog) == found(fresh), "{name}");
        }
        for version in &model.versions {
            let known = catalog.model(&model.listed.name).unwrap();
            assert_eq!(catalog.children(known, version.version), fresh.children(model, version.version));
        }
    }
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
        assert_same(&catalog, &Catalog::of(&Counted::new(&files), None, None).unwrap());
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
    let fir = catalog.model("fir").unwrap();
    assert_eq!(catalog.children(fir, 1), [("fir".to_owned(), 2), ("yew".to_owned(), 1)]);
    let newest = catalog.activity().next().unwrap();
    assert_eq!((newest.model().listed.name.as_str(), newest.kind()), ("yew", EventKind::Promote));
    let times: Vec<_> = catalog.activity().map(CatalogEvent::at).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
}

#[test]
fn a_model_that_cannot_be_read_hides_no_other() {
    let files = registry().with("models/ash/model.toml", "name = ").with("models/box/versions/1.toml", "");
    let catalog = Catalog::of(&files, None, None).unwrap();
    assert_eq!(catalog.models().len(), 2);
    assert_eq!(catalog.unreadable.len(), 2, "{:?}", catalog.unreadable);
}

/// A random edit of a registry.
#[derive(Debug, Clone)]
struct Edit {
    what: usize,
    model: &'static str,
    other: &'static str,
    version: u64,
    day: u64,
}

impl Edit {
    fn any() -> impl Strategy<Value = Self> {
        // `Fig` and `fir` share a folder in the sharded layout, and sort differently in lower case.
        let name = || prop::sample::select(vec!["ash", "Fig", "fir", "yew", "box"]);
        let parts = (0usize..7, name(), name(), 1u64..4, 1u64..5);
        parts.prop_map(|(what, model, other, version, day)| Self { what, model, other, version, day })
    }

    fn apply(&self, tree: MemoryTree) -> MemoryTree {
        let (model, other, version) = (self.model, self.other, self.version);
        let path = folder(&tree, model);
        match self.what {
            0 => with_version(tree, model, version, ""),
            1 => with_version(tree, model, version, &format!("parent = \"models:/{other}/{version}\"\n")),
            2 => with_move(tree, model, version, &format!("2026-02-0{}T00:00:00Z", self.day)),
            3 => with_model(
                tree,
                model,
                &format!("former_names = [\"old-{other}\"]\nowners = [\"{other}@example.com\"]\n"),
            ),
            4 => with_model(tree, model, &format!("project = \"{other}\"\n")),
            5 => tree.with(&format!("{path}/model.toml"), "name = "),
            _ => {
                let mut tree = tree;
                tree.0.retain(|file, _| !file.starts_with(&format!("{path}/")));
                tree
            }
        }
    }
}

proptest! {
    #[test]
    fn a_catalog_that_followed_any_edits_equals_one_that_is_read_anew(
        edits in prop::collection::vec(prop::collection::vec(Edit::any(), 1..4), 1..8),
        sharded in any::<bool>(),
    ) {
        let layout = if sharded { "layout = \"sharded\"\n" } else { "" };
        let mut files = MemoryTree::default().with("registry.toml", &POLICY.replacen("[[", &format!("{layout}[["), 1));
        let mut catalog = Catalog::of(&Counted::new(&files), None, None).unwrap();
        for commit in edits {
            files = commit.iter().fold(files, |files, edit| edit.apply(files));
            let tree = Counted::new(&files);
            catalog = Catalog::of(&tree, None, Some(&catalog)).unwrap();
            // Unreadable models are read again after a change in their folder, because they may be fixed.
            let may = commit.len() + catalog.unreadable.len();
            prop_assert!(catalog.read <= may, "{} for {commit:?}", catalog.read);
            assert_same(&catalog, &Catalog::of(&Counted::new(&files), None, None).unwrap());
        }
    }
}
