//! Single values against their schemas: the type and the form, with a hint.

use std::ops::Range;

use serde_json::Value;
use toml::de::DeValue;

use super::formats;
use super::shape::{Walk, nearest};
use crate::diag::codes::file::{BAD_VALUE, UNSAFE_TEXT, WRONG_TYPE};
use crate::diag::sanitize::one_line;
use crate::model::{Finite, Format, Number, Scalar, Timestamp};

/// The longest value that a message quotes, in characters.
const SHOWN: usize = 60;

/// Checks a value that is not a table or array that its schema expects.
pub(super) fn check(walk: &mut Walk<'_>, schema: &Value, span: Range<usize>, value: &DeValue<'_>, key: Option<&str>) {
    let words = words(schema);
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if !words.is_empty() {
        match value {
            DeValue::String(text) if words.contains(&text.as_ref()) => {}
            DeValue::String(text) => {
                let message = format!("`{}` is not one of {}", shown(text), words.join(", "));
                let hint = match nearest(text, words.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("write one of {}", words.join(", ")),
                };
                walk.add(&BAD_VALUE, span, message, hint);
            }
            _ => wrong_type(walk, schema, span, value, key),
        }
    } else if format == Timestamp::FORMAT {
        match value {
            DeValue::Datetime(time) => {
                if let Err(invalid) = Timestamp::from_toml(time) {
                    walk.add(&BAD_VALUE, span, named(key, &invalid.why), invalid.hint);
                }
            }
            _ => wrong_type(walk, schema, span, value, key),
        }
    } else {
        match value {
            DeValue::String(text) if takes(schema, "string") => {
                if let Err(invalid) = formats::check(format, text) {
                    let code = if formats::is_unsafe_text(text) { &UNSAFE_TEXT } else { &BAD_VALUE };
                    walk.add(code, span, named(key, &invalid.why), invalid.hint);
                }
            }
            DeValue::Integer(_) if takes(schema, "integer") || takes(schema, "number") => {
                check_integer(walk, schema, span, value, key);
            }
            DeValue::Float(float) if takes(schema, "number") => {
                let words = ["nan", "inf"].iter().any(|word| float.as_str().ends_with(word));
                let finite = float.as_str().parse().is_ok_and(f64::is_finite);
                if !finite && (format != Number::FORMAT || !words) {
                    let hint = match words {
                        true if format == Scalar::FORMAT => {
                            format!("write \"{}\", with quotation marks", float.as_str())
                        }
                        true => "omit the key if there is no number".into(),
                        false => "write a number that fits into 64 bits of floating point".to_owned(),
                    };
                    walk.add(&BAD_VALUE, span, named(key, "it is not a finite number"), hint);
                }
            }
            DeValue::Boolean(_) if takes(schema, "boolean") => {}
            _ => wrong_type(walk, schema, span, value, key),
        }
    }
}

/// The message about a key's value.
fn named(key: Option<&str>, why: &str) -> String {
    match key {
        Some(key) => format!("`{}`: {why}", shown(key)),
        None => why.to_owned(),
    }
}

fn shown(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{} ...", &line[..cut]),
        None => line,
    }
}

/// The words of an enumeration; empty for other schemas.
fn words(schema: &Value) -> Vec<&str> {
    let of = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    let constants = of("oneOf").filter_map(|one| one.get("const"));
    constants.chain(of("enum")).filter_map(Value::as_str).collect()
}

/// Whether the schema allows a JSON type.
fn takes(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(types)) => types.iter().any(|kind| kind == name),
        _ => false,
    }
}

/// The value of an integer; none beyond 64 bits.
pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn check_integer(walk: &mut Walk<'_>, schema: &Value, span: Range<usize>, value: &DeValue<'_>, key: Option<&str>) {
    let Some(integer) = value.as_integer() else { return };
    let number = i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX);
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let (low, high) = match format {
        "uint64" => (0, u64::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    };
    let limit = |key: &str| schema.get(key).and_then(Value::as_i64).map(i128::from);
    let low = limit("minimum").map_or(low, |least| least.max(low));
    let high = limit("maximum").map_or(high, |most| most.min(high));
    if format == Format::FORMAT {
        if number != i128::from(Format::KNOWN) {
            walk.add(&BAD_VALUE, span, named(key, "this program supports format 1"), "write `format = 1`");
        }
    } else if number < low {
        walk.add(&BAD_VALUE, span, named(key, &format!("{number} is less than {low}")), format!("write {low} or more"));
    } else if number > high {
        let why = format!("{integer} is more than {high}");
        walk.add(&BAD_VALUE, span, named(key, &why), format!("write {high} or less"));
    }
}

/// The expected type, for messages.
fn wanted(schema: &Value) -> &'static str {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if format == Timestamp::FORMAT {
        return "a point in time";
    }
    if format == Scalar::FORMAT {
        return "a string, a number, true or false";
    }
    if [Number::FORMAT, Finite::FORMAT].contains(&format) {
        return "a number";
    }
    if !words(schema).is_empty() {
        return "a string";
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "a string",
        Some("integer") => "an integer",
        Some("number") => "a number",
        Some("boolean") => "true or false",
        Some("array") => "an array",
        _ => "a table",
    }
}

fn is_a(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

fn wrong_type(walk: &mut Walk<'_>, schema: &Value, span: Range<usize>, value: &DeValue<'_>, key: Option<&str>) {
    let wanted = wanted(schema);
    let message = named(key, &format!("this is {}, but {wanted} is required", is_a(value)));
    let raw = walk.text.get(span.clone()).unwrap_or_default();
    let hint = match (wanted, value) {
        ("a string", DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)) => {
            format!("write \"{}\", with quotation marks", shown(raw))
        }
        ("an array", DeValue::String(_)) => format!("write [{}]", shown(raw)),
        (_, DeValue::String(text)) if reads_as(wanted, text) => format!("write {text}, without quotation marks"),
        ("a point in time", _) => "write date, time and offset, as in 2022-02-10T19:50:00Z".into(),
        _ => format!("write {wanted}"),
    };
    walk.add(&WRONG_TYPE, span, message, hint);
}

/// Whether a string would have the expected type without its quotation marks.
fn reads_as(wanted: &str, text: &str) -> bool {
    match wanted {
        "an integer" => text.parse::<i64>().is_ok(),
        "a number" => Number::parse(text).is_some(),
        "true or false" => matches!(text, "true" | "false"),
        "a point in time" => {
            text.parse::<toml::value::Datetime>().is_ok_and(|time| Timestamp::from_toml(&time).is_ok())
        }
        _ => false,
    }
}

/// The hint for a missing key.
pub(super) fn example(key: &str, schema: &Value) -> String {
    match wanted(schema) {
        "a table" => format!("add a table `[{key}]`"),
        "a point in time" => format!("add `{key} = 2022-02-10T19:50:00Z`, with the actual time"),
        "a string" => format!("add `{key} = \"...\"`"),
        "an integer" => format!("add `{key} = 1`, with the actual number"),
        wanted => format!("add `{key}`, {wanted}"),
    }
}
