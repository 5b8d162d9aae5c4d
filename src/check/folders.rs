//! The folders of models: their names and places.

use std::collections::HashMap;

use anyhow::Result;

use super::entries::{self, Wanted};
use super::file::Reader;
use super::sink::Sink;
use crate::diag::codes::tree::{BAD_MODEL_NAME, NAME_CASE_CLASH, STRAY_FILE, WRONG_SHARD};
use crate::model::layout::{MODEL_FILE, MODELS};
use crate::model::{Entry, EntryKind, Layout, ModelName};

/// The folder of a model.
#[derive(Debug, Clone)]
pub(super) struct ModelFolder {
    /// The model's name: the name of the folder.
    pub name: ModelName,
    /// The folder.
    pub entry: Entry,
}

/// Lists the folders of the models, in the tree's order, and checks their names and places.
pub(super) fn model_folders(reader: &Reader<'_>, layout: Layout, sink: &mut Sink) -> Result<Vec<ModelFolder>> {
    model_folders_but(reader, layout, &|_| false, sink)
}

/// Like [`model_folders`], but skips the shards for which `same` is true. Names that differ only in case are in one
/// shard, so a clash with an added model is still found.
pub(super) fn model_folders_but(
    reader: &Reader<'_>,
    layout: Layout,
    same: &dyn Fn(&Entry) -> bool,
    sink: &mut Sink,
) -> Result<Vec<ModelFolder>> {
    let mut found = Vec::new();
    let Some(models) = reader.tree().find(MODELS)?.filter(Entry::is_folder) else { return Ok(found) };
    for entry in entries::list(reader, &models, sink)?.iter() {
        if !folder_or_stray(entry, sink) {
            continue;
        }
        if layout == Layout::Sharded && same(entry) {
            continue;
        }
        if layout == Layout::Flat || holds_model_file(reader, entry)? {
            add(&mut found, entry, layout, sink);
            continue;
        }
        for entry in entries::list(reader, entry, sink)?.iter() {
            if folder_or_stray(entry, sink) {
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
            let message = "`models/` must contain only folders of models";
            sink.path(&STRAY_FILE, &entry.path, message, "move the file out of `models/`");
            false
        }
        _ => entries::is(entry, Wanted::Folder, sink),
    }
}

/// Whether a folder directly below `models/` is itself a model, as in the flat layout.
fn holds_model_file(reader: &Reader<'_>, folder: &Entry) -> Result<bool> {
    Ok(reader.list(folder)?.iter().any(|entry| entry.name() == MODEL_FILE && !entry.is_folder()))
}

fn add(found: &mut Vec<ModelFolder>, entry: &Entry, layout: Layout, sink: &mut Sink) {
    let name = match ModelName::new(entry.name()) {
        Ok(name) => name,
        Err(invalid) => return sink.path(&BAD_MODEL_NAME, &entry.path, invalid.why, invalid.hint),
    };
    let right = layout.model_folder(&name);
    if entry.path != right {
        let message = format!("with `layout = \"sharded\"` the model `{name}` belongs in `{right}`");
        sink.path(&WRONG_SHARD, &entry.path, message, format!("move the folder to `{right}` with `git mv`"));
    }
    found.push(ModelFolder { name, entry: entry.clone() });
}
