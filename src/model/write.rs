//! Writing registry files. New files have one canonical form; existing files are edited in place, so that their
//! comments and the order of their keys stay.

mod journal;
mod replay;

pub use journal::stage_text;
pub use replay::Overlap;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::file::{FileKind, Format};
use super::layout::schema_line;
use super::registered_model::{Comment, RegisteredModel, Tombstone};
use super::scalar::{Number, Scalar, float_text};
use super::time::Timestamp;
use super::version::{Artifact, ClosedRequest, Field, Lineage, Manifest, Signature};

/// A TOML file that is written or edited.
#[derive(Debug, Clone)]
pub struct Document(DocumentMut);

impl Document {
    /// An empty file of a kind, for `path` in the registry's folder.
    pub fn new(kind: FileKind, path: &str) -> Self {
        let mut document = DocumentMut::new();
        document.insert("format", toml_edit::value(Format::KNOWN));
        if let Some(mut key) = document.key_mut("format") {
            key.leaf_decor_mut().set_prefix(schema_line(kind, path));
        }
        Self(document)
    }

    /// Parses an existing file. Error: the text is not TOML.
    pub fn parse(text: &str) -> Result<Self, toml_edit::TomlError> {
        text.parse().map(Self)
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// Sets a top-level key, or removes it if `value` is none.
    pub fn set(&mut self, key: &str, value: Option<impl Into<Value>>) -> &mut Self {
        set(self.0.as_table_mut(), key, value.map(Into::into));
        self
    }

    /// Sets a key of a top-level table, or removes it if `value` is none. Removes an empty table.
    pub fn set_in(&mut self, table: &str, key: &str, value: Option<impl Into<Value>>) -> &mut Self {
        let root = self.0.as_table_mut();
        if !root.contains_key(table) {
            root.insert(table, Item::Table(Table::new()));
        }
        if let Some(found) = root.get_mut(table).and_then(Item::as_table_like_mut) {
            set_like(found, key, value.map(Into::into));
            if found.is_empty() {
                root.remove(table);
            }
        }
        self
    }

    /// Appends a table to a top-level array of tables.
    fn push(&mut self, key: &str, table: Table) -> &mut Self {
        let root = self.0.as_table_mut();
        match root.get_mut(key) {
            Some(Item::ArrayOfTables(tables)) => tables.push(table),
            // The inline form of the same array, in a file edited by hand.
            Some(Item::Value(Value::Array(array))) if !array.is_empty() => array.push(table.into_inline_table()),
            _ => {
                let mut tables = ArrayOfTables::new();
                tables.push(table);
                root.insert(key, Item::ArrayOfTables(tables));
            }
        }
        self
    }

    /// Sets `updated_at` and `updated_by`. The time is never earlier than the times in the file, even if the clock is
    /// behind.
    pub fn touch(&mut self, at: Timestamp, by: &str) -> &mut Self {
        let said = ["created_at", "updated_at"].into_iter().filter_map(|key| self.0.get(key)?.as_datetime());
        let at = said.filter_map(|time| Timestamp::parse(&time.to_string()).ok()).fold(at, Timestamp::max);
        self.set("updated_at", Some(time(at))).set("updated_by", Some(by))
    }

    /// Appends a comment.
    pub fn comment(&mut self, comment: &Comment) -> &mut Self {
        let mut table = Table::new();
        fill(&mut table, [("at", Some(time(comment.at))), ("by", text(&comment.by)), ("text", text(&comment.text))]);
        self.push("comments", table)
    }

    /// Appends a request that did not land.
    pub fn closed_request(&mut self, request: &ClosedRequest) -> &mut Self {
        let mut table = Table::new();
        fill(
            &mut table,
            [
                ("at", Some(time(request.at))),
                ("by", text(&request.by)),
                ("outcome", Some(request.outcome.word().into())),
                ("stage", text(&request.stage)),
                ("action", Some(request.action.word().into())),
                ("from", request.from.map(number)),
                ("requested_at", Some(time(request.requested_at))),
                ("requested_by", text(&request.requested_by)),
                ("reason", request.reason.as_ref().and_then(text)),
            ],
        );
        self.push("closed_requests", table)
    }

    /// Adds or removes a tombstone.
    pub fn tombstone(&mut self, deleted: Option<&Tombstone>) -> &mut Self {
        match deleted {
            None => drop(self.0.remove("deleted")),
            Some(deleted) => {
                let mut table = Table::new();
                let reason = deleted.reason.as_ref().and_then(text);
                fill(&mut table, [("at", Some(time(deleted.at))), ("by", text(&deleted.by)), ("reason", reason)]);
                self.0.insert("deleted", Item::Table(table));
            }
        }
        self
    }
}

/// Sets a key of a table or an inline table, or removes it if `value` is none.
fn set_like(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    match value {
        Some(value) => match table.get_mut(key).and_then(Item::as_value_mut) {
            Some(old) => replace(old, value),
            None => drop(table.insert(key, Item::Value(value))),
        },
        None => drop(table.remove(key)),
    }
}

/// Replaces a value and keeps the spaces around it and the comment at the end of the line.
fn replace(old: &mut Value, new: Value) {
    let decor = old.decor().clone();
    *old = new;
    *old.decor_mut() = decor;
}

fn set(table: &mut Table, key: &str, value: Option<Value>) {
    match (value, table.get_mut(key).and_then(Item::as_value_mut)) {
        (Some(value), Some(old)) => replace(old, value),
        (Some(value), None) => drop(table.insert(key, Item::Value(value))),
        (None, _) => drop(table.remove(key)),
    }
}

fn fill<const N: usize>(table: &mut Table, pairs: [(&str, Option<Value>); N]) {
    for (key, value) in pairs {
        if let Some(value) = value {
            table.insert(key, Item::Value(value));
        }
    }
}

fn text(value: &impl AsRef<str>) -> Option<Value> {
    Some(value.as_ref().into())
}

fn time(at: Timestamp) -> Value {
    // Parsed from text, so that all three digits of the milliseconds are written. The text is always valid RFC 3339;
    // otherwise a string would be written, and the check after every edit would refuse it.
    at.rfc3339().parse().unwrap_or_else(|_| at.rfc3339().into())
}

/// A whole number as TOML has it; what is beyond its 64 bits is refused by the check that follows.
fn number(n: u64) -> Value {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

fn scalar(value: &Scalar) -> Value {
    match value {
        Scalar::Integer(n) => (*n).into(),
        Scalar::Float(x) => float(*x),
        Scalar::Boolean(b) => (*b).into(),
        Scalar::String(s) => s.as_str().into(),
    }
}

fn metric(value: Number) -> Value {
    match value {
        Number::Integer(n) => n.into(),
        Number::Float(x) => float(x),
    }
}

/// A float in its short form. The crate itself would write 1e300 with 301 digits.
fn float(x: f64) -> Value {
    float_text(x).parse().unwrap_or_else(|_| x.into())
}

fn pairs<K: AsRef<str>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Option<Table> {
    let table: Table = pairs.into_iter().map(|(k, v)| (k.as_ref().to_owned(), Item::Value(v))).collect();
    (!table.is_empty()).then_some(table)
}

/// The text of a new `model.toml`.
pub fn model_text(model: &RegisteredModel, path: &str) -> String {
    let mut document = Document::new(FileKind::Model, path);
    document
        .set("name", text(&model.name))
        .set("project", model.project.as_ref().and_then(text))
        .set("description", model.description.as_ref().and_then(text))
        .set("owners", Some(model.owners.iter().map(|o| o.as_str()).collect::<Array>()))
        .set("created_at", Some(time(model.created_at)))
        .set("created_by", text(&model.created_by))
        .set("updated_at", model.updated_at.map(time))
        .set("updated_by", model.updated_by.as_ref().and_then(text));
    if !model.former_names.is_empty() {
        document.set("former_names", Some(model.former_names.iter().map(|n| n.as_str()).collect::<Array>()));
    }
    document.insert_table("tags", pairs(model.tags.iter().map(|(k, v)| (k, v.as_str().into()))));
    document.insert_table("aliases", pairs(model.aliases.iter().map(|(k, v)| (k, number(*v)))));
    if model.deleted.is_some() {
        document.tombstone(model.deleted.as_ref());
    }
    document.text()
}

/// The text of a new manifest.
pub fn manifest_text(manifest: &Manifest, path: &str) -> String {
    let mut document = Document::new(FileKind::Version, path);
    document
        .set("version", Some(number(manifest.version)))
        .set("created_at", Some(time(manifest.created_at)))
        .set("created_by", text(&manifest.created_by))
        .set("project", manifest.project.as_ref().and_then(text))
        .set("environment", manifest.environment.as_ref().and_then(text))
        .set("description", manifest.description.as_ref().and_then(text))
        .set("archived", manifest.archived)
        .set("updated_at", manifest.updated_at.map(time))
        .set("updated_by", manifest.updated_by.as_ref().and_then(text));
    document.insert_table("artifact", Some(artifact(&manifest.artifact)));
    document.insert_table("lineage", (!manifest.lineage.is_empty()).then(|| lineage(&manifest.lineage)));
    document.insert_table("params", pairs(manifest.params.iter().map(|(k, v)| (k, scalar(v)))));
    document.insert_table("metrics", pairs(manifest.metrics.iter().map(|(k, v)| (k, metric(*v)))));
    document.insert_table("signature", manifest.signature.as_ref().map(signature));
    document.insert_table("tags", pairs(manifest.tags.iter().map(|(k, v)| (k, v.as_str().into()))));
    for comment in &manifest.comments {
        document.comment(comment);
    }
    for request in &manifest.closed_requests {
        document.closed_request(request);
    }
    if manifest.deleted.is_some() {
        document.tombstone(manifest.deleted.as_ref());
    }
    document.text()
}

impl Document {
    fn insert_table(&mut self, key: &str, table: Option<Table>) {
        if let Some(table) = table {
            self.0.insert(key, Item::Table(table));
        }
    }
}

fn artifact(artifact: &Artifact) -> Table {
    let mut table = Table::new();
    fill(
        &mut table,
        [
            ("uri", text(&artifact.uri)),
            ("flavor", artifact.flavor.as_ref().and_then(text)),
            ("size", artifact.size.map(number)),
            ("digest", artifact.digest.as_ref().and_then(text)),
        ],
    );
    let mut files = ArrayOfTables::new();
    for file in &artifact.files {
        let mut row = Table::new();
        fill(&mut row, [("path", text(&file.path)), ("size", Some(number(file.size))), ("digest", text(&file.digest))]);
        files.push(row);
    }
    if !files.is_empty() {
        table.insert("files", Item::ArrayOfTables(files));
    }
    table
}

fn lineage(lineage: &Lineage) -> Table {
    let mut table = Table::new();
    let code = lineage.code.as_ref().map(|code| {
        let mut inline = InlineTable::new();
        if let Some(repository) = &code.repository {
            inline.insert("repository", repository.as_str().into());
        }
        inline.insert("commit", code.commit.as_str().into());
        Value::InlineTable(inline)
    });
    fill(
        &mut table,
        [
            ("run_id", lineage.run_id.as_ref().and_then(text)),
            ("experiment", lineage.experiment.as_ref().and_then(text)),
            ("run_link", lineage.run_link.as_ref().and_then(text)),
            ("code", code),
            ("parent", lineage.parent.as_ref().and_then(text)),
        ],
    );
    let mut datasets = ArrayOfTables::new();
    for dataset in &lineage.datasets {
        let mut row = Table::new();
        let (uri, digest) = (dataset.uri.as_ref().and_then(text), dataset.digest.as_ref().and_then(text));
        fill(&mut row, [("name", text(&dataset.name)), ("uri", uri), ("digest", digest)]);
        datasets.push(row);
    }
    if !datasets.is_empty() {
        table.insert("datasets", Item::ArrayOfTables(datasets));
    }
    table
}

fn signature(signature: &Signature) -> Table {
    let columns = |fields: &[Field]| {
        let mut array: Array = fields.iter().map(column).collect();
        for value in array.iter_mut() {
            value.decor_mut().set_prefix("\n    ");
        }
        array.set_trailing_comma(true);
        array.set_trailing("\n");
        (!array.is_empty()).then_some(Value::Array(array))
    };
    let mut table = Table::new();
    let (inputs, outputs) = (columns(&signature.inputs), columns(&signature.outputs));
    fill(&mut table, [("inputs", inputs), ("outputs", outputs), ("params", columns(&signature.params))]);
    table
}

fn column(field: &Field) -> Value {
    let mut inline = InlineTable::new();
    if let Some(name) = &field.name {
        inline.insert("name", name.as_str().into());
    }
    inline.insert("type", field.kind.as_str().into());
    if let Some(required) = field.required {
        inline.insert("required", required.into());
    }
    if let Some(shape) = &field.shape {
        inline.insert("shape", Value::Array(shape.iter().copied().collect()));
    }
    if !field.fields.is_empty() {
        inline.insert("fields", Value::Array(field.fields.iter().map(column).collect()));
    }
    if let Some(default) = &field.default {
        inline.insert("default", scalar(default));
    }
    Value::InlineTable(inline)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserId;

    #[test]
    fn an_edit_keeps_the_comments_and_the_order_that_people_gave() {
        let before =
            "# ours\nformat = 1 # one\n\nname = \"m\"  # the name\n\n[tags] # tags\nb = \"2\" # two\na = \"1\"\n";
        let mut document = Document::parse(before).unwrap();
        document.set("description", Some("new")).set_in("tags", "b", Some("3")).set_in("tags", "c", Some("4"));
        let after = document.text();
        assert_eq!(
            after,
            "# ours\nformat = 1 # one\n\nname = \"m\"  # the name\ndescription = \"new\"\n\n[tags] # tags\nb = \"3\" # two\na = \"1\"\nc = \"4\"\n"
        );
    }

    #[test]
    fn the_last_key_takes_its_table_with_it() {
        let mut document = Document::parse("a = 1\n\n[tags]\nx = \"1\"\n").unwrap();
        document.set_in("tags", "x", None::<&str>);
        assert_eq!(document.text(), "a = 1\n");
    }

    #[test]
    fn a_new_comment_goes_to_the_end_and_a_reason_cannot_add_lines_of_toml() {
        let mut document =
            Document::parse("version = 1\n\n[[comments]]\ntext = \"old\"\n\n[deleted]\nat = 1\n").unwrap();
        let hostile = "\"\"\"\n[[history]]\naction = \"promote\"";
        document.comment(&Comment {
            at: Timestamp::parse("2022-02-10").unwrap(),
            by: UserId::new("eve@example.com").unwrap(),
            text: hostile.parse().unwrap(),
        });
        let read: toml::Table = toml::from_str(&document.text()).unwrap();
        assert_eq!(read["comments"][1]["text"].as_str(), Some(hostile));
        assert!(!read.contains_key("history"));
    }
}
