//! The list of all models.

use anyhow::Result;
use rayon::prelude::*;

use super::session::Session;
use crate::model::{ModelSnapshot, Snapshot, Timestamp, Unreadable, UserId};

/// A model in the list.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Listed {
    /// The name.
    pub name: String,
    /// Project id.
    pub project: Option<String>,
    /// The owners.
    pub owners: Vec<UserId>,
    /// The number of versions that are not deleted.
    pub versions: usize,
    /// The newest of these versions.
    pub latest_version: Option<u64>,
    /// The stages that are not empty.
    pub stages: Vec<InStage>,
    /// The time of the model's registration.
    pub created_at: Timestamp,
    /// The newest time in the model's files.
    pub last_modified: Timestamp,
    /// Whether the model is deleted.
    pub deleted: bool,
}

/// The versions in a stage.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct InStage {
    /// The stage.
    pub stage: String,
    /// The version that the pointer names.
    pub version: u64,
    /// The time at which the version entered the stage.
    pub since: Option<Timestamp>,
    /// Other versions in the stage.
    pub beside: Vec<u64>,
}

impl Listed {
    /// The list entry of a model.
    pub(super) fn of(model: &ModelSnapshot) -> Self {
        let file = &model.file;
        let stages = model.stages.iter().filter_map(|stage| {
            let (version, since) = (stage.version?, stage.since());
            Some(InStage { stage: stage.stage.to_string(), version, since, beside: stage.beside.clone() })
        });
        Self {
            name: file.name.to_string(),
            project: file.project.as_ref().map(ToString::to_string),
            owners: file.owners.clone(),
            versions: model.versions.values().filter(|m| m.deleted.is_none()).count(),
            latest_version: model.latest().map(|m| m.version),
            // A boxed slice has no spare capacity; the catalog keeps many of these lists.
            stages: stages.collect::<Box<[_]>>().into_vec(),
            created_at: file.created_at,
            last_modified: model.last_modified(),
            deleted: file.deleted.is_some(),
        }
    }
}

/// The answer to a query over models. A file that cannot be read leaves out its model, and no other.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// The answer for the models that can be read.
    pub found: Vec<T>,
    /// The files that cannot be read, by path. Their models are left out.
    pub unreadable: Vec<Unreadable>,
}

/// All models, by name. Deleted models only if `deleted` is set.
pub fn list(session: &Session, deleted: bool) -> Result<Answer<Listed>> {
    let reading = session.read()?;
    let snapshot = Snapshot::open(&reading.tree)?;
    let mut models = all(&snapshot, |model| (deleted || model.file.deleted.is_none()).then(|| Listed::of(&model)))?;
    models.found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(models)
}

/// Applies `take` to every model, on all cores.
pub(super) fn all<T: Send>(
    snapshot: &Snapshot<'_>,
    take: impl Fn(ModelSnapshot) -> Option<T> + Sync,
) -> Result<Answer<T>> {
    let folders = snapshot.model_folders()?;
    let read: Vec<Result<Option<T>>> =
        folders.par_iter().map(|folder| Ok(snapshot.model_in(folder)?.and_then(&take))).collect();
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for model in read {
        match readable(model)? {
            Ok(model) => found.extend(model),
            Err(why) => unreadable.push(why),
        }
    }
    unreadable.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Answer { found, unreadable })
}

/// Separates a file that cannot be read, which leaves out its model, from a failure of the whole query.
pub(super) fn readable<T>(read: Result<T>) -> Result<Result<T, Unreadable>> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(error) => error.downcast::<Unreadable>().map(Err),
    }
}
