//! A registry at one commit, held in memory for those who look at all of it again and again, such as the dashboard.
//!
//! From one commit to the next only what differs is read again: a model's folder with the same git id holds the same
//! files. What belongs to one model alone is not held; [`model_at`] reads it from that model's own files.

mod model;
mod page;
mod review;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;

pub use model::{CatalogModel, CatalogVersion};
pub use page::{approvals_at, compare_at, is_unchanged, manifest_text, model_at};
pub use review::{Review, Reviews, reviews};

use super::history::Event;
use super::session::Session;
use crate::model::layout::REGISTRY_FILE;
use crate::model::{Entry, ObjectId, Registry, Selector, Snapshot, Tree, Unreadable};
use crate::store::Oid;

/// A registry at one commit.
pub struct Catalog {
    /// The commit; none on a branch without one.
    pub commit: Option<Oid>,
    /// The commit's id in full.
    pub commit_id: Option<String>,
    /// `registry.toml`.
    pub registry: Arc<Registry>,
    /// Folders whose files cannot be read as a model's, each with why. They hide no other.
    pub unreadable: Vec<String>,
    /// How many models' files were read to bring the catalog to this commit.
    pub read: usize,
    registry_id: Option<ObjectId>,
    /// The models by name, each with the id of the folder that it was read from.
    models: BTreeMap<String, Kept>,
    /// Former names, and what they are now.
    former: HashMap<String, String>,
    /// Versions by the version that they were trained from.
    children: HashMap<(String, u64), Vec<(String, u64)>>,
    /// Everything that happened, newest first.
    activity: Vec<(Arc<CatalogModel>, usize)>,
}

#[derive(Clone)]
struct Kept {
    folder: Option<ObjectId>,
    model: Arc<CatalogModel>,
}

/// The registry at the commit that the session looks at now. `before` is the catalog of an earlier commit, if there is one.
pub fn catalog(session: &Session, before: Option<&Arc<Catalog>>) -> Result<Arc<Catalog>> {
    let reading = session.read()?;
    match before {
        Some(before) if before.commit == reading.commit => Ok(Arc::clone(before)),
        _ => Ok(Arc::new(Catalog::of(&reading.tree, reading.commit, before.map(Arc::as_ref))?)),
    }
}

impl Catalog {
    /// Reads a tree: all of it, or what differs from the tree of an earlier catalog.
    pub fn of(tree: &dyn Tree, commit: Option<Oid>, before: Option<&Self>) -> Result<Self> {
        let snapshot = Snapshot::open(tree)?;
        let registry_id = tree.find(REGISTRY_FILE)?.and_then(|entry| entry.id);
        // The order of the stages is the policy's, so another policy is another catalog.
        let before = before.filter(|before| registry_id.is_some() && before.registry_id == registry_id);
        let known = |folder: &Entry| {
            let kept = before?.models.get(folder.name())?;
            (folder.id.is_some() && kept.folder == folder.id).then(|| kept.clone())
        };
        let (mut models, mut changed) = (BTreeMap::new(), Vec::new());
        for folder in snapshot.model_folders()? {
            match known(&folder) {
                Some(kept) => drop(models.insert(folder.name().to_owned(), kept)),
                None => changed.push(folder),
            }
        }
        let found: Vec<_> = changed.par_iter().map(|folder| (folder, snapshot.model_in(folder))).collect();
        let (read, mut unreadable) = (changed.len(), Vec::new());
        for (folder, model) in found {
            match model {
                Ok(Some(model)) => {
                    let kept = Kept { folder: folder.id, model: Arc::new(CatalogModel::of(&model)) };
                    models.insert(folder.name().to_owned(), kept);
                }
                Ok(None) => unreadable.push(format!("{}: it has no model.toml", folder.path)),
                Err(error) if error.is::<Unreadable>() => unreadable.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        let mut catalog = Self {
            commit,
            commit_id: commit.map(|commit| commit.to_string()),
            registry: Arc::new(snapshot.registry),
            unreadable,
            read,
            registry_id,
            models,
            former: HashMap::new(),
            children: HashMap::new(),
            activity: Vec::new(),
        };
        catalog.index();
        Ok(catalog)
    }

    /// Makes what is looked up across models. It works on what is in memory and reads nothing.
    fn index(&mut self) {
        for kept in self.models.values() {
            let model = &kept.model;
            let name = &model.listed.name;
            self.former.extend(model.former_names.iter().map(|former| (former.clone(), name.clone())));
            self.activity.extend((0..model.events.len()).map(|at| (Arc::clone(model), at)));
        }
        // A parent is named as it was called then.
        for kept in self.models.values() {
            for (version, parent) in &kept.model.parents {
                let present = self.model(parent.model.as_str()).map(|model| model.listed.name.clone());
                if let (Selector::Version(number), Some(present)) = (&parent.selector, present) {
                    let child = (kept.model.listed.name.clone(), *version);
                    self.children.entry((present, *number)).or_default().push(child);
                }
            }
        }
        // Sorting is stable: what has the same time stays in the order of the names and of each model's own.
        self.activity.sort_by_key(|(model, at)| std::cmp::Reverse(model.events[*at].at));
    }

    /// All models, deleted ones too, by name.
    pub fn models(&self) -> impl Iterator<Item = &Arc<CatalogModel>> {
        self.models.values().map(|kept| &kept.model)
    }

    /// The model of this name, or that had it in former times.
    pub fn model(&self, name: &str) -> Option<&Arc<CatalogModel>> {
        let kept = self.models.get(name).or_else(|| self.models.get(self.former.get(name)?));
        kept.map(|kept| &kept.model)
    }

    /// The versions that were trained from this one.
    pub fn children(&self, model: &str, version: u64) -> &[(String, u64)] {
        self.children.get(&(model.to_owned(), version)).map_or(&[], Vec::as_slice)
    }

    /// Everything that happened, newest first.
    pub fn activity(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.activity.iter().map(|(model, at)| &model.events[*at])
    }
}
