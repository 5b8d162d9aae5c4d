//! A file of facts that a user or a training run gives to a command, in TOML or JSON. It is read more freely than a file of
//! a registry: nested params are flattened, `null` is left out, and a byte order mark and CR LF are accepted. All that cannot
//! be taken is reported at once, by the rules for a registry's files.

mod json;
mod signature;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use super::shape::{self, FormError};
use super::sink::{Sink, Source};
use crate::diag::Report;
use crate::diag::codes::file::BAD_VALUE;
use crate::diag::sanitize::one_line;
use crate::model::Number;
use crate::model::scalar::float_text;

/// A value of the file, in either language.
enum Node {
    Null,
    Boolean(bool),
    /// A number in the characters of the file, in decimal.
    Number(String),
    Text(String),
    Date(Datetime),
    List(Vec<Spanned<Node>>),
    Table(Vec<(Spanned<String>, Spanned<Node>)>),
}

/// Reads a file's text as `T`, whose JSON Schema is `schema`. `path` is for the report.
///
/// # Errors
/// All findings, each with its place.
pub fn given<T: DeserializeOwned>(path: &str, text: &str, json: bool, schema: &'static Value) -> Result<T, Report> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source { path: path.to_owned(), text: text.into() };
    let (node, mut found) = if json {
        json::read(text)
    } else {
        let (table, errors) = DeTable::parse_recoverable(text);
        (Node::Table(entries(table.get_ref())), shape::syntax_errors(text, &errors))
    };
    let (node, more) = flattened(node);
    found.extend(more);
    let Node::Table(entries) = &node else { return Err(report(&source, found)) };
    let table = as_table(entries);
    found.extend(shape::find_in(schema, text, &table));
    if !found.is_empty() {
        return Err(report(&source, found));
    }
    T::deserialize(toml::Deserializer::from(Spanned::new(0..text.len(), table))).map_err(|error| {
        let message = one_line(error.message());
        let hint = "write the value as a version's manifest has it".to_owned();
        report(&source, vec![FormError { code: &BAD_VALUE, span: error.span().unwrap_or(0..0), message, hint }])
    })
}

fn report(source: &Source, mut found: Vec<FormError>) -> Report {
    let mut sink = Sink::default();
    sink.count_file();
    found.sort_by_key(|error| error.span.start);
    for FormError { code, span, message, hint } in found {
        sink.span(code, source, span, message, hint);
    }
    sink.report()
}

/// The entries of a TOML table.
fn entries(table: &DeTable<'_>) -> Vec<(Spanned<String>, Spanned<Node>)> {
    let entry = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        (Spanned::new(key.span(), key.get_ref().to_string()), node(value))
    };
    table.iter().map(entry).collect()
}

fn node(value: &Spanned<DeValue<'_>>) -> Spanned<Node> {
    let node = match value.get_ref() {
        DeValue::String(text) => Node::Text(text.to_string()),
        DeValue::Boolean(b) => Node::Boolean(*b),
        DeValue::Datetime(time) => Node::Date(*time),
        DeValue::Float(float) => Node::Number(float.as_str().to_owned()),
        DeValue::Integer(integer) => {
            let decimal = i128::from_str_radix(integer.as_str(), integer.radix());
            Node::Number(decimal.map_or_else(|_| integer.as_str().to_owned(), |n| n.to_string()))
        }
        DeValue::Array(items) => Node::List(items.iter().map(self::node).collect()),
        DeValue::Table(table) => Node::Table(entries(table)),
    };
    Spanned::new(value.span(), node)
}

/// The file with flat params and metrics.
fn flattened(node: Node) -> (Node, Vec<FormError>) {
    let mut found = Vec::new();
    let Node::Table(mut entries) = node else { return (node, found) };
    for (key, value) in &mut entries {
        let leaf: fn(Node) -> Node = match key.get_ref().as_str() {
            "params" => param,
            "metrics" => metric,
            "signature" => {
                let given = std::mem::replace(value.get_mut(), Node::Null);
                *value.get_mut() = signature::signature(given);
                continue;
            }
            _ => continue,
        };
        match std::mem::replace(value.get_mut(), Node::Null) {
            Node::Null => {}
            Node::Table(nested) => {
                let mut flat = Flat { entries: Vec::new(), known: HashMap::new(), found: &mut found, leaf };
                flat.add("", nested);
                *value.get_mut() = Node::Table(flat.entries);
            }
            _ => {
                let message = format!("`{}` is not a table", key.get_ref());
                let hint = format!("write a table of keys and values, or leave `{}` out", key.get_ref());
                found.push(FormError { code: &BAD_VALUE, span: value.span(), message, hint });
            }
        }
    }
    (Node::Table(entries), found)
}

/// A table whose tables become keys with dots.
struct Flat<'f> {
    entries: Vec<(Spanned<String>, Spanned<Node>)>,
    known: HashMap<String, Range<usize>>,
    found: &'f mut Vec<FormError>,
    leaf: fn(Node) -> Node,
}

impl Flat<'_> {
    fn add(&mut self, prefix: &str, entries: Vec<(Spanned<String>, Spanned<Node>)>) {
        for (key, value) in entries {
            let span = key.span();
            let name = format!("{prefix}{}", key.get_ref());
            let place = value.span();
            match value.into_inner() {
                Node::Null => {}
                Node::Table(nested) if !nested.is_empty() => self.add(&format!("{name}."), nested),
                node if self.known.insert(name.clone(), span.clone()).is_none() => {
                    self.entries.push((Spanned::new(span, name), Spanned::new(place, (self.leaf)(node))));
                }
                _ => {
                    let message = format!("the key `{}` is given twice", one_line(&name));
                    let hint = "keep one of the two; nested keys are joined by dots".to_owned();
                    self.found.push(FormError { code: &BAD_VALUE, span, message, hint });
                }
            }
        }
    }
}

/// A param's value: a number only where a number of this registry holds it, a list as JSON text.
fn param(node: Node) -> Node {
    match node {
        Node::Number(text) if !is_kept(&text) => Node::Text(text),
        Node::Date(time) => Node::Text(time.to_string()),
        Node::List(_) | Node::Table(_) => Node::Text(json_text(&node)),
        other => other,
    }
}

/// A metric's value: integers beyond 64 bits are floats, and the strings that JSON output has for `nan` and infinity are
/// those values.
fn metric(node: Node) -> Node {
    match node {
        Node::Text(text) if ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()) => Node::Number(text),
        Node::Number(text) if text.parse::<i64>().is_err() => match Number::parse_metric(&text) {
            Some(number) => Node::Number(number.to_string()),
            None => Node::Number(text),
        },
        other => other,
    }
}

/// Whether a 64-bit integer or a float has exactly the value of a decimal number.
fn is_kept(text: &str) -> bool {
    match Number::parse(text) {
        Some(Number::Integer(_)) => true,
        Some(Number::Float(x)) => decimal(text) == decimal(&float_text(x)),
        None => false,
    }
}

/// The sign, the digits without zeros at either end, and the power of ten of the last digit. Of zero, no digits.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let text = text.to_ascii_lowercase();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let unsigned = mantissa.trim_start_matches(['-', '+']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    let trimmed = digits.trim_end_matches('0');
    let power = exponent - fraction.len() as i64 + (digits.len() - trimmed.len()) as i64;
    let trimmed = trimmed.trim_start_matches('0');
    Some((mantissa.starts_with('-'), trimmed.to_owned(), if trimmed.is_empty() { 0 } else { power }))
}

/// A value as compact JSON, in the characters of the file where it has numbers.
fn json_text(node: &Node) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    match node {
        Node::Null => "null".into(),
        Node::Boolean(b) => b.to_string(),
        Node::Number(text) => text.clone(),
        Node::Text(text) => quoted(text),
        Node::Date(time) => quoted(&time.to_string()),
        Node::List(items) => {
            let items: Vec<_> = items.iter().map(|item| json_text(item.get_ref())).collect();
            format!("[{}]", items.join(","))
        }
        Node::Table(entries) => {
            let mut text = String::from("{");
            for (at, (key, value)) in entries.iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                let _ = write!(text, "{comma}{}:{}", quoted(key.get_ref()), json_text(value.get_ref()));
            }
            text + "}"
        }
    }
}

/// A TOML table for the checks and for reading. What is null is left out.
fn as_table(entries: &[(Spanned<String>, Spanned<Node>)]) -> DeTable<'_> {
    let mut table = DeTable::new();
    for (key, value) in entries {
        if let Some(read) = as_value(value.get_ref()) {
            let key = Spanned::new(key.span(), key.get_ref().as_str().into());
            table.insert(key, Spanned::new(value.span(), read));
        }
    }
    table
}

fn as_value(node: &Node) -> Option<DeValue<'_>> {
    Some(match node {
        Node::Null => return None,
        Node::Boolean(b) => DeValue::Boolean(*b),
        Node::Date(time) => DeValue::Datetime(*time),
        Node::Text(text) if text.contains('\r') => DeValue::String(text.replace("\r\n", "\n").into()),
        Node::Text(text) => DeValue::String(text.as_str().into()),
        // The crate has no other way to make a number. Every number of JSON is one of TOML.
        Node::Number(text) => {
            let word = match text.as_str() {
                "NaN" => "nan",
                "Infinity" => "inf",
                "-Infinity" => "-inf",
                "-0" => "0",
                number => number,
            };
            DeValue::parse(word).map_or_else(|_| DeValue::String(word.into()), Spanned::into_inner)
        }
        Node::List(items) => {
            let mut array = toml::de::DeArray::new();
            for item in items {
                if let Some(value) = as_value(item.get_ref()) {
                    array.push(Spanned::new(item.span(), value));
                }
            }
            DeValue::Array(array)
        }
        Node::Table(entries) => DeValue::Table(as_table(entries)),
    })
}
