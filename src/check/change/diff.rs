//! Telling what differs between two trees, and between two values.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::Sides;
use crate::diag::KeyStep;
use crate::model::Entry;

/// The same name on both sides.
pub(super) struct Pair {
    /// What the base has.
    pub base: Option<Entry>,
    /// What the head has.
    pub head: Option<Entry>,
}

impl Pair {
    /// The path, as the head has it where it does.
    pub fn path(&self) -> &str {
        self.head.as_ref().or(self.base.as_ref()).map_or("", |entry| entry.path.as_str())
    }
}

/// Matches the entries of two folders by name.
pub(super) fn pairs(base: Vec<Entry>, head: Vec<Entry>) -> Vec<Pair> {
    let mut by_name: BTreeMap<String, Pair> = BTreeMap::new();
    for entry in base {
        by_name.insert(entry.name().to_owned(), Pair { base: Some(entry), head: None });
    }
    for entry in head {
        let name = entry.name().to_owned();
        by_name.entry(name).or_insert(Pair { base: None, head: None }).head = Some(entry);
    }
    by_name.into_values().collect()
}

/// Whether both sides of a pair are the same. Ids tell at once; a planned edit has none, and is compared by content.
pub(super) fn same(sides: &Sides<'_>, pair: &Pair) -> Result<bool> {
    let (Some(base), Some(head)) = (&pair.base, &pair.head) else { return Ok(false) };
    if base.kind != head.kind {
        return Ok(false);
    }
    if let (Some(base), Some(head)) = (base.id, head.id) {
        return Ok(base == head);
    }
    if !base.is_folder() {
        return Ok(sides.base.read(base)? == sides.head.read(head)?);
    }
    for pair in pairs(sides.base.list(base)?, sides.head.list(head)?) {
        if !same(sides, &pair)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where two values differ, each with the way to it.
pub(super) fn differences<'v>(
    base: &'v Value,
    head: &'v Value,
    at: &mut Vec<KeyStep>,
    found: &mut Vec<(Vec<KeyStep>, Option<&'v Value>, Option<&'v Value>)>,
) {
    match (base, head) {
        (Value::Object(base), Value::Object(head)) => {
            let mut keys: Vec<&String> =
                base.keys().chain(head.keys().filter(|key| !base.contains_key(*key))).collect();
            keys.dedup();
            for key in keys {
                at.push(key.as_str().into());
                match (base.get(key), head.get(key)) {
                    (Some(base), Some(head)) => differences(base, head, at, found),
                    (base, head) => found.push((at.clone(), base, head)),
                }
                at.pop();
            }
        }
        (Value::Array(base), Value::Array(head)) if base.len() == head.len() => {
            for (index, (base, head)) in base.iter().zip(head).enumerate() {
                at.push(index.into());
                differences(base, head, at, found);
                at.pop();
            }
        }
        (base, head) if base == head => {}
        (base, head) => found.push((at.clone(), Some(base), Some(head))),
    }
}

/// The way to a value as people write it: `metrics.accuracy`, `artifact.files[2].digest`.
pub(super) fn shown(path: &[KeyStep]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            KeyStep::Key(key) if text.is_empty() => text.push_str(key),
            KeyStep::Key(key) => text.push_str(&format!(".{key}")),
            KeyStep::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}
