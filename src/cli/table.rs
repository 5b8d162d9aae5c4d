//! Tables for people: aligned columns without frames, in the width of the terminal.

use comfy_table::{ContentArrangement, Table, presets};

use super::output::{DIM, styled};
use crate::diag::sanitize::one_line;

/// A table with a head.
pub(super) struct Columns(Table);

impl Columns {
    /// A table with these column heads.
    pub fn new<'h>(heads: impl IntoIterator<Item = &'h str>) -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        // Cells are wrapped to fit a terminal, unless it is too narrow for that to be of use.
        if table.width().is_some_and(|width| width >= 60) {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        table.set_header(heads.into_iter().map(|head| styled(DIM, one_line(head))).collect::<Vec<_>>());
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Self(table)
    }

    /// Adds a row. Text of the registry's must come through [`cell`].
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells);
    }

    /// The lines, without what is blank at their ends.
    pub fn text(&self) -> String {
        self.0.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// Text of the registry's on one line, safe for a terminal; `-` where there is none.
pub(super) fn cell(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).map_or("-".into(), one_line)
}
