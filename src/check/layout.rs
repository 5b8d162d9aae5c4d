//! The registry as a whole: the entries of its root, the folders of the models, and the checks of all files in
//! parallel.

use anyhow::Result;
use rayon::prelude::*;
use toml::de::DeTable;

use super::entries::{self, Wanted};
use super::file::Reader;
use super::folders::model_folders;
use super::models::{self, ModelFacts};
use super::sink::Sink;
use super::{model, registry};
use crate::diag::Report;
use crate::diag::codes::tree::DISGUISED_FILE;
use crate::diag::sanitize::one_line;
use crate::model::depth;
use crate::model::disguise::looks_like;
use crate::model::files::NotText;
use crate::model::layout::{MODELS, REGISTRY_FILE, SIGNERS_FILE};
use crate::model::{EntryKind, Layout};

/// Checks a whole registry. An invalid file does not stop the checks of the others.
pub(super) fn check(reader: &Reader<'_>) -> Result<Report> {
    let mut sink = Sink::default();
    check_root(reader, &mut sink)?;
    let registry = registry::load(reader, &mut sink)?;
    let layout = match &registry {
        Some(loaded) => {
            registry::check(loaded, reader, &mut sink)?;
            loaded.value.layout
        }
        None => guess(reader)?,
    };
    let registry = registry.as_ref().map(|loaded| &*loaded.value);
    let folders = model_folders(reader, layout, &mut sink)?;
    // Each model has its own sink, and the findings are sorted at the end, so the result does not depend on scheduling.
    let judged: Vec<(ModelFacts, Sink)> = folders
        .par_iter()
        .map(|folder| {
            let mut sink = Sink::default();
            model::check(reader, folder, registry, None, &mut sink).map(|facts| (facts, sink))
        })
        .collect::<Result<_>>()?;
    let (facts, sinks): (Vec<ModelFacts>, Vec<Sink>) = judged.into_iter().unzip();
    sinks.into_iter().for_each(|other| sink.merge(other));
    models::check_together(&facts, &mut sink);
    Ok(sink.report())
}

/// Checks the entries of the root. Other files there, such as a README or a workflow, are ignored.
pub(super) fn check_root(reader: &Reader<'_>, sink: &mut Sink) -> Result<()> {
    let Some(root) = reader.tree().find("")? else { return Ok(()) };
    for entry in entries::list(reader, &root, sink)?.iter() {
        match entry.path.as_str() {
            REGISTRY_FILE | SIGNERS_FILE => drop(entries::is(entry, Wanted::File, sink)),
            MODELS => drop(entries::is(entry, Wanted::Folder, sink)),
            name => {
                if let Some(own) = looks_like(name, &[REGISTRY_FILE, SIGNERS_FILE, MODELS]) {
                    let message = format!("`{}` can be taken for `{own}`", one_line(name));
                    sink.path(&DISGUISED_FILE, name, message, "remove the entry, or choose another name");
                }
            }
        }
    }
    Ok(())
}

/// The layout of an invalid `registry.toml`, as far as its text shows. With the wrong layout, every other file would be
/// reported as a stray.
fn guess(reader: &Reader<'_>) -> Result<Layout> {
    let Some(entry) = reader.tree().find(REGISTRY_FILE)?.filter(|entry| entry.kind == EntryKind::File) else {
        return Ok(Layout::Flat);
    };
    let text = match reader.files.text(&entry, reader.keep)? {
        Ok(text) => text,
        Err(NotText::NotUtf8(error)) => String::from_utf8_lossy(error.as_bytes()).into(),
        Err(NotText::TooLarge(_)) => return Ok(Layout::Flat),
    };
    if depth::too_deep(&text).is_some() {
        return Ok(Layout::Flat);
    }
    let (table, _) = DeTable::parse_recoverable(&text);
    let sharded = table.get_ref().get("layout").is_some_and(|value| value.get_ref().as_str() == Some("sharded"));
    Ok(if sharded { Layout::Sharded } else { Layout::Flat })
}
