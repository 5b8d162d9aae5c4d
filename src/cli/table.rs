//! Tables for people: aligned columns without frames, in the width of the terminal.

use comfy_table::{ContentArrangement, Table, presets};

use super::output::{DIM, GOOD, WARN, styled};
use crate::diag::sanitize::for_log;
use crate::model::{STAGE_ARCHIVED, STAGE_NONE};

/// A table with a head.
pub(super) struct Columns(Table);

impl Columns {
    /// A table with these column heads.
    pub fn new<'h>(heads: impl IntoIterator<Item = &'h str>) -> Self {
        let mut columns = Self::without_head();
        columns.0.set_header(heads.into_iter().map(|head| styled(DIM, line(head))).collect::<Vec<_>>());
        columns
    }

    /// A table of rows alone.
    pub fn without_head() -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        // Cells are wrapped to fit a terminal, unless it is too narrow for that to be of use.
        if table.width().is_some_and(|width| width >= 60) {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        Self(table)
    }

    /// Adds a row. Text of the registry's must come through [`cell`].
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells);
    }

    /// The lines, without what is blank at their ends.
    pub fn text(&mut self) -> String {
        self.indented("")
    }

    /// The same, with each line set in.
    pub fn indented(&mut self, indent: &str) -> String {
        for column in self.0.column_iter_mut() {
            column.set_padding((0, 2));
        }
        if let Some(width) = self.0.width() {
            self.0.set_width(width.saturating_sub(u16::try_from(indent.len()).unwrap_or(0)));
        }
        self.0.lines().map(|line| format!("{indent}{}\n", line.trim_end())).collect()
    }
}

/// Text of the registry's on one line, safe to print.
pub(super) fn line(text: &str) -> String {
    for_log(&text.replace(['\n', '\t'], " "))
}

/// The same for a table, where `-` stands for nothing.
pub(super) fn cell(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).map_or("-".into(), line)
}

/// A stage's name in the colour that says how far a version has come.
pub(super) fn stage(name: &str) -> String {
    let style = match name {
        STAGE_NONE | STAGE_ARCHIVED => DIM,
        "Production" => GOOD,
        _ => WARN,
    };
    styled(style, line(name))
}

/// `1 version`, `2 versions`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
