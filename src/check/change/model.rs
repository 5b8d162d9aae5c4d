//! One model on both sides of a change.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;

use super::diff::{Most, Pair, changed, same};
use super::names::FormerNames;
use super::sides::Sides;
use crate::check::file::readable;
use crate::check::folders::ModelFolder;
use crate::check::model::Touched;
use crate::check::sink::Loaded;
use crate::model::files::Listing;
use crate::model::layout::{MODEL_FILE, STAGES, VERSIONS, version_of_file};
use crate::model::{Entry, Files, Keep, Manifest, ModelName, RegisteredModel, Stage, StageName};

/// A model that a change adds, edits or renames.
pub(super) struct ModelChange<'c> {
    /// The change.
    pub sides: &'c Sides<'c>,
    /// The former names of all models.
    pub names: &'c FormerNames<'c>,
    /// The model's folder in the base; none if the change adds the model.
    pub old: Option<ModelFolder>,
    /// The model's folder in the head.
    pub new: ModelFolder,
    /// `model.toml` in the base; none if missing or unreadable.
    pub base: Option<Arc<RegisteredModel>>,
    /// `model.toml` in the head; none if missing or unreadable.
    pub head: Option<Loaded<RegisteredModel>>,
    /// Whether `model.toml` changed.
    own_file: bool,
    /// The changed version files.
    pub versions: Vec<Pair>,
    /// The changed stage files.
    pub stages: Vec<Pair>,
}

impl<'c> ModelChange<'c> {
    /// Compares both sides of a model.
    pub fn of(
        sides: &'c Sides<'c>,
        names: &'c FormerNames<'c>,
        old: Option<ModelFolder>,
        new: ModelFolder,
    ) -> Result<Self> {
        let (before, after) = (&sides.base.files, sides.head);
        let was = old.as_ref().map_or(Ok(Listing::default()), |old| before.list(&old.entry, Keep::File))?;
        let is = after.list(&new.entry, Keep::File)?;
        let files = |name: &str| -> Result<Vec<Pair>> {
            let (was, is) = (files_in(before, &was, name)?, files_in(after, &is, name)?);
            changed(before, after, &was, &is, Most::All)
        };
        let (versions, stages) = (files(VERSIONS)?, files(STAGES)?);
        let own = |entries: &[Entry]| entries.iter().find(|entry| entry.name() == MODEL_FILE).cloned();
        let (was, is) = (own(&was), own(&is));
        let own_file = !same(before, after, was.as_ref(), is.as_ref())?;
        let base = was.map(|entry| readable::<RegisteredModel>(before, &entry)).transpose()?.flatten();
        let head = is.map(|entry| readable::<RegisteredModel>(after, &entry)).transpose()?.flatten();
        let base = base.map(|loaded| loaded.value);
        Ok(Self { sides, names, old, new, base, head, own_file, versions, stages })
    }

    /// The model's name in the head.
    pub fn name(&self) -> &ModelName {
        &self.new.name
    }

    /// The model's former names in the base.
    pub fn former_names_before(&self) -> &[ModelName] {
        self.base.as_ref().map_or(&[], |base| &base.former_names)
    }

    /// A version's manifest in the head; none if missing or unreadable.
    pub fn manifest(&self, version: u64) -> Result<Option<Arc<Manifest>>> {
        self.sides.head.readable(&format!("{}/{VERSIONS}/{version}.toml", self.new.entry.path))
    }

    /// A stage's file in the head; none if missing or unreadable.
    pub fn stage(&self, stage: &StageName) -> Result<Option<Arc<Stage>>> {
        self.sides.head.readable(&format!("{}/{STAGES}/{}", self.new.entry.path, stage.file_name()))
    }

    /// The changed files of the model. None if the whole model must be judged, because the model is new, has another
    /// name or folder, or lost a version to which any of its files could point.
    pub fn touched(&self) -> Result<Option<Touched>> {
        let moved = self.old.as_ref().is_none_or(|old| old.entry.path != self.new.entry.path);
        if moved || self.versions.iter().any(|pair| pair.head.is_none()) {
            return Ok(None);
        }
        let mut stages = BTreeMap::new();
        for pair in &self.stages {
            let before =
                pair.base.as_ref().map(|entry| readable::<Stage>(&self.sides.base.files, entry)).transpose()?;
            stages.insert(pair.name().to_owned(), before.flatten().map(|loaded| loaded.value));
        }
        let versions = self.versions.iter().filter_map(|pair| version_of_file(pair.name())).collect();
        Ok(Some(Touched { versions, own_file: self.own_file, stages }))
    }
}

/// The entries of one of a model's folders.
fn files_in(files: &Files<'_>, model: &[Entry], name: &str) -> Result<Listing> {
    let folder = model.iter().find(|entry| entry.name() == name && entry.is_folder());
    folder.map_or(Ok(Listing::default()), |folder| files.list(folder, Keep::File))
}
