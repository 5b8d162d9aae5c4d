//! A registry at one commit, kept in memory for repeated queries over all models, such as those of the dashboard.
//!
//! From one commit to the next, only changed folders are read again: a folder with the same git id has the same files.
//! The values over all models are updated incrementally: those of the old state of a changed model are subtracted,
//! those of its new state added. Details of one model are not in the catalog; [`model_at`] reads them from the model's
//! files.

mod at_commit;
mod event;
mod filter;
mod links;
mod model;
mod requests;
#[cfg(test)]
mod tests;
mod timeline;
mod totals;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;

pub use at_commit::{approvals_at, compare_at, manifest_text, model_at};
pub use event::CatalogEvent;
pub use filter::Matches;
use links::ModelLinks;
pub use model::{CatalogModel, CatalogVersion};
pub use requests::{CatalogRequest, CatalogRequests, catalog_requests};
use timeline::{Timeline, merged};
pub use totals::{Counts, Totals};

use super::session::Session;
use crate::model::layout::REGISTRY_FILE;
use crate::model::{Entry, ObjectId, Registry, Snapshot, Tree, Unreadable};
use crate::store::Oid;

/// A registry at one commit.
pub struct Catalog {
    /// The commit; none on a branch without commits.
    pub commit: Option<Oid>,
    /// The commit's id in full.
    pub commit_id: Option<String>,
    /// `registry.toml`.
    pub registry: Arc<Registry>,
    /// The folders whose files cannot be read as a model, each with the reason. They do not hide other models.
    pub unreadable: BTreeMap<String, String>,
    /// The number of models whose files were read to update the catalog to this commit.
    pub read: usize,
    registry_id: Option<ObjectId>,
    known: Known,
}

/// The values that are updated incrementally from one commit to the next.
#[derive(Default)]
struct Known {
    /// The parent folders of the models' folders, with their git ids.
    shards: HashMap<String, ObjectId>,
    /// The models, by name in lower case.
    models: Vec<Arc<CatalogModel>>,
    totals: Totals,
    links: Arc<ModelLinks>,
    /// All events.
    activity: Timeline,
    /// The events that decided on a move.
    decisions: Timeline,
}

/// The catalog at the commit that the session reads now. `before` is the catalog of an earlier commit, if there is one.
pub fn catalog(session: &Session, before: Option<&Arc<Catalog>>) -> Result<Arc<Catalog>> {
    let reading = session.read()?;
    match before {
        Some(before) if before.commit == reading.commit => Ok(Arc::clone(before)),
        _ => Ok(Arc::new(Catalog::of(&reading.tree, reading.commit, before.map(Arc::as_ref))?)),
    }
}

impl Catalog {
    /// Reads a tree; with an earlier catalog, only the folders that differ from the catalog's tree.
    pub fn of(tree: &dyn Tree, commit: Option<Oid>, before: Option<&Self>) -> Result<Self> {
        let snapshot = Snapshot::open(tree)?;
        let registry_id = tree.find(REGISTRY_FILE)?.and_then(|entry| entry.id);
        // Values depend on the policy, for example on the order of the stages: a changed policy starts a new catalog.
        let before = before.filter(|before| registry_id.is_some() && before.registry_id == registry_id);
        let nothing = Known::default();
        let known = before.map_or(&nothing, |before| &before.known);
        let (mut shards, mut changed) = (HashMap::new(), BTreeMap::new());
        for shard in snapshot.shards()? {
            if shard.id.is_none() || known.shards.get(&shard.path) != shard.id.as_ref() {
                let folders = snapshot.folders_in(&shard)?;
                changed.extend(folders.into_iter().map(|folder| (folder.path.clone(), folder)));
            }
            shards.extend(shard.id.map(|id| (shard.path, id)));
        }
        let same: HashSet<&str> = shards
            .iter()
            .filter(|(path, id)| known.shards.get(*path) == Some(id))
            .map(|(path, _)| path.as_str())
            .collect();
        let is_same = |path: &str| path.rsplit_once('/').is_some_and(|(shard, _)| same.contains(shard));
        let mut kept: Vec<(Arc<CatalogModel>, Option<usize>)> = Vec::with_capacity(known.models.len());
        for (place, model) in known.models.iter().enumerate() {
            let is_listed = |folder: &Entry| folder.id.is_some() && folder.id == model.folder;
            if is_same(&model.path) {
                kept.push((Arc::clone(model), Some(place)));
            } else if changed.get(&*model.path).is_some_and(is_listed) {
                changed.remove(&*model.path);
                kept.push((Arc::clone(model), Some(place)));
            }
        }
        let mut unreadable = before.map_or_else(BTreeMap::new, |before| before.unreadable.clone());
        unreadable.retain(|path, _| is_same(path));
        let read_in = |folder: Entry| {
            // The files of a model are dropped at once: they take many times the memory of the catalog's values.
            let model = snapshot.model_in(&folder).map(|model| model.map(|model| CatalogModel::of(&model, &folder)));
            (folder, model)
        };
        let found: Vec<_> = changed.into_values().collect::<Vec<_>>().into_par_iter().map(read_in).collect();
        let (read, mut models) = (found.len(), Vec::new());
        for (folder, model) in found {
            match model {
                Ok(Some(model)) => models.push((Arc::new(model), None)),
                Ok(None) => drop(unreadable.insert(folder.path, "model.toml is missing".into())),
                Err(error) if error.is::<Unreadable>() => drop(unreadable.insert(folder.path, error.to_string())),
                Err(error) => return Err(error),
            }
        }
        let registry = Arc::new(snapshot.registry);
        Ok(Self {
            commit,
            commit_id: commit.map(|commit| commit.to_string()),
            unreadable,
            read,
            registry_id,
            known: known.next(merged(kept, models, |(a, _), (b, _)| a.order().cmp(&b.order())), shards, &registry),
            registry,
        })
    }

    /// All models, deleted ones too, by name in lower case.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &Arc<CatalogModel>> {
        self.known.models.iter()
    }

    /// The model with this present or former name.
    pub fn model(&self, name: &str) -> Option<&Arc<CatalogModel>> {
        self.present(name).or_else(|| self.present(self.known.links.now(name)?))
    }

    /// The model with this present name.
    fn present(&self, name: &str) -> Option<&Arc<CatalogModel>> {
        let (folded, models) = (name.to_lowercase(), &self.known.models);
        let found = models.binary_search_by(|model| model.order().cmp(&(&folded, name))).ok()?;
        models.get(found)
    }

    /// The versions that were trained from this version, by model name.
    pub fn children(&self, model: &CatalogModel, version: u64) -> Vec<(String, u64)> {
        let (name, links) = (&model.listed.name, &self.known.links);
        // A parent has the name that the model had at the time. If another model has that name now, the name means that
        // one.
        let former = model.former_names.iter().filter(|former| self.present(former).is_none());
        let names = || std::iter::once(name).chain(former.clone());
        let own = model.parents.iter().filter(|(_, parent)| parent.version == version);
        let own = own.filter(|(_, parent)| names().any(|name| **name == *parent.model));
        let mut children: Vec<_> = own.map(|(child, _)| (name.clone(), *child)).collect();
        children.extend(names().flat_map(|name| links.children(name, version)).cloned());
        children.sort();
        children
    }

    /// All events, newest first.
    pub fn activity(&self) -> impl DoubleEndedIterator<Item = CatalogEvent<'_>> {
        self.known.activity.iter(&self.known.models)
    }

    /// The number of events.
    pub fn event_count(&self) -> usize {
        self.known.activity.len()
    }

    /// The events that are the end of a review or a move without one, newest first.
    pub fn decisions(&self) -> impl DoubleEndedIterator<Item = CatalogEvent<'_>> {
        self.known.decisions.iter(&self.known.models)
    }

    /// Counts over all models.
    pub fn totals(&self) -> &Totals {
        &self.known.totals
    }
}

impl Known {
    /// The values for the next commit. `models` are its models in order, each with its place among the present models;
    /// none for a model that was read again.
    fn next(
        &self,
        models: Vec<(Arc<CatalogModel>, Option<usize>)>,
        shards: HashMap<String, ObjectId>,
        registry: &Registry,
    ) -> Self {
        // The new place of each present model, and the places of the models that were read again.
        let (mut now, mut new) = (vec![None; self.models.len()], Vec::new());
        for ((_, before), place) in models.iter().zip(0u32..) {
            match before.and_then(|before| now.get_mut(before)) {
                Some(slot) => *slot = Some(place),
                None => new.push(place),
            }
        }
        let models: Vec<Arc<CatalogModel>> = models.into_iter().map(|(model, _)| model).collect();
        let gone = || self.models.iter().zip(&now).filter(|(_, now)| now.is_none()).map(|(model, _)| model);
        let came = || new.iter().filter_map(|&place| models.get(place as usize));
        let mut totals = self.totals.clone();
        came().for_each(|model| totals.add(model));
        gone().for_each(|model| totals.take(model));
        let same_links = !came().chain(gone()).any(|model| model.has_links());
        let links = if same_links { Arc::clone(&self.links) } else { Arc::new(ModelLinks::of(&models)) };
        let activity = self.activity.next(&models, &now, &new, |_| true);
        let decisions = self.decisions.next(&models, &now, &new, |event| event.is_decision(registry));
        Self { shards, totals, links, activity, decisions, models }
    }
}
