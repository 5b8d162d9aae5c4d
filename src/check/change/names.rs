//! Former names of models: each belongs to one model, and stays with that model.
//!
//! To find other models with the same former name, every `model.toml` must be read. So this happens only if the change
//! adds or removes a former name, and at most once for each side.

use std::cell::OnceCell;
use std::collections::HashMap;

use anyhow::{Error, Result};

use super::sides::Sides;
use crate::check::file::Reader;
use crate::check::folders::{ModelFolder, model_folders};
use crate::check::models::claim;
use crate::check::sink::Sink;
use crate::model::files::is_plain_file;
use crate::model::layout::MODEL_FILE;
use crate::model::{Files, Keep, Layout, ModelName, RegisteredModel, Tree};

/// For each former name, the first two models that list the name.
type Claims = HashMap<ModelName, Vec<ModelName>>;

/// The former names of all models on both sides. Each side is read when first needed.
pub(super) struct FormerNames<'c> {
    sides: &'c Sides<'c>,
    base: OnceCell<Claims>,
    head: OnceCell<Claims>,
}

impl<'c> FormerNames<'c> {
    /// Reads nothing yet.
    pub fn new(sides: &'c Sides<'c>) -> Self {
        Self { sides, base: OnceCell::new(), head: OnceCell::new() }
    }

    /// Another model than `but` that lists the former name in the head.
    pub fn also_of(&self, name: &ModelName, but: &ModelName) -> Result<Option<&ModelName>> {
        Ok(self.head()?.get(name).into_iter().flatten().find(|model| *model != but))
    }

    /// Whether a model may remove a former name. Removal is the fix for a name that several models listed in the base
    /// and one still lists in the head, and for a name that is the current name of another model on both sides. A
    /// former name of one model alone must stay.
    pub fn may_go(&self, name: &ModelName) -> Result<bool> {
        let is_present =
            |tree: &dyn Tree, layout: Layout| Ok::<_, Error>(tree.find(&layout.model_file(name))?.is_some());
        let (base, head) = (self.sides.base, self.sides.head);
        if is_present(base.tree, base.layout())? && is_present(head.tree, self.sides.layout)? {
            return Ok(true);
        }
        let shared = self.base()?.get(name).is_some_and(|models| models.len() > 1);
        Ok(shared && self.head()?.contains_key(name))
    }

    /// The model that had this name before, if a change may not give the name to `but`.
    pub fn was_of(&self, name: &ModelName, but: Option<&ModelName>) -> Result<Option<&ModelName>> {
        Ok(self.base()?.get(name).into_iter().flatten().find(|model| but != Some(*model)))
    }

    fn base(&self) -> Result<&Claims> {
        read(&self.base, &self.sides.base.files, self.sides.base.layout())
    }

    fn head(&self) -> Result<&Claims> {
        read(&self.head, self.sides.head, self.sides.layout)
    }
}

fn read<'n>(known: &'n OnceCell<Claims>, files: &Files<'_>, layout: Layout) -> Result<&'n Claims> {
    if let Some(claims) = known.get() {
        return Ok(claims);
    }
    let mut claims = Claims::new();
    for folder in model_folders(&Reader { files, keep: Keep::File }, layout, &mut Sink::silent())? {
        if !may_have_former_names(files, &folder)? {
            continue;
        }
        for name in former_names(files, &folder)? {
            claim(claims.entry(name).or_default(), folder.name.clone());
        }
    }
    Ok(known.get_or_init(|| claims))
}

/// Whether a model's file may list former names. A text search costs less than parsing; TOML may escape any character of
/// a key, and an escape has a backslash.
fn may_have_former_names(files: &Files<'_>, folder: &ModelFolder) -> Result<bool> {
    let Some(entry) = files.tree.find(&format!("{}/{MODEL_FILE}", folder.entry.path))? else { return Ok(false) };
    if !is_plain_file(&entry) {
        return Ok(false);
    }
    let text = files.text(&entry, Keep::File)?;
    Ok(text.is_ok_and(|text| text.contains("former_names") || text.contains('\\')))
}

/// The former names of a model.
pub(super) fn former_names(files: &Files<'_>, folder: &ModelFolder) -> Result<Vec<ModelName>> {
    let model = files.readable::<RegisteredModel>(&format!("{}/{MODEL_FILE}", folder.entry.path))?;
    Ok(model.map(|model| model.former_names.clone()).unwrap_or_default())
}
