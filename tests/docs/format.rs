//! `docs/format.md` has each key of the schemas, with its type, in the section of its table, and no other key.

use std::collections::{BTreeMap, BTreeSet};

use modelreg::diag::codes::change::FACT_CHANGED;
use modelreg::model::FileKind;
use modelreg::model::schema::schema;
use modelreg::model::uri::ARTIFACT_SCHEMES;
use modelreg::model::version::MUTABLE_KEYS;
use serde_json::Value;

use super::{backticked, read};

/// The section of each table: the file's schema, and the definition in the schema if the table is not the top level.
const SECTIONS: [(&str, FileKind, Option<&str>); 19] = [
    ("## `registry.toml`", FileKind::Registry, None),
    ("### `[[stages]]`", FileKind::Registry, Some("StagePolicy")),
    ("### `[[stages.gates]]`", FileKind::Registry, Some("Gate")),
    ("## `model.toml`", FileKind::Model, None),
    ("### `[deleted]`", FileKind::Model, Some("Tombstone")),
    ("### `[deleted]`", FileKind::Version, Some("Tombstone")),
    ("## `versions/N.toml`", FileKind::Version, None),
    ("### `[artifact]`", FileKind::Version, Some("Artifact")),
    ("### `[[artifact.files]]`", FileKind::Version, Some("ArtifactFile")),
    ("### `[lineage]`", FileKind::Version, Some("Lineage")),
    ("### `[lineage.code]`", FileKind::Version, Some("Code")),
    ("### `[[lineage.datasets]]`", FileKind::Version, Some("Dataset")),
    ("### `[signature]`", FileKind::Version, Some("Signature")),
    (
        "### `[[signature.inputs]]`, `[[signature.outputs]]` and `[[signature.params]]`",
        FileKind::Version,
        Some("Field"),
    ),
    ("### `[[comments]]`", FileKind::Version, Some("Comment")),
    ("### `[[closed_requests]]`", FileKind::Version, Some("ClosedRequest")),
    ("## `stages/NAME.toml`", FileKind::Stage, None),
    ("### `[[history]]`", FileKind::Stage, Some("Move")),
    ("### `[[history.approvals]]`", FileKind::Stage, Some("Approval")),
];

/// A row of a table of keys.
struct Row {
    kind: String,
    required: bool,
    meaning: String,
}

/// The rows of a section by key.
fn rows(page: &str, heading: &str) -> BTreeMap<String, Row> {
    let mut lines = page.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "docs/format.md has no section {heading}");
    let section = lines.take_while(|line| !line.starts_with('#'));
    let cells = section.filter(|line| line.starts_with("| `")).map(|line| line.trim_matches('|').split(" | "));
    cells
        .map(|mut cells| {
            let mut next = || cells.next().unwrap().trim().to_owned();
            let (key, kind, default, meaning) = (next(), next(), next(), next());
            (key.trim_matches('`').to_owned(), Row { kind, required: default == "required", meaning })
        })
        .collect()
}

/// The schema that a key's schema refers to, or itself.
fn resolved(root: &'static Value, schema: &'static Value) -> &'static Value {
    let reference = schema.get("$ref").or_else(|| schema.get("allOf")?.get(0)?.get("$ref")).and_then(Value::as_str);
    reference.map_or(schema, |reference| &root["definitions"][reference.trim_start_matches("#/definitions/")])
}

/// The values of an enumeration; none for any other type.
fn words(schema: &Value) -> Vec<&str> {
    let choices = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    choices.filter_map(|choice| choice.get("const")?.as_str()).collect()
}

/// The page's name for the type of a schema.
fn type_name(root: &'static Value, schema: &'static Value) -> String {
    let schema = resolved(root, schema);
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    match (schema["type"].as_str(), format) {
        _ if !words(schema).is_empty() => "word".into(),
        (Some("array"), _) => format!("array of {}s", type_name(root, &schema["items"])),
        (Some("object"), _) if schema.get("properties").is_some() => "table".into(),
        (Some("object"), _) => {
            let patterns = schema.get("patternProperties").and_then(Value::as_object);
            let values = patterns.and_then(|all| all.values().next()).unwrap_or(&schema["additionalProperties"]);
            let name = type_name(root, values);
            format!("table of {}s", name.split(' ').next().unwrap())
        }
        (_, "date-time") => "time".into(),
        (_, "artifact-uri") => "address".into(),
        (_, "repository-url") => "repository address".into(),
        (_, "artifact-path") => "path".into(),
        (_, "finite-number") => "number".into(),
        (_, "number") => "measurement".into(),
        (Some("string") | None, format) => format.replace('-', " "),
        (Some(plain), "scalar") => unreachable!("a scalar has several types, not {plain}"),
        (Some(plain), _) => plain.into(),
    }
}

#[test]
fn the_page_of_the_format_has_each_key_of_the_schemas_and_no_other() {
    let page = read("docs/format.md");
    let explained = |name: &str| page.contains(&format!("\n| {name} | ")) || name.contains(" of ") || name == "table";
    for (heading, kind, definition) in SECTIONS {
        let root = schema(kind);
        let table = definition.map_or(root, |name| &root["definitions"][name]);
        let keys = table["properties"].as_object().unwrap_or_else(|| panic!("no definition {definition:?} of {kind}"));
        let rows = rows(&page, heading);
        let named: Vec<&String> = rows.keys().collect();
        let mut known: Vec<&String> = keys.keys().collect();
        known.sort();
        assert_eq!(named, known, "docs/format.md, {heading}: the keys on the page, and those of the schema");
        for (key, value) in keys {
            let row = &rows[key];
            let place = format!("docs/format.md, {heading}, `{key}`");
            let required = table["required"].as_array().is_some_and(|all| all.iter().any(|name| name == key));
            assert_eq!(row.required, required, "{place}: required or not");
            let name = type_name(root, value);
            assert_eq!(row.kind, name, "{place}: the type");
            assert!(explained(&name), "{place}: the type `{name}` is not in the table of types");
            assert!(says_length(&page, root, value), "{place}: the table of types has another length for `{name}`");
            for word in words(resolved(root, value)) {
                assert!(backticked(&row.meaning).contains(&word), "{place}: `{word}` is not explained");
            }
        }
    }
}

/// A number as the page writes it: `100,000`.
fn with_thousands(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", with_thousands(number / 1_000), number % 1_000),
    }
}

/// Whether a row of the table of types has the maximum length from the schema of a key.
fn says_length(page: &str, root: &'static Value, schema: &'static Value) -> bool {
    let schema = schema.get("items").unwrap_or(schema);
    let Some(length) = schema.get("maxLength").and_then(Value::as_u64) else { return true };
    let row = page.lines().find(|line| line.starts_with(&format!("| {} | ", type_name(root, schema))));
    row.is_some_and(|row| row.contains(&with_thousands(length)))
}

#[test]
fn the_schemes_of_addresses_and_the_keys_that_may_change_are_those_of_the_code() {
    let page = read("docs/format.md");
    let section = page.split("\n### Addresses\n").nth(1).and_then(|rest| rest.split("\nA `models:` address").next());
    let schemes = section.and_then(|section| section.split("one of these schemes: ").nth(1)).unwrap();
    let named: BTreeSet<&str> = backticked(schemes.split('.').next().unwrap()).into_iter().collect();
    assert_eq!(named, ARTIFACT_SCHEMES.into_iter().collect());
    let manifest = page.split("\n## `versions/N.toml`\n").nth(1).unwrap().split("\n#").next().unwrap();
    let (_, after_facts) = manifest.split_once("\n| `signature`").unwrap();
    let keys = after_facts.lines().filter(|line| line.starts_with("| `")).map(|line| backticked(line)[0]);
    assert_eq!(keys.collect::<Vec<_>>(), MUTABLE_KEYS);
}

#[test]
fn the_explanation_of_a_changed_fact_lists_the_keys_that_may_change() {
    let (_, listed) = FACT_CHANGED.explanation.split_once("These keys may change: ").unwrap();
    let keys = backticked(listed).into_iter().map(|key| key.trim_matches(['[', ']']));
    assert_eq!(keys.collect::<Vec<_>>(), MUTABLE_KEYS);
}

#[test]
fn each_table_of_the_schemas_has_a_section() {
    for kind in FileKind::ALL {
        let definitions = schema(kind).get("definitions").and_then(Value::as_object).into_iter().flatten();
        for (name, definition) in definitions.filter(|(_, definition)| definition.get("properties").is_some()) {
            let has = SECTIONS.iter().any(|(_, of, own)| *of == kind && *own == Some(name.as_str()));
            assert!(has, "{name} of {kind}.toml needs a section in docs/format.md, and a line here: {definition:#}");
        }
    }
}
