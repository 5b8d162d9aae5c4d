//! The rules of a change: they judge the result of merging one commit into another. The policy is the base's, never the
//! change's.
//!
//! The cost depends on the change's size: folders with the same git id on both sides are never read, and each file is
//! read at most once for each side.

mod after;
#[cfg(test)]
mod approval_tests;
mod approvals;
mod beside;
mod claims;
mod clock;
mod closed;
pub(super) mod count;
mod dates;
mod diff;
mod earlier;
mod facts;
mod gates;
mod journal;
mod model;
mod names;
mod owners;
mod policy;
#[cfg(test)]
mod reading_tests;
mod removed;
mod requester;
mod sides;
pub(super) mod stage;
#[cfg(test)]
pub(super) mod tests;

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;

use self::count::Signatures;
use self::diff::{Most, changed};
use self::model::ModelChange;
use self::names::{FormerNames, former_names};
use self::sides::Sides;
use self::stage::{JudgedMove, StageChange};
use super::file::Reader;
use super::folders::{ModelFolder, model_folders_but};
use super::layout;
use super::registry;
use super::sink::Sink;
use crate::diag::Report;
use crate::diag::codes::change::MIXED_CHANGE;
use crate::model::files::Listing;
use crate::model::layout::{MODELS, REGISTRY_FILE, SCHEMAS, SIGNERS_FILE};
use crate::model::{Entry, Files, Keep, Layout, ModelName, ObjectId, Registry, Snapshot, Tree, Unreadable};

/// The rules of a model that a change adds, edits or renames.
const OF_A_MODEL: [fn(&ModelChange<'_>, &mut Sink) -> Result<()>; 4] =
    [facts::own_file, facts::versions, claims::takes_no_former_name, clock::model];

/// The rules of a stage's file that a change adds or edits, for a journal that keeps all old entries.
const OF_A_STAGE: [fn(&StageChange<'_>, &mut Sink) -> Result<()>; 8] = [
    beside::check,
    dates::check,
    clock::stage,
    closed::check,
    after::check,
    gates::check,
    requester::check,
    approvals::check,
];

/// The outcome of judging a change.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The findings.
    pub report: Report,
    /// The moves that the change adds, or to which it adds approvals, sorted by model and stage file. Moves of a
    /// journal that lost or rewrote an entry are omitted, and those of a stage whose policy counts no approvals.
    pub moves: Vec<JudgedMove>,
    /// The files of the models whose owners the change replaces, if owners approve by the base's policy.
    pub owners_changed: Vec<String>,
}

/// Judges the change from `base` to `head` by the rules of a change, and all touched files by the rules of a tree.
/// `elsewhere` are the changed paths outside of the registry's folder; `signatures` verifies approvals and knows the time.
pub fn change(base: &dyn Tree, head: &dyn Tree, elsewhere: &[String], signatures: &dyn Signatures) -> Result<Report> {
    let base = match Snapshot::open(base) {
        Ok(base) => base,
        // The change creates the registry, or the base's policy cannot be read: the head is judged without a base.
        Err(error) if error.is::<Unreadable>() => return super::tree(head),
        Err(error) => return Err(error),
    };
    Ok(judge(&base, &Files::of_change(&base.files, head), elsewhere, signatures)?.report)
}

/// Like [`change`], for a base that was read already. `head` comes from [`Files::of_change`]. All files that the rules
/// read stay in `base` and `head`, so the next reader does not read them again.
pub fn judge(
    base: &Snapshot<'_>,
    head: &Files<'_>,
    elsewhere: &[String],
    signatures: &dyn Signatures,
) -> Result<Judgement> {
    let mut sink = Sink::default();
    let root = root_changes(base, head)?;
    let registry_changed = root.iter().any(|path| path == REGISTRY_FILE);
    let reader = Reader { files: head, keep: Keep::File };
    let head_registry = if registry_changed {
        registry::load(&reader, &mut Sink::silent())?
    } else {
        layout::check_root(&reader, &mut sink)?;
        registry::load(&reader, &mut sink)?
    };
    let (mut moves, mut owners_changed) = (Vec::new(), Vec::new());
    if let Some(head_registry) = &head_registry {
        let sides = Sides::new(base, head, head_registry.value.layout, signatures);
        let rules = if registry_changed { TreeRules::Elsewhere } else { TreeRules::Here(&head_registry.value) };
        let moved;
        (moved, moves, owners_changed) = models(&sides, rules, &mut sink)?;
        let signers_changed = root.iter().any(|path| path == SIGNERS_FILE);
        let also = policy::Also { signers_changed, owners_changed: &owners_changed };
        policy::check(sides.policy(), head_registry, &also, &moved, &mut sink);
        if signers_changed && !registry_changed {
            registry::check_signers(&head_registry.value, &head_registry.source, &reader, &mut sink)?;
        }
        mixed(&root, elsewhere, &mut sink);
    }
    if registry_changed {
        // The rules of every file depend on `registry.toml`, so every file is judged.
        sink.merge(Sink::from(layout::check(&Reader { files: head, keep: Keep::Nothing })?));
    }
    let mut report = sink.report();
    earlier::to_warnings(&mut report, base, head)?;
    Ok(Judgement { report, moves, owners_changed })
}

/// A change of models must not touch files outside of the registry.
fn mixed(root: &[String], elsewhere: &[String], sink: &mut Sink) {
    let foreign = |path: &&String| ![REGISTRY_FILE, SIGNERS_FILE, MODELS, SCHEMAS].contains(&path.as_str());
    if root.iter().any(|path| path == MODELS)
        && let Some(path) = root.iter().filter(foreign).chain(elsewhere).next()
    {
        // A finding's path cannot name the file, which may be outside of the registry's folder.
        let message = format!("the change touches models and also `{path}`, which is not part of the registry");
        sink.path(&MIXED_CHANGE, MODELS, message, "split the change in two, so that each part gets its own review");
    }
}

/// The changed entries of the registry's folder.
fn root_changes(base: &Snapshot<'_>, head: &Files<'_>) -> Result<Vec<String>> {
    let list =
        |files: &Files<'_>| files.tree.find("")?.map_or(Ok(Listing::default()), |root| files.list(&root, Keep::File));
    let changed = changed(&base.files, head, &list(&base.files)?, &list(head)?, Most::All)?;
    Ok(changed.iter().map(|pair| pair.path().to_owned()).collect())
}

/// The shards and model folders of one side, by path.
fn ids(files: &Files<'_>) -> Result<HashMap<String, ObjectId>> {
    let Some(models) = files.tree.find(MODELS)?.filter(Entry::is_folder) else { return Ok(HashMap::new()) };
    let models = files.list(&models, Keep::File)?;
    Ok(models.iter().filter_map(|entry| Some((entry.path.clone(), entry.id?))).collect())
}

/// The models of one side by name, without the models in unchanged shards.
fn folders(
    files: &Files<'_>,
    layout: Layout,
    other: &HashMap<String, ObjectId>,
    sink: &mut Sink,
) -> Result<BTreeMap<ModelName, ModelFolder>> {
    let same = |entry: &Entry| entry.id.is_some_and(|id| other.get(&entry.path) == Some(&id));
    let found = model_folders_but(&Reader { files, keep: Keep::File }, layout, &same, sink)?;
    Ok(found.into_iter().map(|folder| (folder.name.clone(), folder)).collect())
}

/// Where the rules of a tree judge the models.
#[derive(Clone, Copy)]
enum TreeRules<'r> {
    /// With the rules of the change, by this registry: only the changed models.
    Here(&'r Registry),
    /// Apart, on the whole head.
    Elsewhere,
}

/// Judges every changed model. Returns the changed stage files, the moves, and the files with other owners who approve.
fn models(
    sides: &Sides<'_>,
    rules: TreeRules<'_>,
    sink: &mut Sink,
) -> Result<(Vec<String>, Vec<JudgedMove>, Vec<String>)> {
    let (base, head) = (sides.base, sides.head);
    let (base_ids, head_ids) =
        if base.layout() == sides.layout { (ids(&base.files)?, ids(head)?) } else { (HashMap::new(), HashMap::new()) };
    let mut before = folders(&base.files, base.layout(), &head_ids, &mut Sink::silent())?;
    let after = match rules {
        TreeRules::Here(_) => folders(head, sides.layout, &base_ids, sink)?,
        TreeRules::Elsewhere => folders(head, sides.layout, &base_ids, &mut Sink::silent())?,
    };
    let unchanged = |name: &ModelName, folder: &ModelFolder| {
        before.get(name).is_some_and(|b| b.entry.id.is_some() && b.entry.id == folder.entry.id)
    };
    let (mut present, mut added) = (Vec::new(), Vec::new());
    for (name, folder) in &after {
        if !unchanged(name, folder) {
            if before.contains_key(name) { present.push(folder) } else { added.push(folder) }
        }
    }
    let mut pairs: Vec<(Option<ModelFolder>, &ModelFolder)> = Vec::new();
    pairs.extend(present.into_iter().map(|folder| (before.remove(&folder.name), folder)));
    before.retain(|name, _| !after.contains_key(name));
    for folder in added {
        let old = former_names(head, folder)?.into_iter().find_map(|name| before.remove(&name));
        pairs.push((old, folder));
    }
    let names = FormerNames::new(sides);
    let (mut moved, mut moves, mut owners_changed) = (Vec::new(), Vec::new(), Vec::new());
    for (old, new) in pairs {
        let change = ModelChange::of(sides, &names, old, new.clone())?;
        if let TreeRules::Here(registry) = rules {
            let reader = Reader { files: head, keep: Keep::File };
            super::model::check(&reader, new, Some(registry), change.touched()?.as_ref(), sink)?;
            claims::check(&change, sink)?;
        }
        OF_A_MODEL.iter().try_for_each(|rule| rule(&change, sink))?;
        owners_changed.extend(owners::changed(&change));
        for pair in &change.stages {
            moved.push(pair.path().to_owned());
            moves.extend(stage(&change, pair, sink)?);
        }
    }
    before.values().for_each(|folder| removed::model(folder, sink));
    Ok((moved, moves, owners_changed))
}

/// Judges a changed stage file. Returns the file's moves.
fn stage(model: &ModelChange<'_>, pair: &diff::Pair, sink: &mut Sink) -> Result<Vec<JudgedMove>> {
    removed::stage(pair, sink);
    let Some(change) = StageChange::of(model, pair)? else { return Ok(Vec::new()) };
    if !journal::grows(&change, sink) {
        return Ok(Vec::new());
    }
    OF_A_STAGE.iter().try_for_each(|rule| rule(&change, sink))?;
    change.moves()
}
