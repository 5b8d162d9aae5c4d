//! The table of models: its columns and rows.

use super::super::Asked;
use super::choice::Choice;
use crate::model::Timestamp;
use crate::ops::{CatalogModel, InStage};
use crate::web::format::stage_class;
use crate::web::markdown::first_line;

/// The maximum length of a description in a row, in characters.
const MOST_OF_LINE: usize = 110;

pub(super) struct Column {
    pub name: String,
    pub class: &'static str,
    pub key: String,
    pub link: String,
    /// `ascending` or `descending` if the rows are sorted by this column; otherwise empty.
    pub order: &'static str,
}

pub(super) struct Row<'a> {
    pub name: &'a str,
    pub link: String,
    pub line: String,
    pub deleted: bool,
    pub project: &'a str,
    pub owners: Vec<&'a str>,
    pub latest: Option<&'a u64>,
    pub stages: Vec<Cell<'a>>,
    pub requests: usize,
    pub modified: &'a Timestamp,
}

pub(super) struct Cell<'a> {
    pub stage: &'a str,
    pub class: &'static str,
    pub version: Option<&'a u64>,
    pub beside: &'a [u64],
    pub since: Option<&'a Timestamp>,
}

pub(super) fn columns(asked: &Asked<'_>, choice: &Choice<'_>, stages: &[&str]) -> Vec<Column> {
    let (sort, down) = choice.sorting();
    let column = |name: &str, key: String, class: &'static str| {
        let sorted = key == sort;
        // A second click reverses the order.
        let turned = if sorted && !down { "desc" } else { "" };
        let link = asked.links().overview() + &asked.query.with(&[("sort", &key), ("dir", turned), ("page", "")]);
        Column {
            name: name.to_owned(),
            class,
            key,
            link: if asked.files { String::new() } else { link },
            order: match (sorted, down) {
                (false, _) => "",
                (true, false) => "ascending",
                (true, true) => "descending",
            },
        }
    };
    let mut columns = vec![
        column("Model", "name".into(), ""),
        column("Project", "project".into(), ""),
        column("Owner", "owner".into(), ""),
        column("Latest", "latest".into(), "number"),
    ];
    columns.extend(stages.iter().map(|stage| column(stage, format!("stage:{stage}"), "")));
    columns.extend([column("Requests", "requests".into(), "number"), column("Modified", "modified".into(), "")]);
    columns
}

pub(super) fn row<'a>(asked: &Asked<'_>, model: &'a CatalogModel, stages: &[&'a str], requests: usize) -> Row<'a> {
    let (listed, registry) = (&model.listed, &asked.view.catalog.registry);
    let line: String = model.description.as_ref().map_or(String::new(), |text| first_line(text.as_str()));
    let cell = |stage: &&'a str| {
        let held: Option<&InStage> = listed.stages.iter().find(|held| held.stage.eq_ignore_ascii_case(stage));
        Cell {
            stage,
            class: stage_class(registry, stage),
            version: held.map(|held| &held.version),
            beside: held.map_or(&[], |held| held.beside.as_slice()),
            since: held.and_then(|held| held.since.as_ref()),
        }
    };
    Row {
        name: &listed.name,
        link: asked.links().model(&listed.name),
        deleted: listed.deleted,
        project: listed.project.as_deref().unwrap_or_default(),
        owners: listed.owners.iter().map(|owner| owner.as_str()).collect(),
        latest: listed.latest_version.as_ref(),
        stages: stages.iter().map(cell).collect(),
        requests,
        modified: &listed.last_modified,
        line: match line.char_indices().nth(MOST_OF_LINE) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        },
    }
}

/// The texts by which the script of a static page filters and sorts the rows.
impl Row<'_> {
    /// The text for the search, in lower case.
    pub fn text(&self) -> String {
        format!("{} {} {} {}", self.name, self.project, self.owners.join(" "), self.line).to_lowercase()
    }

    pub fn in_stages(&self) -> String {
        let held = self.stages.iter().filter(|cell| cell.version.is_some());
        held.map(|cell| cell.stage).collect::<Vec<_>>().join("\n")
    }

    pub fn owner_list(&self) -> String {
        self.owners.join("\n")
    }
}
