//! One model: its folder, `model.toml`, and the consistency of its versions and stages.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use anyhow::Result;

use super::common_keys::{too_many_keys, updated_by};
use super::entries::{self, Wanted};
use super::file::Reader;
use super::folders::ModelFolder;
use super::models::{ModelFacts, Orphan};
use super::sink::{Loaded, Sink};
use super::stage::{self, StageContext};
use super::version::{self, Versions};
use crate::diag::codes::model::{
    ALIAS_CASE_CLASH, ALIAS_IS_STAGE, ALIAS_TO_MISSING, BAD_TIME_ORDER, FORMER_NAME_CLASH, NAME_MISMATCH,
};
use crate::diag::codes::tree::{MODEL_FILE_MISSING, STRAY_FILE};
use crate::diag::codes::version::VERSION_GAP;
use crate::diag::sanitize::one_line;
use crate::model::files::Listing;
use crate::model::layout::{MODEL_FILE, STAGES, VERSIONS, version_of_file};
use crate::model::{AliasName, Entry, Manifest, RegisteredModel, Registry, Stage};

/// Which files of a model a change touches. No version's file was removed.
pub(super) struct Touched {
    /// The versions that were added or changed.
    pub versions: HashSet<u64>,
    /// Whether `model.toml` changed.
    pub own_file: bool,
    /// The stage files that changed, by name; each as it was before, where it could be read.
    pub stages: BTreeMap<String, Option<Arc<Stage>>>,
}

impl Touched {
    /// The versions to judge: those that changed, and those to which something points that changed. Entries of a
    /// journal that were there before point to what they did.
    fn to_judge(&self, own: Option<&RegisteredModel>, stages: &[Loaded<Stage>]) -> HashSet<u64> {
        let mut versions = self.versions.clone();
        if self.own_file {
            versions.extend(own.iter().flat_map(|own| own.aliases.values()));
        }
        for loaded in stages {
            let Some(before) = self.stages.get(loaded.source.file_name()) else { continue };
            let (before, stage) = (before.as_ref().map_or(&[][..], |stage| &stage.history), &loaded.value);
            let kept = before.iter().zip(&stage.history);
            let kept = kept.take_while(|(was, is)| (was.version, was.at) == (is.version, is.at)).count();
            versions.extend(stage.history[kept..].iter().map(|entry| entry.version));
            versions.extend(stage.version.iter().chain(&stage.beside));
        }
        versions
    }
}

/// Judges all files of one model, or, where `touched` names some, what a change can have broken: the files that it
/// touches, all names, and what points from one file to another where either changed. A finding in a manifest that is
/// neither touched nor pointed to is left out then: it was there before.
///
/// Only a few words are kept of each version, so memory does not grow with manifests.
pub(super) fn check(
    reader: &Reader<'_>,
    folder: &ModelFolder,
    registry: Option<&Registry>,
    touched: Option<&Touched>,
    sink: &mut Sink,
) -> Result<ModelFacts> {
    let mut facts = ModelFacts {
        name: folder.name.clone(),
        former_names: Vec::new(),
        deleted: false,
        source: None,
        orphans: Vec::new(),
    };
    let (mut own, mut has_file) = (None, false);
    let (mut version_files, mut stage_files) = (Listing::default(), Listing::default());
    for entry in entries::list(reader, &folder.entry, sink)?.iter() {
        match entry.name() {
            MODEL_FILE => {
                has_file = true;
                if entries::is(entry, Wanted::File, sink) {
                    own = reader.load::<RegisteredModel>(entry, sink)?;
                }
            }
            VERSIONS if entries::is(entry, Wanted::Folder, sink) => version_files = entries::list(reader, entry, sink)?,
            STAGES if entries::is(entry, Wanted::Folder, sink) => stage_files = entries::list(reader, entry, sink)?,
            VERSIONS | STAGES => {}
            name => stray(entry, name, sink),
        }
    }
    if !has_file {
        let path = format!("{}/{MODEL_FILE}", folder.entry.path);
        let hint = "add the file, or remove the folder if it was created by mistake";
        sink.path(&MODEL_FILE_MISSING, &path, format!("the model `{}` has no `{MODEL_FILE}`", folder.name), hint);
    }
    let mut stages = Vec::new();
    for entry in stage_files.iter() {
        if !entry.name().ends_with(".toml") {
            stray(entry, entry.name(), sink);
        } else if entries::is(entry, Wanted::File, sink) {
            stages.extend(reader.load::<Stage>(entry, sink)?);
        }
    }
    let to_judge = touched.map(|touched| touched.to_judge(own.as_ref().map(|own| &*own.value), &stages));
    let is_judged = |version: u64| to_judge.as_ref().is_none_or(|versions| versions.contains(&version));
    let versions = check_versions(reader, &version_files, &is_judged, registry, &mut facts, sink)?;
    if let Some(loaded) = own {
        check_own(&loaded, &versions, &mut facts, sink);
        alias_names(&loaded, registry, sink);
    }
    let context = StageContext { registry, versions: &versions, model_deleted: facts.deleted };
    stages.iter().for_each(|loaded| stage::check(loaded, &context, sink));
    Ok(facts)
}

fn stray(entry: &Entry, name: &str, sink: &mut Sink) {
    let message = format!("`{}` is not a file of a registry", one_line(name));
    let hint = "keep `model.toml`, `versions/N.toml` and `stages/NAME.toml` here, and other files outside `models/`";
    sink.path(&STRAY_FILE, &entry.path, message, hint);
}

fn check_versions(
    reader: &Reader<'_>,
    files: &[Entry],
    is_judged: &dyn Fn(u64) -> bool,
    registry: Option<&Registry>,
    facts: &mut ModelFacts,
    sink: &mut Sink,
) -> Result<Versions> {
    let mut numbered = Vec::with_capacity(files.len());
    for entry in files {
        match version_of_file(entry.name()) {
            Some(number) => numbered.push((number, entry)),
            None => stray(entry, entry.name(), sink),
        }
    }
    // In the order of numbers, so that a gap is reported at the file after it.
    numbered.sort_unstable_by_key(|(number, _)| *number);
    // An unreadable manifest still occupies its number.
    let mut versions: Versions = numbered.iter().map(|(number, _)| (*number, None)).collect();
    let mut before = 0;
    for (number, entry) in &numbered {
        if *number != before + 1 {
            let missing = if *number == before + 2 {
                format!("version {} is missing", before + 1)
            } else {
                format!("versions {} to {} are missing", before + 1, number - 1)
            };
            let hint = format!("restore the missing files from git, or number this version {}", before + 1);
            sink.path(&VERSION_GAP, &entry.path, format!("{missing} before this one"), hint);
        }
        before = *number;
    }
    for (number, entry) in &numbered {
        if entries::is(entry, Wanted::File, sink)
            && is_judged(*number)
            && let Some(loaded) = reader.load::<Manifest>(entry, sink)?
        {
            let known = version::check(&loaded, *number, sink);
            versions.insert(*number, Some(known));
            if let Some((parent, of)) = version::parent(&loaded.value) {
                if parent == facts.name {
                    version::check_parent(&loaded.source, *number, of, versions.contains_key(&of), sink);
                } else if let Some(registry) = registry
                    && reader.tree().find(&registry.layout.version_file(&parent, of))?.is_none()
                {
                    facts.orphans.push(Orphan { source: loaded.source, parent, number: of });
                }
            }
        }
    }
    Ok(versions)
}

/// Each alias must be reachable, and distinct for a person who reads it.
fn alias_names(loaded: &Loaded<RegisteredModel>, registry: Option<&Registry>, sink: &mut Sink) {
    let Loaded { value: model, source } = loaded;
    let mut seen = HashMap::new();
    for alias in model.aliases.keys().map(AliasName::as_str) {
        let key = ["aliases".into(), alias.into()];
        if let Some(stage) = registry.and_then(|registry| registry.stage(alias)) {
            let message = format!("`{alias}` is the name of the stage {}", stage.name);
            sink.key(&ALIAS_IS_STAGE, source, &key, message, "choose another alias, or promote the version");
        }
        if let Some(other) = seen.insert(alias.to_lowercase(), alias) {
            let message = format!("`{other}` and `{alias}` differ only in case");
            sink.key(&ALIAS_CASE_CLASH, source, &key, message, "remove one of the two aliases");
        }
    }
}

fn check_own(loaded: &Loaded<RegisteredModel>, versions: &Versions, facts: &mut ModelFacts, sink: &mut Sink) {
    let Loaded { value: model, source } = loaded;
    if model.name != facts.name {
        let message = format!("`name` is `{}`, but the folder is `{}`", model.name, facts.name);
        let hint = format!("write `name = \"{}\"`, or rename with `modelreg rename`", facts.name);
        sink.key(&NAME_MISMATCH, source, &["name".into()], message, hint);
    }
    for (alias, &version) in &model.aliases {
        let why = match versions.get(&version) {
            None => "is missing",
            Some(Some(known)) if known.deleted => "was deleted",
            _ => continue,
        };
        let key = ["aliases".into(), alias.as_str().into()];
        let message = format!("`{alias}` points to version {version}, which {why}");
        sink.key(&ALIAS_TO_MISSING, source, &key, message, "point the alias to another version, or remove it");
    }
    let mut seen = HashSet::new();
    for (at, former) in model.former_names.iter().enumerate() {
        let why = if *former == model.name {
            "is the current name"
        } else if !seen.insert(former) {
            "is listed twice"
        } else {
            continue;
        };
        let key = ["former_names".into(), at.into()];
        sink.key(&FORMER_NAME_CLASH, source, &key, format!("`{former}` {why}"), "remove the entry");
    }
    too_many_keys(source, "tags", model.tags.len(), sink);
    too_many_keys(source, "aliases", model.aliases.len(), sink);
    updated_by(source, model.updated_at, model.updated_by.as_ref(), sink);
    let times = [("updated_at", model.updated_at), ("deleted", model.deleted.as_ref().map(|d| d.at))];
    for (key, time) in times {
        if let Some(time) = time.filter(|&time| time < model.created_at) {
            let message = format!("{time} is before the creation of the model at {}", model.created_at);
            let steps = if key == "deleted" { vec![key.into(), "at".into()] } else { vec![key.into()] };
            sink.key(&BAD_TIME_ORDER, source, &steps, message, "correct the time");
        }
    }
    facts.deleted = model.deleted.is_some();
    if !model.former_names.is_empty() {
        facts.former_names.clone_from(&model.former_names);
        facts.source = Some(source.clone());
    }
}
