//! The page that compares versions side by side.

use anyhow::Result;
use askama::Template;

use super::frame::Frame;
use super::manifest_diff::{self, manifest_diff};
use super::{Answer, Asked, html};
use crate::model::compare::{Fact, MetricRow, Row};
use crate::model::{Comparison, Goal, ModelName, Number, Scalar};
use crate::ops::compare_at;
use crate::web::charts::{Axis, ScatterPoint, parallel_chart, scatter_chart};
use crate::web::format::{bytes, classed};
use crate::web::route::{Links, Route};

/// The maximum of versions, and the number of versions on a model's own page of comparison.
const MOST: usize = 12;
const FIRST: usize = 5;
/// The maximum of axes in the parallel chart.
const MOST_AXES: usize = 14;

#[derive(Template)]
#[template(path = "compare.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// The model, for a model's own comparison; otherwise empty.
    model: String,
    columns: Vec<Column>,
    groups: Vec<Group>,
    parallel: Option<String>,
    scatter: Option<String>,
    /// The keys for the axes of the scatter chart, and the chosen ones.
    keys: Vec<String>,
    x: String,
    y: String,
    /// Texts in the query that do not name a version.
    unknown: Vec<String>,
    same: bool,
    /// The diff of the manifests, for exactly two versions.
    diff: Option<Vec<manifest_diff::Line>>,
}

struct Column {
    label: String,
    model: String,
    version: u64,
    link: String,
    /// The stages, each with its class.
    stages: Vec<(String, &'static str)>,
    series: usize,
    /// The address without this version; empty if too few versions would remain.
    without: String,
}

struct Group {
    title: &'static str,
    rows: Vec<Line>,
}

struct Line {
    key: String,
    note: &'static str,
    differs: bool,
    cells: Vec<Cell>,
}

struct Cell {
    text: String,
    delta: String,
    best: bool,
}

/// The comparison of the versions in the query: `v=MODEL@VERSION`.
pub(super) fn page(asked: &Asked<'_>) -> Result<Answer> {
    let (mut wanted, mut unknown) = (Vec::new(), Vec::new());
    for text in asked.query.all("v").filter(|text| !text.is_empty()).take(MOST) {
        let found = text.rsplit_once('@').and_then(|(name, version)| {
            let name = ModelName::new(name).ok()?;
            let version = version.parse().ok()?;
            let known = asked.view.catalog.model(name.as_str())?;
            known.versions.iter().any(|known| known.version == version).then_some((name, version))
        });
        match found {
            Some(found) if !wanted.contains(&found) => wanted.push(found),
            Some(_) => {}
            None => unknown.push(text.to_owned()),
        }
    }
    shown(asked, "", wanted, unknown)
}

/// The comparison of one model: the versions in stages, and the newest versions.
pub(super) fn model_page(asked: &Asked<'_>, name: &ModelName) -> Result<Answer> {
    let Some(model) = asked.view.catalog.model(name.as_str()) else {
        return Ok(Answer::Missing(format!("No model is named `{name}` at this commit.")));
    };
    if model.listed.name != name.as_str()
        && let Ok(now) = ModelName::new(model.listed.name.as_str())
    {
        return Ok(Answer::Moved(Route::CompareModel(now)));
    }
    let alive: Vec<u64> = model.versions.iter().filter(|v| !v.deleted).map(|v| v.version).collect();
    let mut numbers: Vec<u64> = model.listed.stages.iter().map(|held| held.version).collect();
    for number in alive.iter().rev() {
        if numbers.len() < FIRST && !numbers.contains(number) {
            numbers.push(*number);
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    shown(asked, name.as_str(), numbers.into_iter().map(|number| (name.clone(), number)).collect(), Vec::new())
}

fn shown(asked: &Asked<'_>, model: &str, wanted: Vec<(ModelName, u64)>, unknown: Vec<String>) -> Result<Answer> {
    let catalog = &*asked.view.catalog;
    let comparison =
        compare_at(&asked.site.session, catalog.commit, &wanted, |name| asked.site.model(catalog.commit, name))?;
    let title = if model.is_empty() { "Compare versions".to_owned() } else { format!("Compare versions of {model}") };
    let axes = axes(&comparison);
    let mut keys: Vec<String> = axes.iter().map(|axis| axis.key.clone()).collect();
    keys.dedup();
    let chosen = |key: &str, otherwise: usize| {
        let wanted = asked.query.get(key);
        keys.iter().find(|key| *key == wanted).or_else(|| keys.get(otherwise)).cloned().unwrap_or_default()
    };
    // The first two keys, usually metrics: a metric against itself would be a diagonal.
    let (x, y) = (chosen("x", 1.min(keys.len().saturating_sub(1))), chosen("y", 0));
    let scatter = scatter(&comparison.versions, &axes, &x, &y);
    let drawn: Vec<Axis> = axes.into_iter().filter(varies).take(MOST_AXES).collect();
    html(&Page {
        frame: Frame::new(asked, title, "models"),
        model: model.to_owned(),
        columns: columns(asked, &comparison, &wanted),
        groups: groups(&comparison),
        parallel: if comparison.versions.len() > 1 { parallel_chart(&comparison.versions, &drawn) } else { None },
        scatter,
        keys,
        x,
        y,
        unknown,
        same: comparison.is_same(),
        diff: manifest_diff(asked, &wanted)?,
    })
}

fn columns(asked: &Asked<'_>, comparison: &Comparison, wanted: &[(ModelName, u64)]) -> Vec<Column> {
    let links: Links = asked.links();
    let stages = comparison.facts.iter().find(|row| row.key == "stage");
    let all: Vec<String> = wanted.iter().map(|(name, version)| format!("{name}@{version}")).collect();
    let column = |(at, (name, version)): (usize, &(ModelName, u64))| {
        let held = stages.and_then(|row| row.values.get(at)?.as_ref()).map_or(String::new(), ToString::to_string);
        let others: Vec<String> = all
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, label)| format!("v={}", crate::web::route::encoded(label)))
            .collect();
        let without = if others.len() > 1 && !asked.files {
            format!("{}?{}", links.compare(), others.join("&"))
        } else {
            String::new()
        };
        Column {
            label: format!("{name}@{version}"),
            model: name.to_string(),
            version: *version,
            link: links.version(name.as_str(), version),
            stages: classed(&asked.view.catalog.registry, held.split(", ").map(str::to_owned)),
            series: at % crate::web::charts::SERIES,
            without,
        }
    };
    wanted.iter().enumerate().map(column).collect()
}

fn groups(comparison: &Comparison) -> Vec<Group> {
    let signature = &comparison.signature;
    let facts = comparison.facts.iter().filter(|row| row.key != "stage");
    let groups = [
        Group { title: "Metrics", rows: comparison.metrics.iter().map(metric).collect() },
        Group { title: "Params", rows: comparison.params.iter().map(|row| line(row, Scalar::to_string)).collect() },
        Group { title: "Facts", rows: facts.map(|row| line(row, fact)).collect() },
        Group { title: "Inputs", rows: signature.inputs.iter().map(|row| line(row, String::clone)).collect() },
        Group { title: "Outputs", rows: signature.outputs.iter().map(|row| line(row, String::clone)).collect() },
        Group { title: "Params of calls", rows: signature.params.iter().map(|row| line(row, String::clone)).collect() },
    ];
    groups.into_iter().filter(|group| !group.rows.is_empty()).collect()
}

fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Size(size) => bytes(size),
        fact => fact.to_string(),
    }
}

fn line<T>(row: &Row<T>, text: impl Fn(&T) -> String) -> Line {
    let cell = |value: &Option<T>| Cell {
        text: value.as_ref().map_or(String::new(), &text),
        delta: String::new(),
        best: false,
    };
    Line { key: row.key.clone(), note: "", differs: row.differs, cells: row.values.iter().map(cell).collect() }
}

fn metric(row: &MetricRow) -> Line {
    let delta = |delta: &Number| match delta.as_f64() {
        0.0 => "±0".to_owned(),
        value if value > 0.0 => format!("+{delta}"),
        _ => delta.to_string().replacen('-', "−", 1),
    };
    let cell = |(at, value): (usize, &Option<Number>)| Cell {
        text: value.map_or(String::new(), |value| value.to_string()),
        delta: row.deltas.get(at).and_then(Option::as_ref).map_or(String::new(), delta),
        best: row.best.contains(&at),
    };
    Line {
        key: row.key.clone(),
        note: match row.goal {
            Some(Goal::Higher) => "higher is better",
            Some(Goal::Lower) => "lower is better",
            None => "",
        },
        differs: row.differs,
        cells: row.values.iter().enumerate().map(cell).collect(),
    }
}

/// The possible axes: every metric, then every numeric param.
fn axes(comparison: &Comparison) -> Vec<Axis> {
    let metrics = comparison.metrics.iter().map(|row| Axis {
        key: row.key.clone(),
        values: row.values.iter().map(|value| value.filter(|value| value.is_finite()).map(Number::as_f64)).collect(),
    });
    let params = comparison.params.iter().map(|row| Axis {
        key: row.key.clone(),
        values: row.values.iter().map(|value| value.as_ref().and_then(Scalar::as_number)).collect(),
    });
    metrics.chain(params.filter(|axis| axis.values.iter().any(Option::is_some))).collect()
}

/// Whether the values of an axis differ.
fn varies(axis: &Axis) -> bool {
    let mut values = axis.values.iter().flatten();
    let Some(first) = values.next() else { return false };
    values.any(|value| value != first)
}

fn scatter(versions: &[String], axes: &[Axis], x: &str, y: &str) -> Option<String> {
    let axis = |key: &str| axes.iter().find(|axis| axis.key == key);
    let (across, up) = (axis(x)?, axis(y)?);
    let mut points = Vec::new();
    for (series, name) in versions.iter().enumerate() {
        let value = |axis: &Axis| axis.values.get(series).copied().flatten();
        if let (Some(x), Some(y)) = (value(across), value(up)) {
            points.push(ScatterPoint { name, series, x, y });
        }
    }
    if points.len() < 2 { None } else { scatter_chart(x, y, &points) }
}
