//! What leads from one model to another: former names, and versions that were trained from another model's.

use std::collections::HashMap;
use std::sync::Arc;

use super::model::{CatalogModel, Parent};

/// What leads from one model to another.
#[derive(Debug, Default)]
pub(super) struct Kin {
    /// Former names, and what they are now.
    former: HashMap<String, String>,
    /// Versions by the one of another model that they were trained from, which is named as it was called then.
    children: HashMap<Parent, Vec<(String, u64)>>,
}

impl Kin {
    pub fn of(models: &[Arc<CatalogModel>]) -> Self {
        let mut kin = Self::default();
        for model in models {
            let name = &model.listed.name;
            kin.former.extend(model.former_names.iter().map(|former| (former.clone(), name.clone())));
            for (version, parent) in model.foreign_parents() {
                kin.children.entry(parent.clone()).or_default().push((name.clone(), *version));
            }
        }
        kin
    }

    /// The present name of a model that had this name.
    pub fn now(&self, former: &str) -> Option<&str> {
        self.former.get(former).map(String::as_str)
    }

    /// The versions of other models that were trained from this one.
    pub fn children(&self, model: &str, version: u64) -> &[(String, u64)] {
        self.children.get(&Parent { model: model.into(), version }).map_or(&[], Vec::as_slice)
    }
}

impl CatalogModel {
    /// Whether it leads to another model, or another may be led to it.
    pub(super) fn has_kin(&self) -> bool {
        !self.former_names.is_empty() || self.foreign_parents().next().is_some()
    }

    fn foreign_parents(&self) -> impl Iterator<Item = &(u64, Parent)> {
        self.parents.iter().filter(|(_, parent)| !self.answers_to(&parent.model))
    }
}
