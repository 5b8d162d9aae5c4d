//! All errors in the form of a file: syntax, unknown and missing keys, types and values, each with its place.
//!
//! Deserialization stops at the first error. So an invalid file is checked again, against the JSON Schema of the same
//! Rust types and with the same checks of single values.

use std::ops::{Range, RangeInclusive};

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::formats;
use super::sink::{Sink, Source};
use super::values;
use crate::diag::Code;
use crate::diag::codes::file::{
    BAD_VALUE, FORMAT_UNSUPPORTED, MISSING_KEY, TOML_SYNTAX, TOO_MANY_KEYS, UNKNOWN_KEY, UNSAFE_TEXT,
};
use crate::diag::sanitize::one_line;
use crate::model::schema::schema;
use crate::model::{FileKind, Format};

/// The maximum number of findings about the form of one file. More findings usually have one cause.
const MAX_FINDINGS: usize = 50;
/// The maximum number of keys of a table.
const MAX_KEYS: usize = 1000;

/// Reports all errors in the form of a file. `error` is the deserialization error.
pub(super) fn explain(kind: FileKind, source: &Source, error: &toml::de::Error, sink: &mut Sink) {
    let mut found = find(kind, &source.text);
    if found.is_empty() {
        let message = format!("the file cannot be read: {}", one_line(error.message()));
        let hint = "write the value as the file's schema describes it";
        found.push(FormError { code: &BAD_VALUE, span: error.span().unwrap_or(0..0), message, hint: hint.into() });
    }
    let more = found.len().saturating_sub(MAX_FINDINGS);
    for FormError { code, span, message, hint } in found.drain(..found.len() - more) {
        sink.span(code, source, span, message, hint);
    }
    if let Some(next) = found.into_iter().next() {
        let message = format!("{more} more findings follow in this file");
        sink.span(next.code, source, next.span, message, "fix the findings above first");
    }
}

/// All errors in the form of a file: first its syntax, then its keys and values. Empty for a valid file.
pub(super) fn find(kind: FileKind, text: &str) -> Vec<FormError> {
    let (table, syntax) = DeTable::parse_recoverable(text);
    let table = table.get_ref();
    if let Some((version, span)) = foreign_format(table) {
        let message = format!("the file has format {version}; this program supports {}", Format::KNOWN);
        let hint = "use a newer modelreg, or correct `format`".to_owned();
        return vec![FormError { code: &FORMAT_UNSUPPORTED, span, message, hint }];
    }
    let mut found = syntax_errors(text, &syntax);
    let mut shape = find_in(schema(kind), text, table);
    if !found.is_empty() {
        let lines = Lines::of(text);
        let broken: Vec<_> = found.iter().map(|f| lines.of_span(&f.span)).collect();
        shape.retain(|f| {
            // A line that did not parse may contain the missing key, or cause the other error on that line.
            let own = lines.of_span(&f.span);
            f.code != &MISSING_KEY && !broken.iter().any(|b| b.start() <= own.end() && own.start() <= b.end())
        });
    }
    shape.sort_by_key(|f| f.span.start);
    found.extend(shape);
    found
}

/// All errors in the keys and values of a table by a schema.
pub(super) fn find_in(schema: &'static Value, text: &str, table: &DeTable<'_>) -> Vec<FormError> {
    let mut walk = Walk { root: schema, text, found: Vec::new() };
    walk.value(walk.root, 0..0, &Node::Table(table), None);
    walk.found
}

/// The offsets at which the lines of a text begin, without the first.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    fn of_span(&self, span: &Range<usize>) -> RangeInclusive<usize> {
        let line = |at: usize| self.0.partition_point(|&start| start <= at);
        line(span.start)..=line(span.end)
    }
}

/// The value of `format`, if this program does not support it.
fn foreign_format(table: &DeTable<'_>) -> Option<(i64, Range<usize>)> {
    let value = table.get("format")?;
    let version = values::integer(value.get_ref())?;
    (version != Format::KNOWN).then(|| (version, value.span()))
}

pub(super) fn syntax_errors(text: &str, errors: &[toml::de::Error]) -> Vec<FormError> {
    let mut found: Vec<FormError> = errors
        .iter()
        .map(|error| {
            let message = one_line(error.message());
            let hint = if message.contains("recurs") {
                "nest tables, arrays and dotted keys at most 80 deep".into()
            } else if message.contains("duplicate key") {
                "keep one of the two".into()
            } else {
                "correct the line; https://toml.io shows the grammar".to_owned()
            };
            FormError { code: &TOML_SYNTAX, span: error.span().unwrap_or(0..0), message, hint }
        })
        .collect();
    found.sort_by_key(|f| (f.span.start, f.span.end));
    // One mistake often causes several errors on a line; the first describes the cause.
    let lines = Lines::of(text);
    found.dedup_by_key(|f| *lines.of_span(&f.span).start());
    found
}

/// An error in the form of a file.
pub(super) struct FormError {
    pub code: &'static Code,
    pub span: Range<usize>,
    pub message: String,
    pub hint: String,
}

/// A table or a value. The root is a table that is not a value.
pub(super) enum Node<'a> {
    Table(&'a DeTable<'a>),
    Value(&'a DeValue<'a>),
}

/// A walk through a file along its schema. Its depth is limited by the schema, whatever the file contains.
pub(super) struct Walk<'a> {
    root: &'static Value,
    /// The file's text.
    pub text: &'a str,
    found: Vec<FormError>,
}

impl Walk<'_> {
    /// Adds an error.
    pub fn add(&mut self, code: &'static Code, span: Range<usize>, message: String, hint: impl Into<String>) {
        self.found.push(FormError { code, span, message, hint: hint.into() });
    }

    /// The schema after following `$ref` and `allOf`.
    fn resolve(&self, mut schema: &'static Value) -> &'static Value {
        loop {
            if let Some(Value::String(reference)) = schema.get("$ref") {
                let name = reference.trim_start_matches("#/definitions/");
                match self.root.get("definitions").and_then(|all| all.get(name)) {
                    Some(definition) => schema = definition,
                    None => return schema,
                }
            } else if let Some(only) = schema.get("allOf").and_then(|all| all.get(0)) {
                schema = only;
            } else {
                return schema;
            }
        }
    }

    fn value(&mut self, schema: &'static Value, span: Range<usize>, node: &Node<'_>, key: Option<&str>) {
        let schema = self.resolve(schema);
        let is = |name: &str| schema.get("type").is_some_and(|kind| kind == name);
        match node {
            Node::Table(table) => self.table(schema, span, table, key),
            Node::Value(DeValue::Table(table)) if is("object") => self.table(schema, span, table, key),
            Node::Value(DeValue::Array(items)) if is("array") => {
                let Some(schema) = schema.get("items") else { return };
                for item in items.iter() {
                    self.value(schema, item.span(), &Node::Value(item.get_ref()), key);
                }
            }
            Node::Value(value) => values::check(self, schema, span, value, key),
        }
    }

    fn table(&mut self, schema: &'static Value, span: Range<usize>, table: &DeTable<'_>, name: Option<&str>) {
        if table.len() > MAX_KEYS {
            let name = name.unwrap_or("the file");
            let message = format!("`{}` has {} keys; the maximum is {MAX_KEYS}", one_line(name), table.len());
            let hint = "keep the data beside the artifact, and record its address and digest";
            return self.add(&TOO_MANY_KEYS, span, message, hint);
        }
        let known = schema.get("properties").and_then(Value::as_object);
        let others = others(schema);
        let key_format = schema.get("propertyNames").and_then(|names| names.get("format")).and_then(Value::as_str);
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            match (known.and_then(|known| known.get(name)), others) {
                (Some(schema), _) | (None, Some(schema)) => {
                    let at = if value.get_ref().is_table() { key.span() } else { value.span() };
                    self.value(schema, at, &Node::Value(value.get_ref()), Some(name));
                }
                (None, None) => self.unknown_key(known, key.span(), name),
            }
            if let Some(format) = key_format
                && let Err(invalid) = formats::check(format, name)
            {
                let code = if formats::is_unsafe_text(name) { &UNSAFE_TEXT } else { &BAD_VALUE };
                self.add(code, key.span(), format!("the key `{}`: {}", one_line(name), invalid.why), invalid.hint);
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for key in required.filter_map(Value::as_str).filter(|key| !table.contains_key(*key)) {
            let message = match name {
                Some(name) => format!("`{key}` is missing in `{}`", one_line(name)),
                None => format!("`{key}` is missing"),
            };
            let hint = known.and_then(|known| known.get(key)).map(|schema| values::example(key, self.resolve(schema)));
            self.add(&MISSING_KEY, span.clone(), message, hint.unwrap_or_else(|| format!("add `{key}`")));
        }
    }

    fn unknown_key(&mut self, known: Option<&Map<String, Value>>, span: Range<usize>, name: &str) {
        let known = known.into_iter().flat_map(Map::keys).map(String::as_str);
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let free: Vec<_> = ["tags", "params", "metrics"]
                    .into_iter()
                    .filter(|table| self.root.get("properties").is_some_and(|keys| keys.get(table).is_some()))
                    .map(|table| format!("`[{table}]`"))
                    .collect();
                if free.is_empty() {
                    "remove it".into()
                } else {
                    format!("remove it, or move it to {}, which accept any key", free.join(" or "))
                }
            }
        };
        // A key may have thousands of characters.
        let shown: String = one_line(name).chars().take(80).collect();
        self.add(&UNKNOWN_KEY, span, format!("unknown key `{shown}`"), hint);
    }
}

/// The schema of the values with free keys, if the table has such.
fn others(schema: &'static Value) -> Option<&'static Value> {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    patterns
        .and_then(|patterns| patterns.values().next())
        .or_else(|| schema.get("additionalProperties").filter(|others| others.is_object()))
}

/// The most similar known name, for a "did you mean".
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let folded = name.to_lowercase();
    if folded.len() > 100 {
        return None;
    }
    let far = (folded.chars().count() / 3).max(1);
    known
        .map(|known| (strsim::damerau_levenshtein(&folded, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= far)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
