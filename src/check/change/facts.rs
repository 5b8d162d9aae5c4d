//! The facts of a model and its versions never change once merged.

use std::collections::HashSet;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::diff::{both, differences, shown};
use super::model::ModelChange;
use crate::check::sink::{Loaded, Sink};
use crate::diag::KeyStep;
use crate::diag::codes::change::{
    CLOSED_REQUEST_REWRITTEN, COMMENT_REWRITTEN, FACT_CHANGED, MODEL_FACT_CHANGED, TOMBSTONE_CHANGED, VERSION_REMOVED,
};
use crate::model::layout::version_of_file;
use crate::model::{Manifest, ModelName, Tombstone};

/// The maximum of changed facts that are reported for one file.
const MOST: usize = 10;

/// Judges the versions that differ.
pub(super) fn versions(change: &ModelChange<'_>, sink: &mut Sink) -> Result<()> {
    for pair in &change.versions {
        if let Some(base) = &pair.base
            && pair.head.is_none()
        {
            let number = version_of_file(base.name()).map_or(base.name().to_owned(), |n| format!("version {n}"));
            let hint = "restore the file; to delete a version, use `modelreg delete`, which leaves a tombstone, because no number is used twice";
            sink.path(&VERSION_REMOVED, &base.path, format!("{number} of `{}` was removed", change.name()), hint);
        }
        if let Some((base, head)) = both::<Manifest>(change.sides, pair)? {
            version(&base, &head, sink)?;
        }
    }
    Ok(())
}

/// Judges `model.toml`.
pub(super) fn own_file(change: &ModelChange<'_>, sink: &mut Sink) -> Result<()> {
    let (Some(base), Some(head)) = (&change.base, &change.head) else { return Ok(()) };
    let mut report = |key: &str, was: String, is: String| {
        let message = format!("`{key}` changed from {was} to {is}");
        sink.key(&MODEL_FACT_CHANGED, &head.source, &[key.into()], message, format!("restore the value {was}"));
    };
    if base.created_at != head.value.created_at {
        report("created_at", base.created_at.to_string(), head.value.created_at.to_string());
    }
    if base.created_by != head.value.created_by {
        report("created_by", format!("\"{}\"", base.created_by), format!("\"{}\"", head.value.created_by));
    }
    // A model that takes a former name again no longer lists the name.
    let kept: HashSet<&ModelName> = head.value.former_names.iter().collect();
    let gone = |name: &&ModelName| !kept.contains(name) && **name != head.value.name;
    for lost in base.former_names.iter().filter(gone) {
        if change.names.may_go(lost)? {
            continue;
        }
        let message = format!("the former name `{lost}` was removed, so links with this name would no longer work");
        let hint = format!("add `{lost}` to `former_names` again");
        sink.key(&MODEL_FACT_CHANGED, &head.source, &["former_names".into()], message, hint);
    }
    tombstone(base.deleted.as_ref(), head.value.deleted.as_ref(), head, sink);
    Ok(())
}

fn version(base: &Manifest, head: &Loaded<Manifest>, sink: &mut Sink) -> Result<()> {
    let (was, is) = (facts(&base.facts())?, facts(&head.value.facts())?);
    let mut found = Vec::new();
    differences(&was, &is, &mut Vec::new(), &mut found);
    for (path, was, is) in found.iter().take(MOST) {
        let key = shown(path);
        let [was, is] = [was, is].map(|value| value.map(|value| short(&value.to_string())));
        let number = base.version;
        let message = match (&was, &is) {
            (Some(was), Some(is)) => format!("`{key}` of version {number} changed from {was} to {is}"),
            (Some(was), None) => format!("`{key}` of version {number} was removed; the value was {was}"),
            (None, is) => {
                format!("`{key}` was added to version {number}, with the value {}", is.as_deref().unwrap_or_default())
            }
        };
        let hint = match was {
            Some(was) => format!("restore the value {was}; register other facts as a new version"),
            None => "remove the key; register other facts as a new version".to_owned(),
        };
        sink.key(&FACT_CHANGED, &head.source, path, message, hint);
    }
    if found.len() > MOST {
        let message = format!("{} more facts of version {} changed", found.len() - MOST, base.version);
        sink.path(&FACT_CHANGED, &head.source.path, message, "restore the file");
    }
    if let Some((n, lost)) = lost(&base.comments, &head.value.comments) {
        let at: &[KeyStep] = &["comments".into(), n.into()];
        let message = format!("the comment by {} at {} was changed or removed", lost.by, lost.at.human());
        sink.key(&COMMENT_REWRITTEN, &head.source, at, message, "restore the comment, and add a new one");
    }
    if let Some((n, lost)) = lost(&base.closed_requests, &head.value.closed_requests) {
        let at: &[KeyStep] = &["closed_requests".into(), n.into()];
        let message = format!("the request that {} closed at {} was changed or removed", lost.by, lost.at.human());
        sink.key(&CLOSED_REQUEST_REWRITTEN, &head.source, at, message, "restore the entry");
    }
    tombstone(base.deleted.as_ref(), head.value.deleted.as_ref(), head, sink);
    Ok(())
}

fn facts(manifest: &impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(manifest)?)
}

fn short(text: &str) -> String {
    match text.char_indices().nth(80) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}

/// The first entry of an append-only list that the head does not have at the same place.
fn lost<'a, T: PartialEq>(base: &'a [T], head: &[T]) -> Option<(usize, &'a T)> {
    let kept = base.iter().zip(head).take_while(|(was, is)| was == is).count();
    base.get(kept).map(|lost| (kept, lost))
}

fn tombstone<T>(base: Option<&Tombstone>, head: Option<&Tombstone>, file: &Loaded<T>, sink: &mut Sink) {
    if let (Some(was), Some(is)) = (base, head)
        && was != is
    {
        let message = "the tombstone was rewritten (who deleted the entry, when or why)";
        let hint = "restore `[deleted]`; `modelreg restore` removes the whole table";
        sink.key(&TOMBSTONE_CHANGED, &file.source, &["deleted".into()], message, hint);
    }
}
