//! A cache of the models whose pages were read last: after a model, a reader looks at the model's versions, and an export
//! writes the pages of all versions.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use crate::model::{ModelName, ModelSnapshot};
use crate::ops::{Oid, Session, model_at};

/// The number of cached models, and the maximum of versions of a cached model.
const KEPT: usize = 8;
const MOST_VERSIONS: usize = 200;

/// The cached models, each at a commit, newest first.
#[derive(Default)]
pub(super) struct RecentModels(Mutex<VecDeque<(Oid, Arc<ModelSnapshot>)>>);

impl RecentModels {
    /// A model with all its versions and stages at a commit; none if the commit does not have the model.
    pub fn model(
        &self,
        session: &Session,
        commit: Option<Oid>,
        name: &ModelName,
    ) -> Result<Option<Arc<ModelSnapshot>>> {
        let Some(at) = commit else { return Ok(None) };
        if let Some(model) = self.get(at, name) {
            return Ok(Some(model));
        }
        let model = model_at(session, commit, name)?;
        // If the name in the file differs from the folder's, the registry breaks the rules, and the cache would not find the model.
        if let Some(model) = model.as_ref().filter(|model| model.file.name == *name) {
            self.keep(at, model);
        }
        Ok(model)
    }

    fn get(&self, commit: Oid, name: &ModelName) -> Option<Arc<ModelSnapshot>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(at, model)| *at == commit && model.file.name == *name);
        found.map(|(_, model)| Arc::clone(model))
    }

    fn keep(&self, commit: Oid, model: &Arc<ModelSnapshot>) {
        if model.versions.len() <= MOST_VERSIONS {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.truncate(KEPT - 1);
            kept.push_front((commit, Arc::clone(model)));
        }
    }
}
