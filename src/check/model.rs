//! One model: its folder, its own file, and its versions and stages with regard to each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;

use super::entries::{self, Wanted};
use super::file;
use super::layout::ModelFolder;
use super::sink::{Loaded, Sink, Source};
use super::stage::{self, Company};
use super::version::{self, VersionFacts};
use crate::diag::codes::file::TOO_MANY_KEYS;
use crate::diag::codes::model::{
    ALIAS_TO_MISSING, BAD_TIME_ORDER, FORMER_NAME_CLASH, FORMER_NAME_SHARED, FORMER_NAME_TAKEN, NAME_MISMATCH,
    UPDATED_WITHOUT_BY,
};
use crate::diag::codes::tree::{MODEL_FILE_MISSING, STRAY_FILE};
use crate::diag::codes::version::{PARENT_MISSING, VERSION_GAP};
use crate::diag::sanitize::one_line;
use crate::model::layout::{MODEL_FILE, STAGES, VERSIONS, version_of_file};
use crate::model::{Entry, FileKind, Manifest, ModelName, RegisteredModel, Registry, Stage, Timestamp, Tree, UserId};

/// The most keys that a table of tags, params, metrics or aliases may have.
const MAX_KEYS: usize = 1000;

/// What the other models' rules need to know of a model.
#[derive(Debug)]
pub(super) struct ModelFacts {
    /// Its name.
    pub name: ModelName,
    /// What it was called before.
    pub former_names: Vec<ModelName>,
    /// Whether it has a tombstone.
    pub deleted: bool,
    /// `model.toml`, kept only where a former name might have to be pointed at.
    source: Option<Source>,
    /// Versions whose parent is not where its name says: it may have been renamed since.
    orphans: Vec<Orphan>,
}

/// A version whose parent was not found under its name.
#[derive(Debug)]
struct Orphan {
    source: Source,
    parent: ModelName,
    number: u64,
}

/// The versions of a model by number: what is known of each, or nothing where its manifest cannot be read.
pub(super) type Versions = BTreeMap<u64, Option<VersionFacts>>;

/// Judges all files of one model. Only a few words are kept of each version, so memory does not grow with manifests.
pub(super) fn check(
    tree: &dyn Tree,
    folder: &ModelFolder,
    registry: Option<&Registry>,
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
    let (mut version_files, mut stage_files) = (Vec::new(), Vec::new());
    for entry in entries::list(tree, &folder.entry, sink)? {
        match entry.name() {
            MODEL_FILE => {
                has_file = true;
                if entries::is(&entry, Wanted::File, sink) {
                    own = file::load::<RegisteredModel>(tree, &entry, FileKind::Model, sink)?;
                }
            }
            VERSIONS if entries::is(&entry, Wanted::Folder, sink) => version_files = entries::list(tree, &entry, sink)?,
            STAGES if entries::is(&entry, Wanted::Folder, sink) => stage_files = entries::list(tree, &entry, sink)?,
            VERSIONS | STAGES => {}
            name => stray(&entry, name, sink),
        }
    }
    if !has_file {
        let path = format!("{}/{MODEL_FILE}", folder.entry.path);
        let hint = "add the file, or remove the folder if it is a slip";
        sink.path(&MODEL_FILE_MISSING, &path, format!("the model `{}` has no `{MODEL_FILE}`", folder.name), hint);
    }
    let versions = check_versions(tree, version_files, registry, &mut facts, sink)?;
    if let Some(loaded) = own {
        check_own(&loaded, &versions, &mut facts, sink);
    }
    let company = Company { registry, versions: &versions, model_deleted: facts.deleted };
    for entry in stage_files {
        if !entry.name().ends_with(".toml") {
            stray(&entry, entry.name(), sink);
        } else if entries::is(&entry, Wanted::File, sink)
            && let Some(loaded) = file::load::<Stage>(tree, &entry, FileKind::Stage, sink)?
        {
            stage::check(&loaded, &company, sink);
        }
    }
    Ok(facts)
}

fn stray(entry: &Entry, name: &str, sink: &mut Sink) {
    let message = format!("`{}` has no place here", one_line(name));
    let hint = "keep `model.toml`, `versions/N.toml` and `stages/NAME.toml` here, and all else outside `models/`";
    sink.path(&STRAY_FILE, &entry.path, message, hint);
}

fn check_versions(
    tree: &dyn Tree,
    files: Vec<Entry>,
    registry: Option<&Registry>,
    facts: &mut ModelFacts,
    sink: &mut Sink,
) -> Result<Versions> {
    let mut versions = Versions::new();
    let mut numbered = Vec::with_capacity(files.len());
    for entry in files {
        match version_of_file(entry.name()) {
            // A manifest that cannot be read still takes its number.
            Some(number) => {
                versions.insert(number, None);
                numbered.push((number, entry));
            }
            None => stray(&entry, entry.name(), sink),
        }
    }
    // In the order of numbers, so that a gap is reported at the file after it.
    numbered.sort_unstable_by_key(|(number, _)| *number);
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
            && let Some(loaded) = file::load::<Manifest>(tree, entry, FileKind::Version, sink)?
        {
            let known = version::check(&loaded, *number, sink);
            versions.insert(*number, Some(known));
            if let Some((parent, of)) = version::parent(&loaded.value) {
                if parent == facts.name {
                    version::check_parent(&loaded.source, *number, of, versions.contains_key(&of), sink);
                } else if let Some(registry) = registry
                    && tree.find(&registry.layout.version_file(&parent, of))?.is_none()
                {
                    facts.orphans.push(Orphan { source: loaded.source, parent, number: of });
                }
            }
        }
    }
    Ok(versions)
}

fn check_own(loaded: &Loaded<RegisteredModel>, versions: &Versions, facts: &mut ModelFacts, sink: &mut Sink) {
    let Loaded { value: model, source } = loaded;
    if model.name != facts.name {
        let message = format!("the model calls itself `{}`, and its folder `{}`", model.name, facts.name);
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
            "is the present name"
        } else if !seen.insert(former) {
            "stands here twice"
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
            let message = format!("{time} is before the model was created, at {}", model.created_at);
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

/// Judges how many keys a table has.
pub(super) fn too_many_keys(source: &Source, table: &str, count: usize, sink: &mut Sink) {
    if count > MAX_KEYS {
        let message = format!("`{table}` has {count} keys, and {MAX_KEYS} are the most");
        let hint = "keep the data beside the artifact, and record its address and digest";
        sink.key(&TOO_MANY_KEYS, source, &[table.into()], message, hint);
    }
}

/// Judges whether an edit has both its time and its author.
pub(super) fn updated_by(source: &Source, at: Option<Timestamp>, by: Option<&UserId>, sink: &mut Sink) {
    let (there, missing) = match (at, by) {
        (Some(_), None) => ("updated_at", "updated_by"),
        (None, Some(_)) => ("updated_by", "updated_at"),
        _ => return,
    };
    let message = format!("there is `{there}` without `{missing}`");
    sink.key(&UPDATED_WITHOUT_BY, source, &[there.into()], message, format!("add `{missing}`, or remove `{there}`"));
}

/// Puts down that a model claims a name. Two of those that do are enough to tell each of another; one that says it twice
/// is told of that elsewhere.
pub(super) fn claim<M: PartialEq>(claims: &mut Vec<M>, model: M) {
    if claims.len() < 2 && !claims.contains(&model) {
        claims.push(model);
    }
}

/// Says that another model claims the same former name.
pub(super) fn shared(source: &Source, at: usize, former: &ModelName, other: &ModelName, sink: &mut Sink) {
    let key = ["former_names".into(), at.into()];
    let message = format!("`{other}` says that it was called `{former}`, too");
    sink.key(&FORMER_NAME_SHARED, source, &key, message, "remove the name from the model that never had it");
}

/// Says that a former name is another model's name.
pub(super) fn name_taken(source: &Source, at: usize, former: &ModelName, sink: &mut Sink) {
    let key = ["former_names".into(), at.into()];
    let message = format!("`{former}` is the name of another model now");
    sink.key(&FORMER_NAME_TAKEN, source, &key, message, "remove the former name, or rename the other model");
}

/// Judges the models with regard to each other.
pub(super) fn check_together(models: &[ModelFacts], sink: &mut Sink) {
    let live: HashSet<&ModelName> = models.iter().filter(|model| !model.deleted).map(|model| &model.name).collect();
    let mut renamed: HashMap<&ModelName, Vec<&ModelName>> = HashMap::new();
    for model in models {
        for former in &model.former_names {
            claim(renamed.entry(former).or_default(), &model.name);
        }
    }
    for model in models {
        for (at, former) in model.former_names.iter().enumerate() {
            let taken = *former != model.name && live.contains(former);
            if let Some(source) = model.source.as_ref().filter(|_| taken) {
                name_taken(source, at, former, sink);
            }
            let other = renamed.get(former).into_iter().flatten().find(|other| ***other != model.name);
            if let (Some(source), Some(other)) = (&model.source, other) {
                shared(source, at, former, other, sink);
            }
        }
        // A parent that was renamed is still found by its former name.
        for orphan in model.orphans.iter().filter(|orphan| !renamed.contains_key(&orphan.parent)) {
            let message = format!("the registry has no version {} of `{}`", orphan.number, orphan.parent);
            let key = ["lineage".into(), "parent".into()];
            sink.key(&PARENT_MISSING, &orphan.source, &key, message, "correct the address of the parent");
        }
    }
}
