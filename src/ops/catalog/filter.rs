//! The models of a catalog of which a version passes a filter.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;

use super::{Catalog, CatalogModel};
use crate::model::{Entry, EntryKind, Filter, ModelSnapshot, Snapshot};
use crate::ops::session::Session;

/// The models of a catalog, in its order, each with whether a filter takes it.
pub struct Matches(Vec<(Arc<CatalogModel>, bool)>);

impl Matches {
    /// Asks a filter of every model, and reads its files for that. `before` is an earlier answer to the same filter: a model that
    /// has not changed since is not asked again.
    pub fn of(session: &Session, catalog: &Catalog, filter: &Filter, before: Option<&Self>) -> Result<Self> {
        let tree = session.store.tree(catalog.commit)?;
        let snapshot = Snapshot::open(&tree)?;
        let known: HashMap<&str, &(Arc<CatalogModel>, bool)> =
            before.iter().flat_map(|before| &before.0).map(|asked| (asked.0.listed.name.as_str(), asked)).collect();
        let ask = |model: &Arc<CatalogModel>| -> Result<(Arc<CatalogModel>, bool)> {
            if let Some((asked, takes)) = known.get(model.listed.name.as_str())
                && Arc::ptr_eq(asked, model)
            {
                return Ok((Arc::clone(model), *takes));
            }
            let folder = Entry { path: model.path.to_string(), kind: EntryKind::Folder, id: model.folder };
            let found = snapshot.model_in(&folder)?;
            Ok((Arc::clone(model), found.is_some_and(|found| takes(filter, &found))))
        };
        Ok(Self(catalog.known.models.par_iter().map(ask).collect::<Result<_>>()?))
    }

    /// The models that the filter takes.
    pub fn models(&self) -> impl Iterator<Item = &Arc<CatalogModel>> {
        self.0.iter().filter(|(_, takes)| *takes).map(|(model, _)| model)
    }
}

/// Whether a version passes; of a model without any, the model itself.
fn takes(filter: &Filter, model: &ModelSnapshot) -> bool {
    if model.versions.is_empty() {
        return filter.matches_model(model);
    }
    model.versions.keys().any(|&version| filter.matches(model, version))
}
