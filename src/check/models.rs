//! The models with regard to each other: names that they had before, and parents in other models.

use std::collections::{HashMap, HashSet};

use super::sink::{Sink, Source};
use crate::diag::codes::model::{FORMER_NAME_SHARED, FORMER_NAME_TAKEN};
use crate::diag::codes::version::PARENT_MISSING;
use crate::model::ModelName;

/// The facts of a model that the rules across models need.
#[derive(Debug)]
pub(super) struct ModelFacts {
    /// Its name.
    pub name: ModelName,
    /// Its former names.
    pub former_names: Vec<ModelName>,
    /// Whether it has a tombstone.
    pub deleted: bool,
    /// `model.toml`; kept only if the model has former names, for findings about them.
    pub source: Option<Source>,
    /// Versions whose parent was not found under its name. The parent's model may have been renamed.
    pub orphans: Vec<Orphan>,
}

/// A version whose parent was not found under its name.
#[derive(Debug)]
pub(super) struct Orphan {
    /// The version's file.
    pub source: Source,
    /// The parent's model.
    pub parent: ModelName,
    /// The parent's number.
    pub number: u64,
}

/// Records that a model claims a name. Two different models are enough to report a conflict to each of them. A
/// duplicate within one model is reported by [`FORMER_NAME_CLASH`].
pub(super) fn claim<M: PartialEq>(claims: &mut Vec<M>, model: M) {
    if claims.len() < 2 && !claims.contains(&model) {
        claims.push(model);
    }
}

/// Reports that another model claims the same former name.
pub(super) fn shared(source: &Source, at: usize, former: &ModelName, other: &ModelName, sink: &mut Sink) {
    let key = ["former_names".into(), at.into()];
    let message = format!("`{other}` also lists the former name `{former}`");
    sink.key(&FORMER_NAME_SHARED, source, &key, message, "remove the name from the model that never had it");
}

/// Reports that a former name is the name of another model.
pub(super) fn name_taken(source: &Source, at: usize, former: &ModelName, sink: &mut Sink) {
    let key = ["former_names".into(), at.into()];
    let message = format!("`{former}` is now the name of another model");
    sink.key(&FORMER_NAME_TAKEN, source, &key, message, "remove the former name, or rename the other model");
}

/// Checks the consistency of the models with each other.
pub(super) fn check_together(models: &[ModelFacts], sink: &mut Sink) {
    let live: HashSet<&ModelName> = models.iter().filter(|model| !model.deleted).map(|model| &model.name).collect();
    let mut renamed: HashMap<&ModelName, Vec<&ModelName>> = HashMap::new();
    for model in models {
        for former in &model.former_names {
            claim(renamed.entry(former).or_default(), &model.name);
        }
    }
    for model in models {
        for (at, former) in model.former_names.iter().enumerate() {
            let taken = *former != model.name && live.contains(former);
            if let Some(source) = model.source.as_ref().filter(|_| taken) {
                name_taken(source, at, former, sink);
            }
            let other = renamed.get(former).into_iter().flatten().find(|other| ***other != model.name);
            if let (Some(source), Some(other)) = (&model.source, other) {
                shared(source, at, former, other, sink);
            }
        }
        // A renamed parent is still found by its former name.
        for orphan in model.orphans.iter().filter(|orphan| !renamed.contains_key(&orphan.parent)) {
            let message = format!("version {} of `{}` is not in the registry", orphan.number, orphan.parent);
            let key = ["lineage".into(), "parent".into()];
            sink.key(&PARENT_MISSING, &orphan.source, &key, message, "correct the address of the parent");
        }
    }
}
