//! The models whose pages were read last. A reader of a model looks at its versions next, and an export at all of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use crate::model::{ModelName, ModelSnapshot};
use crate::ops::{Oid, Session, model_at};

/// How many models are kept, and the most versions that one of them has.
const KEPT: usize = 8;
const MOST_VERSIONS: usize = 200;

/// The models whose pages were read last, each at a commit.
#[derive(Default)]
pub(super) struct RecentModels(Mutex<VecDeque<(Oid, Arc<ModelSnapshot>)>>);

impl RecentModels {
    /// A model with all its versions and stages at a commit; none where the commit has no such model.
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
        // A folder whose file has another name inside is in a registry that breaks the rules.
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
