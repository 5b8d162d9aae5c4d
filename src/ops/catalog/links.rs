//! The links between models: former names, and versions that were trained from a version of another model.

use std::collections::HashMap;
use std::sync::Arc;

use super::model::{CatalogModel, Parent};

/// The links between models.
#[derive(Debug, Default)]
pub(super) struct ModelLinks {
    /// The present name by former name.
    former: HashMap<String, String>,
    /// The versions that were trained from a version of another model, by that version. The other model has the name
    /// that it had at the time of the training.
    children: HashMap<Parent, Vec<(String, u64)>>,
}

impl ModelLinks {
    pub fn of(models: &[Arc<CatalogModel>]) -> Self {
        let mut links = Self::default();
        for model in models {
            let name = &model.listed.name;
            links.former.extend(model.former_names.iter().map(|former| (former.clone(), name.clone())));
            for (version, parent) in model.foreign_parents() {
                links.children.entry(parent.clone()).or_default().push((name.clone(), *version));
            }
        }
        links
    }

    /// The present name of a model that had this name.
    pub fn now(&self, former: &str) -> Option<&str> {
        self.former.get(former).map(String::as_str)
    }

    /// The versions of other models that were trained from this version.
    pub fn children(&self, model: &str, version: u64) -> &[(String, u64)] {
        self.children.get(&Parent { model: model.into(), version }).map_or(&[], Vec::as_slice)
    }
}

impl CatalogModel {
    /// Whether the model has links to other models.
    pub(super) fn has_links(&self) -> bool {
        !self.former_names.is_empty() || self.foreign_parents().next().is_some()
    }

    fn foreign_parents(&self) -> impl Iterator<Item = &(u64, Parent)> {
        self.parents.iter().filter(|(_, parent)| !self.answers_to(&parent.model))
    }
}
