//! Names that models had before: each leads to one model, and stays with it.
//!
//! Whether another model claims a name too is asked of every model's own file, so only where a change claims one or
//! gives one up, and once.

use std::cell::OnceCell;
use std::collections::HashMap;

use anyhow::{Error, Result};

use super::sides::Sides;
use crate::check::folders::{ModelFolder, model_folders};
use crate::check::models::claim;
use crate::check::sink::Sink;
use crate::model::layout::MODEL_FILE;
use crate::model::{Files, Layout, ModelName, RegisteredModel, Tree};

/// By former name, the first two models that claim it.
type Claims = HashMap<ModelName, Vec<ModelName>>;

/// The former names of all models on both sides, each side read when it is first asked for.
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

    /// Another model that claims a name in the head.
    pub fn also_of(&self, name: &ModelName, but: &ModelName) -> Result<Option<&ModelName>> {
        Ok(self.head()?.get(name).into_iter().flatten().find(|model| *model != but))
    }

    /// Whether a model may give a name up, for that is the fix: where more than one claimed it before the change and one
    /// still does, and where another model is called so on both sides, to which it leads anyway. A name that one model
    /// claims alone stays with it.
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
    for folder in model_folders(files.tree, layout, &mut Sink::silent())? {
        for name in former_names(files, &folder)? {
            claim(claims.entry(name).or_default(), folder.name.clone());
        }
    }
    Ok(known.get_or_init(|| claims))
}

/// The names that a model says it had before.
pub(super) fn former_names(files: &Files<'_>, folder: &ModelFolder) -> Result<Vec<ModelName>> {
    let model = files.readable::<RegisteredModel>(&format!("{}/{MODEL_FILE}", folder.entry.path))?;
    Ok(model.map(|model| model.former_names.clone()).unwrap_or_default())
}
