//! Making an own commit again on another tip, file by file and by what each file means.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use super::moves::{Journals, again};
use super::numbers::Numbers;
use crate::check;
use crate::model::layout::{ModelPart, model_part};
use crate::model::write::Document;
use crate::model::{ArtifactUri, ModelName, Overlay, Snapshot};
use crate::ops::commit::Edits;
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;
use crate::store::{Draft, Oid, OwnCommit, Person};

/// Makes own commits again on another tip.
pub(super) struct Replay<'s> {
    pub session: &'s Session,
    pub person: &'s Person,
    /// The tip of the other side.
    onto: Oid,
    /// Whether a move that does not apply any more is left out.
    pub drop_moves: bool,
    pub numbers: Numbers,
    /// The moves that were left out.
    pub dropped: Vec<String>,
    /// The files of the stages of which a move was left out: the later moves of this clone build on it.
    stages: BTreeSet<String>,
    /// The subjects of the commits that were made again, before and after.
    pub replayed: Vec<(String, String)>,
}

/// The three states of the registry that a commit is made again from.
struct Sides<'a> {
    /// Before the commit.
    before: &'a Snapshot<'a>,
    /// With the commit.
    after: &'a Snapshot<'a>,
    /// The other tip.
    onto: &'a Snapshot<'a>,
}

impl<'s> Replay<'s> {
    pub fn new(session: &'s Session, person: &'s Person, drop_moves: bool) -> Self {
        let (dropped, replayed, stages) = (Vec::new(), Vec::new(), BTreeSet::new());
        let (onto, numbers) = (Oid::ZERO_SHA1, Numbers::default());
        Self { session, person, onto, drop_moves, numbers, dropped, stages, replayed }
    }

    /// Makes the commits of `own` that `onto` does not have again on `onto`, and returns the new tip.
    pub fn all(&mut self, own: Oid, onto: Oid) -> Result<Oid> {
        let mut tip = onto;
        self.onto = onto;
        for commit in self.session.store.own_commits(own, onto)? {
            let what =
                || format!("the commit {} (`{}`) cannot be made again", short(commit.id), subject(&commit.message));
            tip = self.one(&commit, tip).with_context(what)?;
        }
        Ok(tip)
    }

    /// Makes one commit again on a tip. Returns the tip itself if nothing of the commit is left to do.
    fn one(&mut self, own: &OwnCommit, tip: Oid) -> Result<Oid> {
        let store = &self.session.store;
        if let Some(merged) = own.merged
            && store.stems_from(self.onto, merged)?
        {
            // The other side has what the merge brought in, perhaps with later changes.
            return if store.is_plain_merge(own)? { Ok(tip) } else { Err(edited_merge().into()) };
        }
        let (before, after, onto) = (store.tree(Some(own.parent))?, store.tree(Some(own.id))?, store.tree(Some(tip))?);
        let (before, after) = (Snapshot::open(&before)?, Snapshot::open(&after)?);
        let onto_snapshot = Snapshot::beside(&before, &onto)?;
        let sides = Sides { before: &before, after: &after, onto: &onto_snapshot };
        let mut touched = BTreeSet::new();
        let edits = self.edits(own, tip, &sides, &mut touched)?;
        let elsewhere = store.elsewhere(own.parent, tip, own.id)?;
        if let Some(path) = elsewhere.conflicts.first() {
            return Err(overlap(path).into());
        }
        if edits.is_empty() && elsewhere.entries.is_empty() {
            return Ok(tip);
        }
        let paths: Vec<String> = elsewhere.entries.keys().cloned().collect();
        let report = check::change(&onto, &Overlay::new(&onto, &edits), &paths, &self.session.signatures()?)?;
        if report.errors() > 0 {
            return Err(Refusal::by_rules(report).into());
        }
        let message = touched.iter().fold(own.message.clone(), |text, model| self.numbers.renumbered(&text, model));
        self.replayed.push((subject(&own.message).to_owned(), subject(&message).to_owned()));
        let draft = Draft {
            edits: &edits,
            message: &message,
            person: self.person,
            seconds: self.session.now().utc().timestamp(),
            merged: own.merged.filter(|merged| !store.stems_from(tip, *merged).unwrap_or(false)),
            author: Some(&own.author),
            elsewhere: &elsewhere.entries,
        };
        Ok(store.write_commit(Some(tip), &draft)?)
    }

    /// The registry's files that the commit changes on the tip.
    fn edits(
        &mut self,
        own: &OwnCommit,
        tip: Oid,
        sides: &Sides<'_>,
        touched: &mut BTreeSet<ModelName>,
    ) -> Result<Edits> {
        let merge = self.session.store.merge(own.parent, tip, own.id)?;
        let conflicts: BTreeSet<&String> = merge.conflicts.iter().collect();
        let (mut of_models, mut edits) = (BTreeMap::new(), Edits::new());
        for path in merge.edits.keys().chain(&merge.conflicts) {
            match model_part(path) {
                Some(part) => drop(of_models.insert(part, path)),
                None if conflicts.contains(path) => return Err(overlap(path).into()),
                None => drop(edits.insert(path.clone(), merge.edits[path].clone())),
            }
        }
        // All new numbers first: a version may name a version of any other model as its parent.
        let mut given = BTreeMap::new();
        for ((model, part), path) in &of_models {
            if let ModelPart::Version(number) = part {
                self.give_number(model, *number, path, sides, &mut given)?;
            }
        }
        for ((model, part), path) in of_models {
            let edit = match part {
                ModelPart::Version(number) => self.version(&model, number, path, sides)?,
                ModelPart::Model => self.model(&model, path, sides)?,
                ModelPart::Stage(_) => self.stage(&model, path, sides)?,
            };
            touched.insert(model);
            edits.extend(edit);
        }
        Ok(edits)
    }

    /// Gives a version that the commit registers its number on the other side: the next one, or the one that the other
    /// side has it under already. `given` are the last numbers given in this commit.
    fn give_number(
        &mut self,
        model: &ModelName,
        number: u64,
        path: &str,
        sides: &Sides<'_>,
        given: &mut BTreeMap<ModelName, u64>,
    ) -> Result<()> {
        if sides.before.text(path)?.is_some() || sides.after.text(path)?.is_none() {
            return Ok(());
        }
        if let Some(there) = self.registered_there(model, number, sides)? {
            self.numbers.set(model, number, there);
            return Ok(());
        }
        let newest = sides.onto.newest_version(model)?;
        let last = given.entry(model.clone()).or_insert(newest);
        *last += 1;
        self.numbers.set(model, number, *last);
        Ok(())
    }

    /// A manifest, under the number of the version on the other side.
    fn version(&self, model: &ModelName, number: u64, path: &str, sides: &Sides<'_>) -> Result<Edits> {
        let layout = sides.onto.layout();
        let (before, after) = (sides.before.text(path)?, sides.after.text(path)?);
        let Some(after) = after else { return removed(path, sides) };
        let now = self.numbers.now(model, number);
        let Some(before) = before else {
            if sides.onto.text(&layout.version_file(model, now))?.is_some() {
                // An earlier run published the version and was stopped.
                return Ok(Edits::new());
            }
            let mut document = Document::parse(&after)?;
            if now != number {
                document.set("version", Some(i64::try_from(now)?));
            }
            self.renumber_parent(&mut document, sides, path)?;
            return Ok(written(layout.version_file(model, now), &document));
        };
        let path = layout.version_file(model, now);
        let onto = sides.onto.text(&path)?.ok_or_else(|| overlap(&path))?;
        merged(path, &before, &after, &onto)
    }

    /// The number of a version that the other side has already: an earlier run published it and was stopped.
    fn registered_there(&self, model: &ModelName, number: u64, sides: &Sides<'_>) -> Result<Option<u64>> {
        let Some(own) = sides.after.manifest(model, number)? else { return Ok(None) };
        for there in sides.before.newest_version(model)? + 1..=sides.onto.newest_version(model)? {
            let same = sides.onto.manifest(model, there)?.is_some_and(|there| {
                (there.created_at, &there.created_by, &there.artifact)
                    == (own.created_at, &own.created_by, &own.artifact)
            });
            if same && !self.numbers.is_given(model, there) {
                return Ok(Some(there));
            }
        }
        Ok(None)
    }

    /// Gives the parent of a new version its new number.
    fn renumber_parent(&self, document: &mut Document, sides: &Sides<'_>, path: &str) -> Result<()> {
        let Some((model, ModelPart::Version(number))) = model_part(path) else { return Ok(()) };
        let parent = sides.after.manifest(&model, number)?.and_then(|manifest| manifest.lineage.parent);
        let of = parent.as_ref().and_then(|parent| parent.as_str().strip_prefix("models:/")?.rsplit_once('/'));
        let Some((name, old)) = of.and_then(|(name, old)| Some((ModelName::new(name).ok()?, old.parse().ok()?))) else {
            return Ok(());
        };
        let now = self.numbers.now(&name, old);
        if now != old {
            let parent = ArtifactUri::new(format!("models:/{name}/{now}"))?;
            document.set_in("lineage", "parent", Some(parent.as_str()));
        }
        Ok(())
    }

    /// The model's own file. A model that both sides created keeps the other side's file.
    fn model(&self, model: &ModelName, path: &str, sides: &Sides<'_>) -> Result<Edits> {
        let (before, after) = (sides.before.text(path)?, sides.after.text(path)?);
        let onto = sides.onto.text(path)?;
        let (before, after, onto) = match (before, after, onto) {
            (_, None, _) => return removed(path, sides),
            (None, Some(_), Some(_)) => return Ok(Edits::new()),
            // The other side has renamed the model.
            (Some(_), Some(_), None) => return Err(overlap(path).into()),
            (None, Some(after), None) => return Ok(Edits::from([(path.to_owned(), Some(after.as_bytes().to_vec()))])),
            (Some(before), Some(after), Some(onto)) => (before, after, onto),
        };
        let mut after = Document::parse(&after)?;
        if self.numbers.differ(model) {
            let aliases = sides.after.model_file(model)?.map(|file| file.aliases).unwrap_or_default();
            let known = sides.before.model_file(model)?.map(|file| file.aliases).unwrap_or_default();
            for (alias, number) in aliases.iter().filter(|(alias, number)| known.get(*alias) != Some(number)) {
                after.set_in("aliases", alias.as_str(), Some(i64::try_from(self.numbers.now(model, *number))?));
            }
        }
        merged(path.to_owned(), &before, &after.text(), &onto)
    }

    /// A stage's pointer and journal: the commit's moves are made again.
    fn stage(&mut self, model: &ModelName, path: &str, sides: &Sides<'_>) -> Result<Edits> {
        let read = |snapshot: &Snapshot<'_>| snapshot.text(path);
        let (before, after, onto) = (read(sides.before)?, read(sides.after)?, read(sides.onto)?);
        let Some(after) = after else { return removed(path, sides) };
        if before.is_some() && onto.is_none() {
            return Err(overlap(path).into());
        }
        if before == onto && !self.numbers.differ(model) {
            return Ok(Edits::from([(path.to_owned(), Some(after.as_bytes().to_vec()))]));
        }
        let journals = Journals { model, path, before: before.as_deref(), after: &after, onto: onto.as_deref() };
        let made = again(&journals, &self.numbers, self.drop_moves, self.stages.contains(path))?;
        if !made.dropped.is_empty() {
            self.stages.insert(path.to_owned());
        }
        self.dropped.extend(made.dropped);
        Ok(made.text.map(|text| Edits::from([(path.to_owned(), Some(text.into_bytes()))])).unwrap_or_default())
    }
}

/// The removal of a file, as by a rename. Refused if the other side has changed the file.
fn removed(path: &str, sides: &Sides<'_>) -> Result<Edits> {
    if sides.before.text(path)? != sides.onto.text(path)? {
        return Err(overlap(path).into());
    }
    Ok(Edits::from([(path.to_owned(), None)]))
}

/// The refusal for a merge in which a person has joined two changes.
fn edited_merge() -> Refusal {
    let why = "the merge joins two changes in a way that only a person can decide";
    Refusal::new(why, "`git rebase` makes the commits again without the merge; then run `modelreg sync`")
}

/// The change of a file from `before` to `after`, made again on `onto`.
fn merged(path: String, before: &str, after: &str, onto: &str) -> Result<Edits> {
    let mut document = Document::parse(onto)?;
    let (before, after) = (Document::parse(before)?, Document::parse(after)?);
    document.replay(&before, &after).map_err(|_| overlap(&path))?;
    Ok(if document.text() == onto { Edits::new() } else { written(path, &document) })
}

fn written(path: String, document: &Document) -> Edits {
    Edits::from([(path, Some(document.text().into_bytes()))])
}

/// The refusal for a file that only a person can merge.
fn overlap(path: &str) -> Refusal {
    let why = format!("this clone and the remote both changed `{path}`, and only a person can join the two changes");
    Refusal::new(why, "`git pull --rebase` shows both; join them, then run `modelreg sync` again")
}

/// The subject of a message.
fn subject(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// The beginning of a commit's id.
fn short(id: Oid) -> String {
    id.to_string()[..10].to_owned()
}
