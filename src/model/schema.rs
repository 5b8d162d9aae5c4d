//! The JSON Schemas of a registry's files, generated from the Rust types.

use std::sync::LazyLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::file::FileKind;
use super::{Manifest, RegisteredModel, Registry, Stage};

/// The schema of a kind of file, generated once per process at the first call.
pub fn schema(kind: FileKind) -> &'static Value {
    static SCHEMAS: LazyLock<[Value; 4]> = LazyLock::new(|| FileKind::ALL.map(make));
    &SCHEMAS[kind as usize]
}

/// The schema of another type that is read from a file.
pub fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft07().for_deserialize().into_generator().into_root_schema_for::<T>().into();
    drop_null(&mut schema);
    schema
}

fn make(kind: FileKind) -> Value {
    let generator = SchemaSettings::draft07().for_deserialize().into_generator();
    let schema = match kind {
        FileKind::Registry => generator.into_root_schema_for::<Registry>(),
        FileKind::Model => generator.into_root_schema_for::<RegisteredModel>(),
        FileKind::Version => generator.into_root_schema_for::<Manifest>(),
        FileKind::Stage => generator.into_root_schema_for::<Stage>(),
    };
    let mut schema = schema.into();
    drop_null(&mut schema);
    schema
}

/// Removes `null` from the types: TOML has no null, and an optional key is simply not required.
fn drop_null(schema: &mut Value) {
    if let Value::Object(map) = schema {
        if let Some(Value::Array(types)) = map.get_mut("type") {
            types.retain(|t| t != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                map.insert("type".into(), only);
            }
        }
        if let Some(Value::Array(any)) = map.get_mut("anyOf") {
            any.retain(|s| s.get("type").is_none_or(|t| t != "null"));
            if let Some(any) = map.remove("anyOf") {
                map.insert("allOf".into(), any);
            }
        }
        map.values_mut().for_each(drop_null);
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(drop_null);
    }
}

/// The text of the schema's file.
pub fn schema_text(kind: FileKind) -> String {
    format!("{:#}\n", schema(kind))
}
