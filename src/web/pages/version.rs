//! The page of a version.

use anyhow::Result;
use askama::Template;

use super::frame::{FormData, Frame};
use super::lineage::{Graph, page as page_of};
use super::usage::{Snippet, usage};
use super::{Answer, Asked, html};
use crate::model::{Field, Manifest, ModelName, ModelSnapshot, Move, Registry, StagePolicy, Timestamp};
use crate::ops::{approvals_at, manifest_text};
use crate::web::format::{classed, stage_class};
use crate::web::markdown::markdown;
use crate::web::route::Route;

/// The maximum of listed files of an artifact.
const MOST_FILES: usize = 500;

#[derive(Template)]
#[template(path = "version.html", config = "src/web/askama.toml")]
struct Page<'a> {
    frame: Frame,
    name: &'a str,
    manifest: &'a Manifest,
    /// The stages, each with its class.
    stages: Vec<(&'a str, &'static str)>,
    aliases: Vec<&'a str>,
    last_modified: Timestamp,
    description: String,
    artifact_link: String,
    files_left_out: usize,
    graph: Graph,
    inputs: Vec<Column>,
    outputs: Vec<Column>,
    signature_params: Vec<Column>,
    comments: Vec<Comment<'a>>,
    moves: Vec<MoveLine<'a>>,
    source: String,
    before: Option<u64>,
    after: Option<u64>,
    snippets: Vec<Snippet>,
    /// Whether neither the version nor its model is deleted.
    alive: bool,
    /// The description's source, for the form that edits it.
    edited: String,
    /// The stages to which the version could be moved.
    moves_to: Vec<MoveTo<'a>>,
    /// The stages that were rolled back from the version.
    rolled_back: Vec<&'a str>,
}

impl Page<'_> {
    /// The data for the forms; none for a deleted version, which cannot be changed.
    fn form_data(&self) -> Option<&FormData> {
        self.frame.form_data.as_ref().filter(|_| self.alive)
    }
}

/// The stages that were rolled back from a version, which has not come back since.
fn rolled_back(model: &ModelSnapshot, version: u64) -> Vec<&str> {
    let stages = model.stages.iter().filter(|stage| stage.rolled_back_from(version).is_some());
    stages.map(|stage| stage.stage.as_str()).collect()
}

/// A stage to which the version could be moved.
struct MoveTo<'a> {
    stage: &'a str,
    /// The effect of the form, such as `a request, one approval`.
    note: String,
}

/// A column of the signature.
struct Column {
    name: String,
    kind: String,
    shape: String,
}

struct Comment<'a> {
    by: &'a str,
    at: &'a Timestamp,
    text: String,
}

/// A move of the version.
struct MoveLine<'a> {
    stage: &'a str,
    class: &'static str,
    entry: &'a Move,
    /// The class in the style sheet.
    kind: &'static str,
    verb: &'static str,
    approvals: Vec<ApprovalLine<'a>>,
}

struct ApprovalLine<'a> {
    by: &'a str,
    at: &'a Timestamp,
    comment: &'a str,
    signed: bool,
    /// The reason why the approval does not count, if so.
    why_not: Option<String>,
    /// Whether the count is unknown, because the policy no longer has the stage.
    unknown: bool,
}

pub(super) fn page(asked: &Asked<'_>, wanted: &ModelName, number: u64) -> Result<Answer> {
    let catalog = &*asked.view.catalog;
    let missing = || Ok(Answer::Missing(format!("No model is named `{wanted}` at this commit.")));
    let Some(known) = catalog.model(wanted.as_str()) else { return missing() };
    if known.listed.name != wanted.as_str()
        && let Ok(now) = ModelName::new(known.listed.name.as_str())
    {
        return Ok(Answer::Moved(Route::Version(now, number)));
    }
    let session = &asked.site.session;
    let Some(model) = asked.site.model(catalog.commit, wanted)? else { return missing() };
    let Some(manifest) = model.versions.get(&number) else {
        let newest = model.versions.keys().next_back().copied().unwrap_or(0);
        return Ok(Answer::Missing(format!("`{wanted}` has no version {number}; its newest is {newest}.")));
    };
    let comments = manifest.comments.iter().rev().map(|comment| Comment {
        by: comment.by.as_str(),
        at: &comment.at,
        text: markdown(comment.text.as_str()),
    });
    let files = manifest.artifact.files.len();
    let frame = Frame::new(asked, format!("{wanted} version {number}"), "models");
    html(&Page {
        edited: frame.edited("describe", manifest.description.as_ref()),
        alive: model.file.deleted.is_none() && manifest.deleted.is_none(),
        moves_to: moves_to(&catalog.registry, &model, manifest),
        rolled_back: rolled_back(&model, number),
        frame,
        name: wanted.as_str(),
        stages: classed(&catalog.registry, model.stages_of(number)),
        aliases: model.file.aliases_of(number),
        last_modified: manifest.last_modified(),
        description: manifest.description.as_ref().map_or(String::new(), |text| markdown(text.as_str())),
        artifact_link: page_of(manifest.artifact.uri.as_str()),
        files_left_out: files.saturating_sub(MOST_FILES),
        graph: Graph::of(known, manifest, catalog, &asked.links()),
        inputs: columns(manifest.signature.as_ref().map(|signature| signature.inputs.as_slice())),
        outputs: columns(manifest.signature.as_ref().map(|signature| signature.outputs.as_slice())),
        signature_params: columns(manifest.signature.as_ref().map(|signature| signature.params.as_slice())),
        comments: comments.collect(),
        moves: moves(asked, &model, number)?,
        source: manifest_text(session, catalog.commit, wanted, number)?.unwrap_or_default(),
        before: model.versions.range(..number).next_back().map(|(number, _)| *number),
        after: model.versions.range(number + 1..).next().map(|(number, _)| *number),
        snippets: usage(&model, Some(manifest)),
        manifest,
    })
}

/// The stages to which a version could be moved; none for an archived version.
fn moves_to<'a>(registry: &'a Registry, model: &ModelSnapshot, manifest: &Manifest) -> Vec<MoveTo<'a>> {
    if manifest.archived == Some(true) {
        return Vec::new();
    }
    let held = |stage: &str| model.stage(stage).and_then(|stage| stage.version);
    let there = registry.stages.iter().filter(|policy| held(policy.name.as_str()) != Some(manifest.version));
    let to = |policy: &'a StagePolicy| MoveTo {
        stage: policy.name.as_str(),
        note: match policy.needed_approvals() {
            _ if !policy.wants_request() => String::new(),
            0 => "a request, reviewed on the forge".into(),
            1 => "a request, one approval".into(),
            n => format!("a request, {n} approvals"),
        },
    };
    there.map(to).collect()
}

fn columns(fields: Option<&[Field]>) -> Vec<Column> {
    let shape = |shape: &Vec<i64>| shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let column = |(at, field): (usize, &Field)| Column {
        name: field.name.as_ref().map_or_else(|| format!("#{}", at + 1), ToString::to_string),
        kind: field.type_without_shape(),
        shape: field.shape.as_ref().map_or(String::new(), |lengths| format!("[{}]", shape(lengths))),
    };
    fields.unwrap_or_default().iter().enumerate().map(column).collect()
}

/// The moves of a version, newest first, each with its approvals and whether they count.
fn moves<'m>(asked: &Asked<'_>, model: &'m ModelSnapshot, number: u64) -> Result<Vec<MoveLine<'m>>> {
    let catalog = &*asked.view.catalog;
    let mut lines = Vec::new();
    for stage in &model.stages {
        let name = stage.stage.as_str();
        let about = |entry: &Move| entry.version == number || entry.from == Some(number);
        if !stage.history.iter().any(about) {
            continue;
        }
        let approved = stage.history.iter().any(|entry| about(entry) && !entry.approvals.is_empty());
        // Verifying a signature runs a program, so only stages with approvals are counted.
        let counts =
            if approved { approvals_at(&asked.site.session, catalog.commit, model, name)? } else { Vec::new() };
        for (at, entry) in stage.history.iter().enumerate().filter(|(_, entry)| about(entry)) {
            let count = counts.get(at).and_then(Option::as_ref);
            let approval = |(place, approval): (usize, &'m crate::model::Approval)| ApprovalLine {
                by: approval.by.as_str(),
                at: &approval.at,
                comment: approval.comment.as_ref().map_or("", |text| text.as_str()),
                signed: approval.signature.is_some(),
                why_not: count.and_then(|count| {
                    count.not_counted.iter().find(|(not, _)| *not == place).map(|(_, why)| why.clone())
                }),
                unknown: count.is_none(),
            };
            lines.push(MoveLine {
                stage: name,
                class: stage_class(&catalog.registry, name),
                kind: kind(entry, number),
                verb: verb(entry, number),
                approvals: entry.approvals.iter().enumerate().map(approval).collect(),
                entry,
            });
        }
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.entry.at));
    Ok(lines)
}

/// The effect of a move on a version.
fn verb(entry: &Move, number: u64) -> &'static str {
    use crate::model::Action::{Promote, Rollback, Withdraw};
    match (entry.action, entry.version == number) {
        (Promote, true) => "promoted to",
        (Rollback, true) => "came back by a rollback in",
        (Withdraw, true) => "withdrawn from",
        (Promote, false) => "replaced in",
        (Rollback, false) => "rolled back from",
        (Withdraw, false) => "left",
    }
}

/// The class of a move in the list of a version: the promotion of another version is `other`.
fn kind(entry: &Move, number: u64) -> &'static str {
    let own = entry.version == number || entry.action == crate::model::Action::Rollback;
    if own { entry.action.word() } else { "other" }
}
