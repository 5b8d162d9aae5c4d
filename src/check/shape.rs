//! Why a file cannot be read as what it should be: all that is wrong with its form, each with its place.
//!
//! Reading stops at the first thing that is wrong. So a file that was refused is looked at once more, against the JSON
//! Schema that is made from the same types, and with the same checks of single values.

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

/// The most findings about one file's form. A file with more has one cause, not many.
const MAX_FINDINGS: usize = 50;
/// The most keys of a table.
const MAX_KEYS: usize = 1000;

/// Says all that keeps a file from being read as what it should be. `error` is what refused it.
pub(super) fn explain(kind: FileKind, source: &Source, error: &toml::de::Error, sink: &mut Sink) {
    let mut found = find(kind, &source.text);
    if found.is_empty() {
        let message = format!("the file cannot be read: {}", one_line(error.message()));
        let hint = "write the value as the file's schema describes it";
        found.push(Found { code: &BAD_VALUE, span: error.span().unwrap_or(0..0), message, hint: hint.into() });
    }
    let more = found.len().saturating_sub(MAX_FINDINGS);
    for Found { code, span, message, hint } in found.drain(..found.len() - more) {
        sink.span(code, source, span, message, hint);
    }
    if let Some(next) = found.into_iter().next() {
        let message = format!("from here on there are {more} more findings in this file");
        sink.span(next.code, source, next.span, message, "fix the ones above first");
    }
}

/// All that is wrong with the form of a file: first its grammar, then its keys and values. Nothing, where it can be read.
pub(super) fn find(kind: FileKind, text: &str) -> Vec<Found> {
    let (table, syntax) = DeTable::parse_recoverable(text);
    let table = table.get_ref();
    if let Some((version, span)) = foreign_format(table) {
        let message = format!("the file is of format {version}, and this program knows {}", Format::KNOWN);
        let hint = "use a newer modelreg, or correct the key".to_owned();
        return vec![Found { code: &FORMAT_UNSUPPORTED, span, message, hint }];
    }
    let mut found = syntax_errors(text, &syntax);
    let mut walk = Walk { root: schema(kind), text, found: Vec::new() };
    walk.value(walk.root, 0..0, &Node::Table(table), None);
    let mut shape = walk.found;
    if !found.is_empty() {
        let lines = Lines::of(text);
        let broken: Vec<_> = found.iter().map(|f| lines.of_span(&f.span)).collect();
        shape.retain(|f| {
            // What did not parse may be the key that seems to be missing, or part of what seems to be wrong.
            let own = lines.of_span(&f.span);
            f.code != &MISSING_KEY && !broken.iter().any(|b| b.start() <= own.end() && own.start() <= b.end())
        });
    }
    shape.sort_by_key(|f| f.span.start);
    found.extend(shape);
    found
}

/// Where the lines of a text begin.
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

/// The `format` of a file that follows another version of the file format.
fn foreign_format(table: &DeTable<'_>) -> Option<(i64, Range<usize>)> {
    let value = table.get("format")?;
    let version = values::integer(value.get_ref())?;
    (version != Format::KNOWN).then(|| (version, value.span()))
}

fn syntax_errors(text: &str, errors: &[toml::de::Error]) -> Vec<Found> {
    let mut found: Vec<Found> = errors
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
            Found { code: &TOML_SYNTAX, span: error.span().unwrap_or(0..0), message, hint }
        })
        .collect();
    found.sort_by_key(|f| (f.span.start, f.span.end));
    // One slip makes the parser stumble more than once on a line; the first time tells what it was.
    let lines = Lines::of(text);
    found.dedup_by_key(|f| *lines.of_span(&f.span).start());
    found
}

/// Something wrong with a file's form.
pub(super) struct Found {
    pub code: &'static Code,
    pub span: Range<usize>,
    pub message: String,
    pub hint: String,
}

/// A table or a value: the root has no value around it.
pub(super) enum Node<'a> {
    Table(&'a DeTable<'a>),
    Value(&'a DeValue<'a>),
}

/// The way through a file, along its schema. It goes only where the schema goes, so no file can lead it deep.
pub(super) struct Walk<'a> {
    root: &'static Value,
    /// The file's text.
    pub text: &'a str,
    found: Vec<Found>,
}

impl Walk<'_> {
    /// Puts down what is wrong.
    pub fn add(&mut self, code: &'static Code, span: Range<usize>, message: String, hint: impl Into<String>) {
        self.found.push(Found { code, span, message, hint: hint.into() });
    }

    /// The schema itself, where it only refers to one.
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
            let message = format!("`{}` has {} keys, and {MAX_KEYS} are the most", one_line(name), table.len());
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
                    format!("remove it, or move it to {}, where any key may stand", free.join(" or "))
                }
            }
        };
        // A key of many thousand characters would drown the rest.
        let shown: String = one_line(name).chars().take(80).collect();
        self.add(&UNKNOWN_KEY, span, format!("there is no key `{shown}` here"), hint);
    }
}

/// The schema of the values whose keys are free, where they are.
fn others(schema: &'static Value) -> Option<&'static Value> {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    patterns
        .and_then(|patterns| patterns.values().next())
        .or_else(|| schema.get("additionalProperties").filter(|others| others.is_object()))
}

/// The name that was probably meant.
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
