//! The registry as a whole: what stands at its root, which folders are models, and all of its files judged in parallel.

use std::collections::HashMap;

use anyhow::Result;
use rayon::prelude::*;
use toml::de::DeTable;

use super::entries::{self, Wanted};
use super::model::{self, ModelFacts};
use super::registry;
use super::sink::Sink;
use crate::diag::Report;
use crate::diag::codes::tree::{BAD_MODEL_NAME, NAME_CASE_CLASH, STRAY_FILE, WRONG_SHARD};
use crate::model::depth;
use crate::model::layout::{MODEL_FILE, MODELS, REGISTRY_FILE, SIGNERS_FILE};
use crate::model::{Content, Entry, EntryKind, Layout, ModelName, Tree};

/// The folder of a model.
#[derive(Debug, Clone)]
pub(super) struct ModelFolder {
    /// The model's name, which is the folder's.
    pub name: ModelName,
    /// The folder.
    pub entry: Entry,
}

/// Judges a whole registry. What is wrong in one file never keeps the others from being read.
pub(super) fn check(tree: &dyn Tree) -> Result<Report> {
    let mut sink = Sink::default();
    check_root(tree, &mut sink)?;
    let registry = registry::load(tree, &mut sink)?;
    let layout = match &registry {
        Some(loaded) => {
            registry::check(loaded, tree, &mut sink)?;
            loaded.value.layout
        }
        None => guess(tree)?,
    };
    let registry = registry.as_ref().map(|loaded| &loaded.value);
    let folders = model_folders(tree, layout, &mut sink)?;
    // Each model's findings gather apart and are brought into order at the end, so the outcome is the same whatever
    // order the models are judged in.
    let judged: Vec<(ModelFacts, Sink)> = folders
        .par_iter()
        .map(|folder| {
            let mut sink = Sink::default();
            model::check(tree, folder, registry, &mut sink).map(|facts| (facts, sink))
        })
        .collect::<Result<_>>()?;
    let (facts, sinks): (Vec<ModelFacts>, Vec<Sink>) = judged.into_iter().unzip();
    sinks.into_iter().for_each(|other| sink.merge(other));
    model::check_together(&facts, &mut sink);
    Ok(sink.report())
}

/// Judges the entries at the root. Only what the registry itself reads there is its business: a README, a workflow or
/// a folder of notes is not.
pub(super) fn check_root(tree: &dyn Tree, sink: &mut Sink) -> Result<()> {
    let Some(root) = tree.find("")? else { return Ok(()) };
    for entry in entries::list(tree, &root, sink)? {
        match entry.path.as_str() {
            REGISTRY_FILE | SIGNERS_FILE => drop(entries::is(&entry, Wanted::File, sink)),
            MODELS => drop(entries::is(&entry, Wanted::Folder, sink)),
            _ => {}
        }
    }
    Ok(())
}

/// Lists the folders of the models, in the tree's order, and judges their names and places.
pub(super) fn model_folders(tree: &dyn Tree, layout: Layout, sink: &mut Sink) -> Result<Vec<ModelFolder>> {
    model_folders_but(tree, layout, &|_| false, sink)
}

/// The same without the shards that `same` says need no look. Names that differ only in case share a shard, so a clash
/// with a model that was added is found all the same.
pub(super) fn model_folders_but(
    tree: &dyn Tree,
    layout: Layout,
    same: &dyn Fn(&Entry) -> bool,
    sink: &mut Sink,
) -> Result<Vec<ModelFolder>> {
    let mut found = Vec::new();
    let Some(models) = tree.find(MODELS)?.filter(Entry::is_folder) else { return Ok(found) };
    for entry in entries::list(tree, &models, sink)? {
        if !folder_or_stray(&entry, sink) {
            continue;
        }
        if layout == Layout::Sharded && same(&entry) {
            continue;
        }
        if layout == Layout::Flat || holds_model_file(tree, &entry)? {
            add(&mut found, entry, layout, sink);
            continue;
        }
        for entry in entries::list(tree, &entry, sink)? {
            if folder_or_stray(&entry, sink) {
                add(&mut found, entry, layout, sink);
            }
        }
    }
    let mut seen: HashMap<String, &ModelFolder> = HashMap::with_capacity(found.len());
    for folder in &found {
        if let Some(other) = seen.get(&folder.name.folded()) {
            let message = format!("`{}` and `{}` differ only in case", folder.name, other.name);
            sink.path(&NAME_CASE_CLASH, &folder.entry.path, message, "rename one of the two models");
        } else {
            seen.insert(folder.name.folded(), folder);
        }
    }
    Ok(found)
}

fn folder_or_stray(entry: &Entry, sink: &mut Sink) -> bool {
    match entry.kind {
        EntryKind::Folder => true,
        EntryKind::File => {
            let message = "a file stands where only models' folders do";
            sink.path(&STRAY_FILE, &entry.path, message, "move it out of `models/`");
            false
        }
        _ => entries::is(entry, Wanted::Folder, sink),
    }
}

/// Whether a folder directly below `models/` is a model itself, put there as though the layout were flat.
fn holds_model_file(tree: &dyn Tree, folder: &Entry) -> Result<bool> {
    Ok(tree.list(folder)?.iter().any(|entry| entry.name() == MODEL_FILE && !entry.is_folder()))
}

fn add(found: &mut Vec<ModelFolder>, entry: Entry, layout: Layout, sink: &mut Sink) {
    let name = match ModelName::new(entry.name()) {
        Ok(name) => name,
        Err(invalid) => return sink.path(&BAD_MODEL_NAME, &entry.path, invalid.why, invalid.hint),
    };
    let right = layout.model_folder(&name);
    if entry.path != right {
        let message = format!("with `layout = \"sharded\"` the model `{name}` lies in `{right}`");
        sink.path(&WRONG_SHARD, &entry.path, message, format!("move it with `git mv` to `{right}`"));
    }
    found.push(ModelFolder { name, entry });
}

/// The layout that a `registry.toml` means which cannot be read as one, so that the other files are judged all the
/// same and not each called a stray.
fn guess(tree: &dyn Tree) -> Result<Layout> {
    let Some(entry) = tree.find(REGISTRY_FILE)?.filter(|entry| entry.kind == EntryKind::File) else {
        return Ok(Layout::Flat);
    };
    let Content::Bytes(bytes) = tree.read(&entry)? else { return Ok(Layout::Flat) };
    let text = String::from_utf8_lossy(&bytes);
    if depth::too_deep(&text).is_some() {
        return Ok(Layout::Flat);
    }
    let (table, _) = DeTable::parse_recoverable(&text);
    let sharded = table.get_ref().get("layout").is_some_and(|value| value.get_ref().as_str() == Some("sharded"));
    Ok(if sharded { Layout::Sharded } else { Layout::Flat })
}
