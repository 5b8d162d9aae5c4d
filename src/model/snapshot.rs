//! A registry at one commit, read on demand, and the values that are derived from its files.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::files::{FileRead, Files, Keep, NotParsed, NotText, RegistryFile, is_plain_file, parse as parse_text};
use super::layout::{MODEL_FILE, MODELS, REGISTRY_FILE, STAGES, VERSIONS, version_of_file};
use super::name::{ModelName, STAGE_ARCHIVED, STAGE_NONE, StageName};
use super::registered_model::RegisteredModel;
use super::registry::{Layout, Registry};
use super::stage::Stage;
use super::time::Timestamp;
use super::tree::{Content, Entry, Tree};
use super::version::Manifest;

/// A registry file that cannot be read. `modelreg validate` lists all its errors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{path}: {why}")]
pub struct Unreadable {
    /// The path relative to the registry's folder, with line and column where they are known.
    pub path: String,
    /// What is wrong.
    pub why: String,
}

/// A registry at one commit. Files are read only on demand. Those that are asked for by name are
/// read once.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use modelreg::model::{Content, Entry, ModelName, Overlay, Snapshot, Tree};
///
/// /// A tree without files; the store has trees of commits and folders.
/// struct Empty;
///
/// impl Tree for Empty {
///     fn find(&self, _path: &str) -> anyhow::Result<Option<Entry>> {
///         Ok(None)
///     }
///     fn list(&self, _folder: &Entry) -> anyhow::Result<Vec<Entry>> {
///         Ok(Vec::new())
///     }
///     fn read(&self, _file: &Entry) -> anyhow::Result<Content> {
///         Ok(Content::Bytes(Vec::new()))
///     }
/// }
///
/// let head = "format = 1\ncreated_at = 2026-01-02T03:04:05Z\ncreated_by = 'ada@example.com'\n";
/// let files = [
///     ("registry.toml", "format = 1\nname = 'acme'\n".to_owned()),
///     ("models/iris/model.toml", format!("{head}name = 'iris'\n")),
///     ("models/iris/versions/1.toml", format!("{head}version = 1\nartifact.uri = 's3://models/iris/1'\n")),
/// ];
/// let files: BTreeMap<_, _> = files.map(|(path, text)| (path.to_owned(), Some(text.into_bytes()))).into();
///
/// let tree = Overlay::new(&Empty, &files);
/// let snapshot = Snapshot::open(&tree)?;
/// let model = snapshot.model(&ModelName::new("iris")?)?.unwrap();
/// assert_eq!(model.latest().unwrap().version, 1);
/// assert_eq!(model.stage_of(1), "None");
/// # Ok::<(), anyhow::Error>(())
/// ```
pub struct Snapshot<'t> {
    /// The files.
    pub tree: &'t dyn Tree,
    /// `registry.toml`.
    pub registry: Registry,
    /// What was read so far.
    pub files: Files<'t>,
}

impl<'t> Snapshot<'t> {
    /// Reads `registry.toml`.
    pub fn open(tree: &'t dyn Tree) -> Result<Self> {
        Self::of(tree, Files::new(tree))
    }

    /// Reads `registry.toml` of another commit. A file that both commits have is not read again.
    pub fn beside(known: &'t Snapshot<'_>, tree: &'t dyn Tree) -> Result<Self> {
        Self::of(tree, Files::of_change(&known.files, tree))
    }

    fn of(tree: &'t dyn Tree, files: Files<'t>) -> Result<Self> {
        let registry = value::<Registry>(&files, REGISTRY_FILE)?
            .ok_or_else(|| Unreadable { path: REGISTRY_FILE.into(), why: "the file is missing".into() })?;
        Ok(Self { tree, registry: Registry::clone(&registry), files })
    }

    /// The layout of the models' folders.
    pub fn layout(&self) -> Layout {
        self.registry.layout
    }

    /// The folders of all models, deleted ones too, in the order of their paths.
    pub fn model_folders(&self) -> Result<Vec<Entry>> {
        let folders: Result<Vec<_>> = self.shards()?.iter().map(|shard| self.folders_in(shard)).collect();
        Ok(folders?.concat())
    }

    /// The folders that contain models: the shards, or `models/` in the flat layout.
    pub fn shards(&self) -> Result<Vec<Entry>> {
        let Some(models) = self.tree.find(MODELS)?.filter(Entry::is_folder) else { return Ok(Vec::new()) };
        match self.layout() {
            Layout::Flat => Ok(vec![models]),
            Layout::Sharded => self.folders_in(&models),
        }
    }

    /// The subfolders of a folder.
    pub fn folders_in(&self, folder: &Entry) -> Result<Vec<Entry>> {
        Ok(self.tree.list(folder)?.into_iter().filter(Entry::is_folder).collect())
    }

    /// A model's `model.toml`.
    pub fn model_file(&self, name: &ModelName) -> Result<Option<RegisteredModel>> {
        value_of(&self.files, &self.layout().model_file(name))
    }

    /// The text of a file; none where the tree has no such file.
    pub fn text(&self, path: &str) -> Result<Option<Arc<str>>> {
        let Some(entry) = self.tree.find(path)? else { return Ok(None) };
        if !is_plain_file(&entry) {
            return Err(unreadable(path, "it is not a plain file").into());
        }
        Ok(Some(self.files.text(&entry, Keep::File)?.map_err(|why| not_text(path, &why))?))
    }

    /// A version's manifest.
    pub fn manifest(&self, name: &ModelName, version: u64) -> Result<Option<Manifest>> {
        value_of(&self.files, &self.layout().version_file(name, version))
    }

    /// A stage of a model; none if no version was ever in it.
    pub fn stage(&self, name: &ModelName, stage: &StageName) -> Result<Option<Stage>> {
        value_of(&self.files, &self.layout().stage_file(name, stage))
    }

    /// The version numbers of a model, deleted ones too, ascending. No manifest is read.
    pub fn versions(&self, name: &ModelName) -> Result<Vec<u64>> {
        let mut numbers = self.numbers(name)?;
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The version numbers of a model in the order of the folder.
    fn numbers(&self, name: &ModelName) -> Result<Vec<u64>> {
        let path = format!("{}/{VERSIONS}", self.layout().model_folder(name));
        let Some(folder) = self.tree.find(&path)?.filter(Entry::is_folder) else { return Ok(Vec::new()) };
        let files = self.files.list(&folder, Keep::File)?;
        Ok(files.iter().filter_map(|entry| version_of_file(entry.name())).collect())
    }

    /// The highest version number of a model, deleted ones too; 0 for none. No manifest is read.
    pub fn newest_version(&self, name: &ModelName) -> Result<u64> {
        Ok(self.numbers(name)?.into_iter().max().unwrap_or(0))
    }

    /// The stages that a version of a model has ever been in, in the policy's order. No manifest is read.
    pub fn stages(&self, name: &ModelName) -> Result<Vec<Stage>> {
        let mut stages = Vec::new();
        for policy in &self.registry.stages {
            stages.extend(self.stage(name, &policy.name)?);
        }
        Ok(stages)
    }

    /// The current name of a model with this former name.
    ///
    /// Former names are only in the models' own files, so every `model.toml` is read; only files that contain the name
    /// are parsed. Unlike all other steps of a write, the cost grows with the registry: about 70 µs of processor time
    /// per model, nearly all of it git's decompression, in parallel. The call is needed only for a name that no model
    /// has now, for example a new model's.
    pub fn renamed_from(&self, former: &str) -> Result<Option<ModelName>> {
        let found = self.model_folders()?.into_par_iter().find_map_first(|folder| {
            let name = ModelName::new(folder.name()).ok()?;
            self.was_called(&folder, former).map(|was| was.then_some(name)).transpose()
        });
        found.transpose()
    }

    /// Whether the model in a folder has this former name.
    fn was_called(&self, folder: &Entry, former: &str) -> Result<bool> {
        let entries = self.tree.list(folder)?;
        let Some(file) = entries.iter().find(|entry| entry.name() == MODEL_FILE) else { return Ok(false) };
        let text = match text(self.tree, file) {
            Ok(text) => text,
            // A file that cannot be read spoils its own model, not the search for another.
            Err(error) if error.is::<Unreadable>() => return Ok(false),
            Err(error) => return Err(error),
        };
        // TOML may escape any character of a name, and an escape has a backslash.
        if !text.contains(former) && !text.contains('\\') {
            return Ok(false);
        }
        let Ok(model) = read_text::<RegisteredModel>(&text, &file.path) else { return Ok(false) };
        Ok(model.former_names.iter().any(|name| name.as_str() == former))
    }

    /// A model with all its versions and stages.
    pub fn model(&self, name: &ModelName) -> Result<Option<ModelSnapshot>> {
        match self.tree.find(&self.layout().model_folder(name))? {
            Some(folder) if folder.is_folder() => self.model_in(&folder),
            _ => Ok(None),
        }
    }

    /// The model in a folder, with all its versions and stages.
    pub fn model_in(&self, folder: &Entry) -> Result<Option<ModelSnapshot>> {
        let mut file = None;
        let (mut versions, mut stages) = (BTreeMap::new(), Vec::new());
        for entry in self.tree.list(folder)? {
            match (entry.name(), entry.is_folder()) {
                (MODEL_FILE, false) => file = Some(parse::<RegisteredModel>(self.tree, &entry)?),
                (VERSIONS, true) => {
                    for file in self.tree.list(&entry)? {
                        if let Some(version) = version_of_file(file.name()) {
                            versions.insert(version, parse::<Manifest>(self.tree, &file)?);
                        }
                    }
                }
                (STAGES, true) => {
                    for file in self.tree.list(&entry)? {
                        stages.push(parse::<Stage>(self.tree, &file)?);
                    }
                }
                _ => {}
            }
        }
        let order = |stage: &Stage| self.registry.stages.iter().position(|p| p.name.is(stage.stage.as_str()));
        stages.sort_by_key(|stage| order(stage).unwrap_or(usize::MAX));
        Ok(file.map(|file| ModelSnapshot { file, versions, stages }))
    }
}

/// The value of the file at a path; none if no file exists there.
fn value<T: RegistryFile>(files: &Files<'_>, path: &str) -> Result<Option<Arc<T>>> {
    let Some(entry) = files.tree.find(path)? else { return Ok(None) };
    if !is_plain_file(&entry) {
        return Err(unreadable(path, "it is not a plain file").into());
    }
    let read: FileRead<T> = files.get(&entry, Keep::File)?;
    let parsed = read.map_err(|why| not_text(path, &why))?;
    match &parsed.value {
        Ok(value) => Ok(Some(value.clone())),
        Err(why) => Err(not_parsed(path, &parsed.text, why).into()),
    }
}

/// The same as a copy.
fn value_of<T: RegistryFile + Clone>(files: &Files<'_>, path: &str) -> Result<Option<T>> {
    Ok(value::<T>(files, path)?.map(Arc::unwrap_or_clone))
}

/// Reads the file at a path as `T`; none if the file does not exist.
pub fn read<T: DeserializeOwned>(tree: &dyn Tree, path: &str) -> Result<Option<T>> {
    tree.find(path)?.map(|entry| parse(tree, &entry)).transpose()
}

/// A file's text. Errors: not a plain file, too large, or not UTF-8.
pub fn text(tree: &dyn Tree, entry: &Entry) -> Result<String> {
    if !is_plain_file(entry) {
        return Err(unreadable(&entry.path, "it is not a plain file").into());
    }
    match tree.read(entry)? {
        Content::TooLarge(size) => Err(not_text(&entry.path, &NotText::TooLarge(size)).into()),
        Content::Bytes(bytes) => {
            String::from_utf8(bytes).map_err(|error| not_text(&entry.path, &NotText::NotUtf8(error)).into())
        }
    }
}

fn unreadable(path: &str, why: &str) -> Unreadable {
    Unreadable { path: path.to_owned(), why: why.to_owned() }
}

fn not_text(path: &str, why: &NotText) -> Unreadable {
    match why {
        NotText::TooLarge(size) => unreadable(path, &format!("the file has {size} bytes")),
        NotText::NotUtf8(_) => unreadable(path, "it is not UTF-8"),
    }
}

fn not_parsed(path: &str, text: &str, why: &NotParsed) -> Unreadable {
    let (at, why) = match why {
        NotParsed::TooDeep(at) => (*at, "it is nested too deeply"),
        NotParsed::Toml(error) => (error.span().map_or(0, |span| span.start), error.message()),
    };
    let at = at.min(text.len());
    let before = &text.as_bytes()[..at];
    let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
    let column = at - before.iter().rposition(|&b| b == b'\n').map_or(0, |nl| nl + 1) + 1;
    unreadable(&format!("{path}:{line}:{column}"), why)
}

fn parse<T: DeserializeOwned>(tree: &dyn Tree, entry: &Entry) -> Result<T> {
    let text = text(tree, entry)?;
    read_text(&text, &entry.path)
}

/// Reads a TOML text as `T`; an error contains the line and column.
pub fn read_text<T: DeserializeOwned>(text: &str, path: &str) -> Result<T> {
    parse_text(text).map_err(|why| not_parsed(path, text, &why).into())
}

/// The stage of a version where one stage must stand for all: the last of [`stages_of`].
pub fn stage_of<'s>(stages: &'s [Stage], manifest: &Manifest) -> &'s str {
    stage_among(stages, manifest.version, manifest.archived)
}

/// All stages of a version, in the policy's order: those that have the version as their pointer or in `beside`. A version
/// that is in no stage is `Archived` or `None`, by the manifest's `archived`, or by whether the version has ever been in
/// a stage.
pub fn stages_of<'s>(stages: &'s [Stage], manifest: &Manifest) -> Vec<&'s str> {
    all_stages_among(stages, manifest.version, manifest.archived)
}

fn all_stages_among(stages: &[Stage], version: u64, archived: Option<bool>) -> Vec<&str> {
    let held = stages.iter().filter(|stage| stage.holds(version));
    let held: Vec<&str> = held.map(|stage| stage.stage.as_str()).collect();
    if held.is_empty() { vec![stage_among(stages, version, archived)] } else { held }
}

fn stage_among(stages: &[Stage], version: u64, archived: Option<bool>) -> &str {
    if let Some(stage) = stages.iter().rev().find(|stage| stage.holds(version)) {
        return stage.stage.as_str();
    }
    let archived = archived.unwrap_or_else(|| stages.iter().any(|stage| stage.has_held(version)));
    if archived { STAGE_ARCHIVED } else { STAGE_NONE }
}

/// A model with all its versions and stages.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSnapshot {
    /// `model.toml`
    pub file: RegisteredModel,
    /// The manifests by number, including deleted versions.
    pub versions: BTreeMap<u64, Manifest>,
    /// The stages with a journal, in the policy's order.
    pub stages: Vec<Stage>,
}

impl ModelSnapshot {
    /// The stage of a version, as [`stage_of`] gives it.
    pub fn stage_of(&self, version: u64) -> &str {
        let archived = self.versions.get(&version).and_then(|manifest| manifest.archived);
        stage_among(&self.stages, version, archived)
    }

    /// All stages of a version, as [`stages_of`] gives them.
    pub fn stages_of(&self, version: u64) -> Vec<&str> {
        let archived = self.versions.get(&version).and_then(|manifest| manifest.archived);
        all_stages_among(&self.stages, version, archived)
    }

    /// The stage of this name; case does not count.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.stage.is(name))
    }

    /// The highest version that is not deleted.
    pub fn latest(&self) -> Option<&Manifest> {
        self.versions.values().rev().find(|manifest| manifest.deleted.is_none())
    }

    /// The newest time in a version's own file. A move of a stage's pointer does not change it.
    pub fn version_modified(&self, version: u64) -> Option<Timestamp> {
        self.versions.get(&version).map(Manifest::last_modified)
    }

    /// The newest time in the model's files.
    pub fn last_modified(&self) -> Timestamp {
        let versions = self.versions.values().map(Manifest::last_modified);
        let stages = self.stages.iter().filter_map(Stage::last_modified);
        versions.chain(stages).fold(self.file.last_modified(), Ord::max)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::tree::memory::MemoryTree;
    use super::*;

    fn model(name: &str, rest: &str) -> String {
        format!(
            "format = 1\nname = \"{name}\"\ncreated_at = 2026-01-02T03:04:05Z\ncreated_by = \"ada@example.com\"\n{rest}"
        )
    }

    #[test]
    fn a_model_is_found_by_a_former_name_however_that_is_written() {
        let tree = MemoryTree::default()
            .with("registry.toml", "format = 1\nname = \"acme\"\nbranch = \"main\"\npolicy_version = 1\n")
            .with("models/ash/model.toml", &model("ash", "description = \"once called oak, or elm\"\n"))
            .with("models/fir/model.toml", &model("fir", "former_names = [\"oak\"]\n"))
            .with("models/yew/model.toml", &model("yew", "former_names = [\"\\u0065lm\"]\n"))
            .with("models/box/versions/1.toml", "");
        let snapshot = Snapshot::open(&tree).unwrap();
        let found = |former| snapshot.renamed_from(former).unwrap().map(|name| name.to_string());
        assert_eq!(found("oak").as_deref(), Some("fir"));
        assert_eq!(found("elm").as_deref(), Some("yew"));
        assert_eq!(found("ash"), None);
        assert_eq!(found("oa"), None);
    }
}
