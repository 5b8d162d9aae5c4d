//! The edits of a model between two commits. Files contain no entries for these events.

use std::collections::BTreeMap;

use super::event::{Event, EventKind};
use crate::model::{Key, ModelSnapshot, Text, Timestamp, Tombstone, UserId};

/// The user who changed a file, and the time.
pub(super) type Author = (UserId, Timestamp);

/// An edit, and the version whose manifest was edited; none for `model.toml`.
pub(super) struct ModelEdit {
    pub file: Option<u64>,
    pub event: Event,
}

/// The edits between two states of a model. User and time are the file's `updated_by` and `updated_at` if these changed
/// too, as every command does; otherwise they are those of the commit, whose author edited the file by hand.
pub(super) fn model_edits(before: &ModelSnapshot, after: &ModelSnapshot, commit: &Author) -> Vec<ModelEdit> {
    let (old, new) = (&before.file, &after.file);
    let name = new.name.as_str();
    let mut edits = Vec::new();
    let by = author((old.updated_at, new.updated_at), new.updated_by.as_ref(), commit);
    let mut file = File { number: None, name, by, edits: &mut edits };
    if old.name != new.name {
        file.edited(EventKind::Rename, None, Some(format!("was {}", old.name)));
    }
    file.shared((&old.description, &old.tags, &old.deleted), (&new.description, &new.tags, &new.deleted));
    let aliases = old.aliases.keys().chain(new.aliases.keys().filter(|alias| !old.aliases.contains_key(*alias)));
    for alias in aliases.filter(|alias| old.aliases.get(*alias) != new.aliases.get(*alias)) {
        let event = file.edited(EventKind::Alias, new.aliases.get(alias).copied(), Some(alias.to_string()));
        event.from = old.aliases.get(alias).copied();
    }
    for (number, new) in &after.versions {
        let Some(old) = before.versions.get(number) else { continue };
        let by = author((old.updated_at, new.updated_at), new.updated_by.as_ref(), commit);
        let mut file = File { number: Some(*number), name, by, edits: &mut edits };
        file.shared((&old.description, &old.tags, &old.deleted), (&new.description, &new.tags, &new.deleted));
        if old.archived != new.archived {
            let archived = new.archived == Some(true);
            file.edited(if archived { EventKind::Archive } else { EventKind::Unarchive }, Some(*number), None);
        }
    }
    edits
}

fn author(updated_at: (Option<Timestamp>, Option<Timestamp>), by: Option<&UserId>, commit: &Author) -> Author {
    match (updated_at, by) {
        ((before, Some(now)), Some(by)) if before != Some(now) => (by.clone(), now),
        _ => commit.clone(),
    }
}

/// The keys that models and versions have in common.
type Common<'a> = (&'a Option<Text>, &'a BTreeMap<Key, Text>, &'a Option<Tombstone>);

/// An edited file.
struct File<'a> {
    number: Option<u64>,
    name: &'a str,
    by: Author,
    edits: &'a mut Vec<ModelEdit>,
}

impl File<'_> {
    fn edited(&mut self, kind: EventKind, version: Option<u64>, text: Option<String>) -> &mut Event {
        let (by, at) = &self.by;
        let event = Event { version, text, ..Event::new(kind, *at, by, self.name) };
        let place = self.edits.len();
        self.edits.push(ModelEdit { file: self.number, event });
        &mut self.edits[place].event
    }

    fn shared(&mut self, (description, tags, gone): Common<'_>, (described, tagged, going): Common<'_>) {
        if description != described {
            self.edited(EventKind::Describe, self.number, described.as_ref().map(ToString::to_string));
        }
        let set = tagged.iter().filter(|(key, value)| tags.get(*key) != Some(value));
        let set = set.map(|(key, value)| format!("{key}={value}"));
        let removed = tags.keys().filter(|key| !tagged.contains_key(*key)).map(|key| format!("-{key}"));
        let changes: Vec<String> = set.chain(removed).collect();
        if !changes.is_empty() {
            self.edited(EventKind::Tag, self.number, Some(changes.join("\n")));
        }
        if gone.is_some() && going.is_none() {
            self.edited(EventKind::Restore, self.number, None);
        }
    }
}
