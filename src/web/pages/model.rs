//! The page of a model: its stages and their history, versions, metrics, and code to use the model.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use askama::Template;

use super::event::EventLine;
use super::frame::{FormData, Frame};
use super::usage::{Snippet, usage};
use super::{Answer, Asked, html};
use crate::model::metric_goal::goal_of;
use crate::model::{Goal, Manifest, ModelName, ModelSnapshot, Registry, STAGE_ARCHIVED, Stage, Timestamp};
use crate::ops::{CatalogEvent, Event};
use crate::web::charts::{Lane, MetricPoint, Span, metric_chart, timeline_chart};
use crate::web::format::{classed, stage_class};
use crate::web::markdown::{first_line, markdown};
use crate::web::route::Route;

/// The maximum of charts, and of listed events.
const MOST_CHARTS: usize = 12;
const MOST_EVENTS: usize = 30;
/// The maximum of versions in a metric's chart, and in the table: the newest.
const MOST_POINTS: usize = 60;
const MOST_VERSIONS: usize = 500;

#[derive(Template)]
#[template(path = "model.html", config = "src/web/askama.toml")]
struct Page<'a> {
    frame: Frame,
    name: &'a str,
    model: &'a ModelSnapshot,
    last_modified: Timestamp,
    description: String,
    /// The description's source, for the form that edits it.
    edited: String,
    stages: Vec<StageTile<'a>>,
    versions: Vec<Line<'a>>,
    /// The numbers of all versions, of active versions, and of versions that the table omits.
    total: usize,
    active: usize,
    left_out: usize,
    timeline: Option<String>,
    charts: Vec<Chart<'a>>,
    charts_left_out: usize,
    events: Vec<EventLine<'a>>,
    events_in_all: usize,
    snippets: Vec<Snippet>,
}

impl Page<'_> {
    /// The data for the forms; none for a deleted model, which cannot be changed.
    fn form_data(&self) -> Option<&FormData> {
        self.frame.form_data.as_ref().filter(|_| self.model.file.deleted.is_none())
    }
}

/// A stage and its versions.
struct StageTile<'a> {
    stage: &'a str,
    class: &'static str,
    version: Option<&'a u64>,
    beside: &'a [u64],
    since: Option<Timestamp>,
    prior: Option<u64>,
    /// Whether a move needs a request, and whether emergencies are allowed.
    reviewed: bool,
    emergency: bool,
}

struct Line<'a> {
    manifest: &'a Manifest,
    /// The stages, each with its class.
    stages: Vec<(&'a str, &'static str)>,
    aliases: Vec<&'a str>,
    /// The stages for which the version has an open request.
    pending: Vec<&'a str>,
    line: String,
    active: bool,
    /// `MODEL@VERSION`, for the comparison.
    address: String,
}

struct Chart<'a> {
    metric: &'a str,
    svg: String,
    latest: String,
    /// Which direction is better; empty if unknown.
    better: &'static str,
}

pub(super) fn page(asked: &Asked<'_>, wanted: &ModelName) -> Result<Answer> {
    let catalog = &*asked.view.catalog;
    let Some(known) = catalog.model(wanted.as_str()) else {
        return Ok(Answer::Missing(format!("No model is named `{wanted}` at this commit.")));
    };
    if known.listed.name != wanted.as_str()
        && let Ok(now) = ModelName::new(known.listed.name.as_str())
    {
        return Ok(Answer::Moved(Route::Model(now)));
    }
    let Some(model) = asked.site.model(catalog.commit, wanted)? else {
        return Ok(Answer::Missing(format!("No model is named `{wanted}` at this commit.")));
    };
    let registry = &catalog.registry;
    let active = active_versions(&model);
    let (charts, charts_left_out) = charts(&model, asked);
    let frame = Frame::new(asked, wanted.as_str(), "models");
    let events: Vec<Event> = known.events().take(MOST_EVENTS).map(CatalogEvent::event).collect();
    html(&Page {
        edited: frame.edited("describe", model.file.description.as_ref()),
        frame,
        name: wanted.as_str(),
        last_modified: model.last_modified(),
        description: model.file.description.as_ref().map_or(String::new(), |text| markdown(text.as_str())),
        stages: model.stages.iter().map(|stage| StageTile::of(stage, registry)).collect(),
        total: model.versions.len(),
        active: active.len(),
        left_out: model.versions.len().saturating_sub(MOST_VERSIONS),
        versions: lines(wanted, &model, &active, asked),
        timeline: timeline_chart(&lanes(&model, registry), model.last_modified()),
        charts,
        charts_left_out,
        events: events.iter().map(|event| EventLine::of(event, registry)).collect(),
        events_in_all: known.events().len(),
        snippets: usage(&model, None),
        model: &model,
    })
}

/// The versions that are neither archived nor deleted.
fn active_versions(model: &ModelSnapshot) -> BTreeSet<u64> {
    let manifests = model.versions.values();
    let active =
        manifests.filter(|manifest| manifest.deleted.is_none() && model.stage_of(manifest.version) != STAGE_ARCHIVED);
    active.map(|manifest| manifest.version).collect()
}

/// The rows of the table of versions, newest first.
fn lines<'a>(
    name: &ModelName,
    model: &'a ModelSnapshot,
    active: &BTreeSet<u64>,
    asked: &'a Asked<'_>,
) -> Vec<Line<'a>> {
    let requests = asked.view.requests.open.iter().map(|open| &open.request);
    let requests: Vec<_> = requests.filter(|request| request.id.model == *name && !request.has_landed()).collect();
    let line = |manifest: &'a Manifest| {
        let version = manifest.version;
        let pending = requests.iter().filter(|request| request.id.version == version);
        Line {
            manifest,
            stages: classed(&asked.view.catalog.registry, model.stages_of(version)),
            aliases: model.file.aliases_of(version),
            pending: pending.map(|request| request.id.stage.as_str()).collect(),
            line: manifest.description.as_ref().map_or(String::new(), |text| first_line(text.as_str())),
            active: active.contains(&version),
            address: format!("{name}@{version}"),
        }
    };
    model.versions.values().rev().take(MOST_VERSIONS).map(line).collect()
}

impl<'a> StageTile<'a> {
    fn of(stage: &'a Stage, registry: &Registry) -> Self {
        let name = stage.stage.as_str();
        let policy = registry.stage(name);
        Self {
            stage: name,
            class: stage_class(registry, name),
            version: stage.version.as_ref(),
            beside: &stage.beside,
            since: stage.since(),
            prior: stage.replay().prior(),
            reviewed: policy.is_some_and(|policy| policy.wants_request()),
            emergency: policy.is_some_and(|policy| policy.emergency),
        }
    }
}

/// The timeline's lanes, the last stage first.
fn lanes<'a>(model: &'a ModelSnapshot, registry: &Registry) -> Vec<Lane<'a>> {
    let lane = |stage: &'a Stage| {
        let name = stage.stage.as_str();
        Lane { stage: name, class: stage_class(registry, name), spans: Span::of(stage) }
    };
    model.stages.iter().rev().map(lane).collect()
}

/// A chart for each metric that at least two versions have; metrics of most versions come first.
fn charts<'m>(model: &'m ModelSnapshot, asked: &Asked<'_>) -> (Vec<Chart<'m>>, usize) {
    let registry = &asked.view.catalog.registry;
    let mut metrics: BTreeMap<&str, Vec<MetricPoint>> = BTreeMap::new();
    let alive = model.versions.values().filter(|manifest| manifest.deleted.is_none());
    let alive: Vec<_> = alive.collect();
    for manifest in &alive[alive.len().saturating_sub(MOST_POINTS)..] {
        let stage = model.stage_of(manifest.version);
        let held = model.stages.iter().any(|held| held.holds(manifest.version));
        for (metric, value) in manifest.metrics.iter().filter(|(_, value)| value.is_finite()) {
            metrics.entry(metric.as_str()).or_default().push(MetricPoint {
                version: manifest.version,
                value: value.as_f64(),
                stage: model.stages_of(manifest.version).join(", "),
                class: if held { stage_class(registry, stage) } else { "" },
            });
        }
    }
    let mut metrics: Vec<_> = metrics.into_iter().filter(|(_, points)| points.len() > 1).collect();
    metrics.sort_by_key(|(_, points)| std::cmp::Reverse(points.len()));
    let left_out = metrics.len().saturating_sub(MOST_CHARTS);
    let chart = |(metric, points): (&'m str, Vec<MetricPoint>)| {
        let newest = points.last().and_then(|point| model.versions.get(&point.version));
        let latest = newest.and_then(|manifest| manifest.metrics.get(metric)).map(ToString::to_string);
        Some(Chart {
            metric,
            svg: metric_chart(metric, &points)?,
            latest: latest.unwrap_or_default(),
            better: match goal_of(metric, registry) {
                Some(Goal::Higher) => "higher is better",
                Some(Goal::Lower) => "lower is better",
                None => "",
            },
        })
    };
    (metrics.into_iter().take(MOST_CHARTS).filter_map(chart).collect(), left_out)
}
