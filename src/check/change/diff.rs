//! The differences between two trees, and between two values.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use anyhow::Result;
use serde_json::Value;

use super::sides::Sides;
use crate::check::file::readable;
use crate::check::sink::Loaded;
use crate::diag::KeyStep;
use crate::model::files::RegistryFile;
use crate::model::tree::{is_by_name, sort_by_name};
use crate::model::{Entry, Files, Keep};

/// The entries of one name on both sides.
pub(super) struct Pair {
    /// The base's entry.
    pub base: Option<Entry>,
    /// The head's entry.
    pub head: Option<Entry>,
}

impl Pair {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path().rsplit('/').next().unwrap_or_default()
    }

    /// The path in the head, or else in the base.
    pub fn path(&self) -> &str {
        self.head.as_ref().or(self.base.as_ref()).map_or("", |entry| entry.path.as_str())
    }
}

/// Both sides of a file; none unless both can be read. Another rule reports an unreadable file.
pub(super) fn both<T: RegistryFile>(sides: &Sides<'_>, pair: &Pair) -> Result<Option<(Arc<T>, Loaded<T>)>> {
    let (Some(base), Some(head)) = (&pair.base, &pair.head) else { return Ok(None) };
    let (base, head) = (readable::<T>(&sides.base.files, base)?, readable::<T>(sides.head, head)?);
    Ok(base.zip(head).map(|(base, head)| (base.value, head)))
}

/// Matches the entries of two folders, each sorted by name.
fn pairs<'e>(base: &'e [Entry], head: &'e [Entry]) -> impl Iterator<Item = (Option<&'e Entry>, Option<&'e Entry>)> {
    // Where the names begin in the paths of each side: a renamed model has another folder.
    let begin = |entries: &[Entry]| entries.first().map_or(0, |entry| entry.path.len() - entry.name().len());
    let (of_base, of_head) = (begin(base), begin(head));
    let (mut base, mut head) = (base.iter().peekable(), head.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (base.peek(), head.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(was), Some(is)) => was.path[of_base..].cmp(&is.path[of_head..]),
        };
        Some((base.next_if(|_| order.is_le()), head.next_if(|_| order.is_ge())))
    })
}

/// The entries sorted by name. They are copied only if they are not sorted already.
fn by_name(entries: &[Entry]) -> Cow<'_, [Entry]> {
    if is_by_name(entries) {
        return Cow::Borrowed(entries);
    }
    let mut sorted = entries.to_vec();
    sort_by_name(&mut sorted);
    Cow::Owned(sorted)
}

/// Whether both sides of an entry are the same. Equal ids mean equal content. A planned edit has no id, so its content
/// is compared.
pub(super) fn same(base: &Files<'_>, head: &Files<'_>, was: Option<&Entry>, is: Option<&Entry>) -> Result<bool> {
    let (Some(was), Some(is)) = (was, is) else { return Ok(false) };
    if was.kind != is.kind {
        return Ok(false);
    }
    if let (Some(was), Some(is)) = (was.id, is.id) {
        return Ok(was == is);
    }
    if was.is_folder() {
        let (was, is) = (base.list(was, Keep::File)?, head.list(is, Keep::File)?);
        return Ok(changed(base, head, &was, &is, Most::One)?.is_empty());
    }
    // Keeping the texts costs little, because planned edits are few, and the rules read files that differ again.
    Ok(base.text(was, Keep::File)? == head.text(is, Keep::File)?)
}

/// How many differences to look for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Most {
    /// The first only.
    One,
    /// All of them.
    All,
}

/// The entries of a folder that differ, by name.
pub(super) fn changed(
    base: &Files<'_>,
    head: &Files<'_>,
    was: &[Entry],
    is: &[Entry],
    most: Most,
) -> Result<Vec<Pair>> {
    let (was, is) = (by_name(was), by_name(is));
    let mut found = Vec::new();
    for (was, is) in pairs(&was, &is) {
        if !same(base, head, was, is)? {
            found.push(Pair { base: was.cloned(), head: is.cloned() });
            if most == Most::One {
                break;
            }
        }
    }
    Ok(found)
}

/// Collects the differences of two values, each with its path.
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

/// The path of a value in dotted form: `metrics.accuracy`, `artifact.files[2].digest`.
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
