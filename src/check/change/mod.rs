//! The rules of a change: what merging one commit into another would do. The policy is the base's, never the change's.
//!
//! Cost follows the change: folders with one and the same git id on both sides are never read.

#[cfg(test)]
mod approval_tests;
pub(super) mod approvals;
mod beside;
mod diff;
mod facts;
mod gates;
mod journal;
mod names;
mod policy;
#[cfg(test)]
pub(super) mod tests;

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;

use self::approvals::Signatures;
use self::diff::{Pair, pairs, same};
use super::layout::{self, ModelFolder};
use super::sink::Sink;
use super::{model, registry};
use crate::diag::Report;
use crate::diag::codes::change::{MIXED_CHANGE, MODEL_REMOVED};
use crate::model::layout::{MODEL_FILE, MODELS, REGISTRY_FILE, SCHEMAS, SIGNERS_FILE};
use crate::model::{Entry, Layout, ModelName, ObjectId, RegisteredModel, Registry, Tree, snapshot};

/// Both sides of a change.
pub(super) struct Sides<'t> {
    /// The commit that the change is merged into.
    pub base: &'t dyn Tree,
    /// The result.
    pub head: &'t dyn Tree,
    /// The base's registry: its policy judges the change.
    pub policy: Registry,
    /// What verifies signatures.
    pub signatures: &'t dyn Signatures,
}

/// Judges the change from `base` to `head`: the rules of a change, and the rules of a tree on all that it touched.
/// `elsewhere` are the paths outside of the registry's folder that changed with it; `signatures` is asked about approvals.
pub fn change(base: &dyn Tree, head: &dyn Tree, elsewhere: &[String], signatures: &dyn Signatures) -> Result<Report> {
    let Some(policy) = read_registry(base)? else {
        // The registry begins with this change: there is nothing that it could break.
        return layout::check(head);
    };
    let sides = Sides { base, head, policy, signatures };
    let mut sink = Sink::default();
    let root = root_changes(&sides)?;
    let registry_changed = root.iter().any(|path| path == REGISTRY_FILE);
    let head_registry = if registry_changed {
        // What the registry declares decides on every file, so every file is judged.
        sink.merge(Sink::from(layout::check(head)?));
        registry::load(head, &mut Sink::default())?
    } else {
        layout::check_root(head, &mut sink)?;
        registry::load(head, &mut sink)?
    };
    let Some(head_registry) = head_registry else { return Ok(sink.report()) };
    let moved = models(&sides, &head_registry.value, registry_changed, &mut sink)?;
    let signers_changed = root.iter().any(|path| path == SIGNERS_FILE);
    policy::check(&sides.policy, &head_registry, signers_changed, &moved, &mut sink);
    let foreign = |path: &&String| ![REGISTRY_FILE, SIGNERS_FILE, MODELS, SCHEMAS].contains(&path.as_str());
    if root.iter().any(|path| path == MODELS)
        && let Some(path) = root.iter().filter(foreign).chain(elsewhere).next()
    {
        // The file may lie outside of the registry's folder, where a finding's path cannot point.
        let message = format!("the change touches models and `{path}`, which is not the registry's");
        sink.path(&MIXED_CHANGE, MODELS, message, "make two changes of it, so that each is reviewed as what it is");
    }
    Ok(sink.report())
}

fn read_registry(tree: &dyn Tree) -> Result<Option<Registry>> {
    match snapshot::read(tree, REGISTRY_FILE) {
        Ok(registry) => Ok(registry),
        // A base that cannot be read gives no policy to judge by; the head is judged as it is.
        Err(error) if error.is::<crate::model::Unreadable>() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The entries of the registry's folder that differ.
fn root_changes(sides: &Sides<'_>) -> Result<Vec<String>> {
    let list = |tree: &dyn Tree| tree.find("")?.map_or(Ok(Vec::new()), |root| tree.list(&root));
    let mut changed = Vec::new();
    for pair in pairs(list(sides.base)?, list(sides.head)?) {
        if !same(sides, &pair)? {
            changed.push(pair.path().to_owned());
        }
    }
    Ok(changed)
}

/// The shards and model folders of one side, by path.
fn ids(tree: &dyn Tree) -> Result<HashMap<String, ObjectId>> {
    let Some(models) = tree.find(MODELS)?.filter(Entry::is_folder) else { return Ok(HashMap::new()) };
    Ok(tree.list(&models)?.into_iter().filter_map(|entry| Some((entry.path, entry.id?))).collect())
}

/// The models of a side by name, without those in shards that are the same on both sides.
fn folders(
    tree: &dyn Tree,
    layout: Layout,
    other: &HashMap<String, ObjectId>,
    sink: &mut Sink,
) -> Result<BTreeMap<ModelName, ModelFolder>> {
    let same = |entry: &Entry| entry.id.is_some_and(|id| other.get(&entry.path) == Some(&id));
    let found = layout::model_folders_but(tree, layout, &same, sink)?;
    Ok(found.into_iter().map(|folder| (folder.name.clone(), folder)).collect())
}

/// Judges every model that changed, and gives the stage files that did.
fn models(sides: &Sides<'_>, head_registry: &Registry, judged: bool, sink: &mut Sink) -> Result<Vec<String>> {
    let (base_ids, head_ids) = if sides.policy.layout == head_registry.layout {
        (ids(sides.base)?, ids(sides.head)?)
    } else {
        (HashMap::new(), HashMap::new())
    };
    let mut before = folders(sides.base, sides.policy.layout, &head_ids, &mut Sink::default())?;
    // Where the whole head was judged, its folders were too.
    let mut unheard = Sink::default();
    let heard = if judged { &mut unheard } else { &mut *sink };
    let after = folders(sides.head, head_registry.layout, &base_ids, heard)?;

    let unchanged = |name: &ModelName, folder: &ModelFolder| {
        before.get(name).is_some_and(|b| b.entry.id.is_some() && b.entry.id == folder.entry.id)
    };
    let (mut changed, mut added) = (Vec::new(), Vec::new());
    for (name, folder) in &after {
        if unchanged(name, folder) {
            continue;
        }
        if !judged {
            model::check(sides.head, folder, Some(head_registry), sink)?;
        }
        if before.contains_key(name) { changed.push(folder) } else { added.push(folder) }
    }
    let mut moved = Vec::new();
    // Where the whole head was judged, its former names were too.
    let mut names = names::Claimed::new(sides, head_registry.layout);
    for folder in changed {
        if let Some(old) = before.remove(&folder.name) {
            if !judged {
                names.check(Some(&old), folder, sink)?;
            }
            facts::check(sides, &old, folder, &mut names, sink)?;
            moved.extend(journal::check(sides, Some(&old), folder, sink)?);
        }
    }
    before.retain(|name, _| !after.contains_key(name));
    for folder in added {
        let old = former(sides.head, folder)?.into_iter().find_map(|name| before.remove(&name));
        if !judged {
            names.check(old.as_ref(), folder, sink)?;
        }
        if let Some(old) = &old {
            facts::check(sides, old, folder, &mut names, sink)?;
        }
        moved.extend(journal::check(sides, old.as_ref(), folder, sink)?);
    }
    for folder in before.into_values() {
        let hint = "put its folder back; `modelreg delete` leaves a tombstone, `modelreg rename` keeps the old name";
        sink.path(&MODEL_REMOVED, &folder.entry.path, format!("the model `{}` is gone", folder.name), hint);
    }
    Ok(moved)
}

/// The names that a model says it had before.
fn former(tree: &dyn Tree, folder: &ModelFolder) -> Result<Vec<ModelName>> {
    let path = format!("{}/{MODEL_FILE}", folder.entry.path);
    match snapshot::read::<RegisteredModel>(tree, &path) {
        Ok(model) => Ok(model.map(|model| model.former_names).unwrap_or_default()),
        Err(error) if error.is::<crate::model::Unreadable>() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The files of a folder of a model on both sides, by name, that differ.
fn changed_files(sides: &Sides<'_>, old: Option<&ModelFolder>, new: &ModelFolder, folder: &str) -> Result<Vec<Pair>> {
    let list = |tree: &dyn Tree, model: Option<&ModelFolder>| -> Result<Vec<Entry>> {
        let Some(model) = model else { return Ok(Vec::new()) };
        let found = tree.list(&model.entry)?.into_iter().find(|entry| entry.name() == folder && entry.is_folder());
        found.map_or(Ok(Vec::new()), |found| tree.list(&found))
    };
    let mut changed = Vec::new();
    for pair in pairs(list(sides.base, old)?, list(sides.head, Some(new))?) {
        if !same(sides, &pair)? {
            changed.push(pair);
        }
    }
    Ok(changed)
}
