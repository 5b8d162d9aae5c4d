//! The models of a catalog with a version that matches a filter.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;

use super::{Catalog, CatalogModel};
use crate::model::{Entry, EntryKind, Filter, ModelSnapshot, Snapshot};
use crate::ops::session::Session;

/// The models of a catalog, in its order, each with whether the filter matches.
pub struct Matches(Vec<(Arc<CatalogModel>, bool)>);

impl Matches {
    /// Applies a filter to the files of every model. `before` is an earlier result of the same filter; models that are
    /// unchanged since then are not read again.
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

    /// The models that match.
    pub fn models(&self) -> impl Iterator<Item = &Arc<CatalogModel>> {
        self.0.iter().filter(|(_, takes)| *takes).map(|(model, _)| model)
    }
}

/// Whether a version of the model matches; for a model without versions, whether the model itself matches.
fn takes(filter: &Filter, model: &ModelSnapshot) -> bool {
    if model.versions.is_empty() {
        return filter.matches_model(model);
    }
    model.versions.keys().any(|&version| filter.matches(model, version))
}
