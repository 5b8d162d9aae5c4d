//! Writing a stage's pointer and its append-only journal.

use toml_edit::{Array, ArrayOfTables, Item, Table, TableLike, Value};

use super::{Document, fill, number, set_like, text, time};
use crate::model::{Approval, FileKind, Move, Stage};

/// The text of a stage's file after its last move: the current text edited, or a new file.
pub fn stage_text(stage: &Stage, present: Option<&str>, path: &str) -> Result<String, toml_edit::TomlError> {
    let mut document = match present {
        Some(present) => Document::parse(present)?,
        None => {
            let mut document = Document::new(FileKind::Stage, path);
            document.set("stage", text(&stage.stage));
            document
        }
    };
    Ok(document.moved(stage).text())
}

impl Document {
    /// Sets a stage's pointer, appends the new journal entries, and adds the new approvals of existing entries.
    pub fn moved(&mut self, stage: &Stage) -> &mut Self {
        self.set("version", stage.version.map(number));
        self.set("beside", numbers(&stage.beside));
        let written = match self.0.get("history") {
            Some(Item::ArrayOfTables(entries)) => entries.len(),
            Some(Item::Value(Value::Array(entries))) => entries.len(),
            _ => 0,
        };
        for (at, entry) in stage.history.iter().enumerate() {
            if at < written {
                self.reviewed(at, entry);
            } else {
                self.push("history", journal_entry(entry));
            }
        }
        self
    }

    /// Updates an existing journal entry: sets the address of its review and appends new approvals.
    fn reviewed(&mut self, at: usize, entry: &Move) {
        let mut approvals = Item::ArrayOfTables(approvals(entry));
        let table: Option<&mut dyn TableLike> = match self.0.get_mut("history") {
            Some(Item::ArrayOfTables(entries)) => entries.get_mut(at).map(|table| table as _),
            // The inline form of the same array, in a file edited by hand. Everything in an inline array must be
            // inline.
            Some(Item::Value(Value::Array(entries))) => {
                approvals.make_value();
                entries.get_mut(at).and_then(Value::as_inline_table_mut).map(|table| table as _)
            }
            _ => None,
        };
        let Some(table) = table else { return };
        if let Some(request) = &entry.request {
            set_like(table, "request", text(request));
        }
        match table.get_mut("approvals") {
            Some(Item::ArrayOfTables(there)) => {
                entry.approvals.iter().skip(there.len()).for_each(|new| there.push(approval(new)));
            }
            Some(Item::Value(Value::Array(there))) => {
                entry.approvals.iter().skip(there.len()).for_each(|new| there.push(approval(new).into_inline_table()));
            }
            _ if entry.approvals.is_empty() => {}
            _ => drop(table.insert("approvals", approvals)),
        }
    }
}

/// An array of numbers; none if it would be empty.
fn numbers(all: &[u64]) -> Option<Value> {
    let array: Array = all.iter().map(|&one| number(one)).collect();
    (!array.is_empty()).then_some(array.into())
}

fn approvals(entry: &Move) -> ArrayOfTables {
    entry.approvals.iter().map(approval).collect()
}

fn approval(approval: &Approval) -> Table {
    let mut table = Table::new();
    fill(
        &mut table,
        [
            ("by", text(&approval.by)),
            ("at", Some(time(approval.at))),
            ("comment", approval.comment.as_ref().and_then(text)),
            ("signature", approval.signature.as_ref().and_then(text)),
        ],
    );
    table
}

fn journal_entry(entry: &Move) -> Table {
    let mut table = Table::new();
    fill(
        &mut table,
        [
            ("at", Some(time(entry.at))),
            ("by", text(&entry.by)),
            ("action", Some(entry.action.word().into())),
            ("version", Some(number(entry.version))),
            ("from", entry.from.map(number)),
            ("beside", numbers(&entry.beside)),
            ("reason", entry.reason.as_ref().and_then(text)),
            ("emergency", entry.emergency.then(|| true.into())),
            ("request", entry.request.as_ref().and_then(text)),
            ("signature", entry.signature.as_ref().and_then(text)),
        ],
    );
    if !entry.approvals.is_empty() {
        table.insert("approvals", Item::ArrayOfTables(approvals(entry)));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{StageName, Timestamp, UserId};

    #[test]
    fn a_stage_is_written_once_and_then_appended_to() {
        let mut stage = Stage::empty(StageName::new("Production").unwrap());
        let entry = |version, from| Move {
            at: Timestamp::parse("2022-02-03T18:02:16Z").unwrap(),
            by: UserId::new("ada@example.com").unwrap(),
            action: crate::model::Action::Promote,
            version,
            from,
            beside: Vec::new(),
            reason: Some("two\nlines".parse().unwrap()),
            emergency: false,
            request: None,
            signature: None,
            approvals: Vec::new(),
        };
        stage = stage.moved(entry(8, None), false);
        let first = stage_text(&stage, None, "models/m/stages/production.toml").unwrap();
        stage = stage.moved(entry(9, Some(8)), true);
        let second = stage_text(&stage, Some(&first), "").unwrap();
        insta::assert_snapshot!(second);
        assert_eq!(toml::from_str::<Stage>(&second).unwrap(), stage);
        assert!(second.contains(first.split_once("[[history]]").unwrap().1));
    }

    #[test]
    fn what_a_review_adds_goes_to_its_entry_in_either_form() {
        let blocks = "format = 1 # mine\nstage = \"Production\"\nversion = 9\n\n[[history]]\nat = 2022-02-03T18:02:16Z\nby = \"a@b.c\"\naction = \"promote\"\nversion = 8\n\n[[history]]\nat = 2022-02-04T18:02:16Z\nby = \"a@b.c\"\naction = \"promote\"\nversion = 9\nfrom = 8\n";
        let inline = "format = 1\nstage = \"Production\"\nversion = 9\nhistory = [{ at = 2022-02-03T18:02:16Z, by = \"a@b.c\", action = \"promote\", version = 8 }, { at = 2022-02-04T18:02:16Z, by = \"a@b.c\", action = \"promote\", version = 9, from = 8 }]\n";
        let given = |by: &str| Approval {
            by: UserId::new(by).unwrap(),
            at: Timestamp::parse("2022-02-05T00:00:00Z").unwrap(),
            comment: None,
            signature: Some("-----BEGIN\nx\n".parse().unwrap()),
        };
        for mut text in [blocks.to_owned(), inline.to_owned()] {
            let mut stage: Stage = toml::from_str(&text).unwrap();
            for (at, by) in [(0, "x@y.z"), (1, "x@y.z"), (0, "y@y.z")] {
                stage.history[at].approvals.push(given(by));
                stage.history[at].request =
                    Some(format!("https://forge.example/pull/{}", by.len() + at).parse().unwrap());
                text = stage_text(&stage, Some(&text), "").unwrap();
                assert_eq!(toml::from_str::<Stage>(&text).unwrap(), stage, "{text}");
            }
        }
    }
}
