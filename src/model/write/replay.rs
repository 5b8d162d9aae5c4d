//! Making the change of one file again on another version of that file, key by key.

use std::collections::BTreeSet;

use toml::{Table as Values, Value as Read};
use toml_edit::{Item, Table, Value};

use super::{Document, time};
use crate::model::Timestamp;

/// The keys of the last edit, which follow from the change itself.
const LAST_EDIT: [&str; 2] = ["updated_at", "updated_by"];

/// A key that both sides changed in ways that do not go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap(pub String);

impl Document {
    /// Makes the change from `before` to `after` in this document. A value that both sides changed becomes the one of
    /// `after`, as if its command ran again. New entries are appended.
    ///
    /// # Errors
    /// [`Overlap`] if the change edits or removes an entry of an append-only list.
    pub fn replay(&mut self, before: &Self, after: &Self) -> Result<(), Overlap> {
        let (was, is) = (before.values(), after.values());
        let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        for key in keys.into_iter().filter(|key| !LAST_EDIT.contains(&key.as_str())) {
            match (was.get(key), is.get(key)) {
                (old, new) if old == new => {}
                (Some(Read::Table(old)), Some(Read::Table(new))) => self.replay_table(key, old, new, after),
                (None, Some(Read::Table(new))) => self.replay_table(key, &Values::new(), new, after),
                (Some(Read::Table(old)), None) => self.replay_table(key, old, &Values::new(), after),
                (old, new) if is_list(old) || is_list(new) => self.append(key, old, new, after)?,
                _ => drop(self.set(key, after.value(|root| root.get(key)))),
            }
        }
        self.replay_last_edit(&is);
        Ok(())
    }

    /// The values, without comments and spaces.
    fn values(&self) -> Values {
        toml::from_str(&self.text()).unwrap_or_default()
    }

    /// A value without the spaces and comments around it.
    fn value<'d>(&'d self, find: impl FnOnce(&'d Table) -> Option<&'d Item>) -> Option<Value> {
        let mut value = find(self.0.as_table())?.clone().into_value().ok()?;
        value.decor_mut().clear();
        Some(value)
    }

    fn replay_table(&mut self, table: &str, old: &Values, new: &Values, after: &Self) {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys.into_iter().filter(|key| old.get(*key) != new.get(*key)) {
            let value = after.value(|root| root.get(table)?.as_table_like()?.get(key));
            self.set_in(table, key, value);
        }
    }

    /// Appends the tables that `new` has after those of `old`.
    fn append(&mut self, key: &str, old: Option<&Read>, new: Option<&Read>, after: &Self) -> Result<(), Overlap> {
        let list = |value: Option<&Read>| value.and_then(Read::as_array).cloned().unwrap_or_default();
        let (old, new) = (list(old), list(new));
        if !new.starts_with(&old) {
            return Err(Overlap(key.to_owned()));
        }
        let tables: Vec<Table> = match after.0.get(key) {
            Some(Item::ArrayOfTables(tables)) => tables.iter().cloned().collect(),
            Some(Item::Value(Value::Array(values))) => {
                values.iter().filter_map(Value::as_inline_table).map(|table| table.clone().into_table()).collect()
            }
            _ => Vec::new(),
        };
        for mut table in tables.into_iter().skip(old.len()) {
            if self.has(key, &table) {
                continue;
            }
            // Entries are sorted by time.
            if let (Some(last), Some(at)) = (self.last_time(key), table.get("at").and_then(read_time))
                && at < last
            {
                table.insert("at", Item::Value(time(last)));
            }
            self.push(key, table);
        }
        Ok(())
    }

    /// The time of the last entry of a list.
    fn last_time(&self, key: &str) -> Option<Timestamp> {
        let values = self.values();
        let last = values.get(key)?.as_array()?.last()?.get("at")?.as_datetime()?.to_string();
        Timestamp::parse(&last).ok()
    }

    /// Whether the other side has an entry already: an earlier run published it and was stopped.
    fn has(&self, key: &str, table: &Table) -> bool {
        let values = self.values();
        let there = values.get(key).and_then(Read::as_array);
        let table: Result<Values, _> = toml::from_str(&table.to_string());
        there.is_some_and(|there| table.is_ok_and(|table| there.contains(&Read::Table(table))))
    }

    fn replay_last_edit(&mut self, is: &Values) {
        let at = is.get("updated_at").and_then(Read::as_datetime).map(ToString::to_string);
        let by = is.get("updated_by").and_then(Read::as_str);
        if let (Some(Ok(at)), Some(by)) = (at.map(|at| Timestamp::parse(&at)), by) {
            self.touch(at, by);
        }
    }
}

fn read_time(item: &Item) -> Option<Timestamp> {
    Timestamp::parse(&item.as_datetime()?.to_string()).ok()
}

/// Whether a value is a list of tables.
fn is_list(value: Option<&Read>) -> bool {
    value.and_then(Read::as_array).is_some_and(|list| list.first().is_some_and(Read::is_table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replayed(on: &str, before: &str, after: &str) -> Result<String, Overlap> {
        let document = |text: &str| Document::parse(text).unwrap();
        let mut on = document(on);
        on.replay(&document(before), &document(after))?;
        Ok(on.text())
    }

    #[test]
    fn keys_that_only_one_side_changed_keep_both_changes() {
        let before = "name = \"m\"\ndescription = \"old\"\n\n[tags]\na = \"1\"\nb = \"1\"\n";
        let theirs = "name = \"m\" # ours\ndescription = \"theirs\"\n\n[tags]\na = \"2\"\nb = \"1\"\n";
        let own = "name = \"m\"\ndescription = \"old\"\n\n[tags]\na = \"1\"\nc = \"3\"\n";
        assert_eq!(
            replayed(theirs, before, own).unwrap(),
            "name = \"m\" # ours\ndescription = \"theirs\"\n\n[tags]\na = \"2\"\nc = \"3\"\n"
        );
    }

    #[test]
    fn a_key_that_both_changed_becomes_that_of_the_later_command() {
        assert_eq!(replayed("a = 2\n", "a = 1\n", "a = 3\n").unwrap(), "a = 3\n");
        assert_eq!(replayed("a = 2\n", "a = 1\n", "").unwrap(), "");
        assert_eq!(replayed("", "", "[deleted]\nby = \"me\"\n").unwrap(), "[deleted]\nby = \"me\"\n");
    }

    #[test]
    fn comments_of_both_sides_stay_and_an_edited_one_is_refused() {
        let comment = |text: &str| format!("[[comments]]\ntext = \"{text}\"\n");
        let (one, two, three) = (comment("one"), comment("two"), comment("three"));
        let both = replayed(&format!("{one}{two}"), &one, &format!("{one}{three}")).unwrap();
        let read: Values = toml::from_str(&both).unwrap();
        let texts: Vec<&str> =
            read["comments"].as_array().unwrap().iter().map(|c| c["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["one", "two", "three"]);
        assert_eq!(replayed(&one, &one, &two), Err(Overlap("comments".into())));
    }

    #[test]
    fn the_last_edit_is_the_newer_one_or_the_one_made_again() {
        let at = |day: u8| format!("updated_at = 2026-01-0{day}T00:00:00Z\nupdated_by = \"u{day}\"\n");
        let (before, theirs, own) = (at(1), format!("x = 1\n{}", at(4)), format!("{}y = 1\n", at(3)));
        let text = replayed(&theirs, &before, &own).unwrap();
        assert!(
            text.contains("2026-01-04") && text.contains("updated_by = \"u3\"") && text.contains("y = 1"),
            "{text}"
        );
    }
}
