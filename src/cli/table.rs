//! Tables for people: aligned columns without frames, fitted to the terminal's width.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use super::output::{DIM, GOOD, WARN, styled};
use crate::diag::sanitize::for_log;
use crate::model::{STAGE_ARCHIVED, STAGE_NONE};

/// The space between two columns.
const GAP: u16 = 2;
/// The minimum width of a column that is wrapped to keep others whole.
const LEAST: u16 = 8;

/// A table with a head.
pub(super) struct Columns {
    table: Table,
    whole: Vec<usize>,
}

impl Columns {
    /// A table with these column heads.
    pub fn new<'h>(heads: impl IntoIterator<Item = &'h str>) -> Self {
        let mut columns = Self::without_head();
        columns.table.set_header(heads.into_iter().map(|head| styled(DIM, line(head))).collect::<Vec<_>>());
        columns
    }

    /// A table of rows alone.
    pub fn without_head() -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        Self { table, whole: Vec::new() }
    }

    /// Keeps these columns unwrapped: a wrapped time, version or stage is hard to read. If there is no room for all of
    /// them, the first ones take precedence.
    pub fn keep_whole(&mut self, columns: impl IntoIterator<Item = usize>) {
        self.whole = columns.into_iter().collect();
    }

    /// Adds a row. Text from the registry must pass through [`line`] or [`cell`].
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.table.add_row(cells);
    }

    /// The lines, without trailing spaces.
    pub fn text(&mut self) -> String {
        self.indented("")
    }

    /// Like [`Columns::text`], with each line indented.
    pub fn indented(&mut self, indent: &str) -> String {
        let last = self.table.column_count().saturating_sub(1);
        for (at, column) in self.table.column_iter_mut().enumerate() {
            column.set_padding((0, if at == last { 0 } else { GAP }));
        }
        // Cells are wrapped to fit a terminal, unless it is too narrow for that to be of use.
        if let Some(width) = self.table.width().filter(|width| *width >= 60) {
            self.fit(width.saturating_sub(u16::try_from(indent.len()).unwrap_or(0)));
        }
        self.table.lines().map(|line| format!("{indent}{}\n", line.trim_end())).collect()
    }

    fn fit(&mut self, width: u16) {
        self.table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        let contents = self.table.column_max_content_widths();
        let gaps = u16::try_from(contents.len().saturating_sub(1)).unwrap_or(u16::MAX).saturating_mul(GAP);
        let others = contents.iter().enumerate().filter(|(at, _)| !self.whole.contains(at));
        let needed = others.fold(gaps, |sum, (_, content)| sum.saturating_add(LEAST.min(*content)));
        let mut left = width.saturating_sub(needed);
        for at in &self.whole {
            if let (Some(content), Some(column)) = (contents.get(*at), self.table.column_mut(*at))
                && *content <= left
            {
                left -= content;
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
}

/// Text from the registry on one line, safe to print.
pub(super) fn line(text: &str) -> String {
    for_log(&text.replace(['\n', '\t'], " "))
}

/// Like [`line`], for a table: `-` if there is no text.
pub(super) fn cell(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).map_or("-".into(), line)
}

/// A stage's name, coloured by the stage.
pub(super) fn stage(name: &str) -> String {
    let style = match name {
        STAGE_NONE | STAGE_ARCHIVED => DIM,
        "Production" => GOOD,
        _ => WARN,
    };
    styled(style, line(name))
}

/// Stages, each coloured.
pub(super) fn stages(names: &[String]) -> String {
    names.iter().map(|name| stage(name)).collect::<Vec<_>>().join(", ")
}

/// `1 version`, `2 versions`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(width: u16) -> Vec<String> {
        let mut columns = Columns::new(["MODEL", "LATEST", "STAGING", "PRODUCTION", "PROJECT", "OWNERS", "MODIFIED"]);
        let owners = "ines@example.com, ml-lead@example.com";
        let cells = ["breast-cancer-screen", "5", "5", "2 +4", "screening", owners, "2022-05-03 16:20:00"];
        columns.row(cells.map(|cell| if cell == "5" { styled(GOOD, cell) } else { cell.to_owned() }));
        columns.keep_whole([6, 1, 2, 3]);
        columns.table.set_width(width);
        columns.text().lines().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn times_versions_and_stages_stay_whole_while_long_texts_wrap() {
        for width in 80..=130 {
            let lines = table(width);
            assert!(lines.iter().all(|line| line.chars().count() <= usize::from(width)), "{width}: {lines:#?}");
            assert!(lines[0].contains("LATEST  STAGING  PRODUCTION") && lines[0].ends_with("MODIFIED"), "{lines:#?}");
            assert!(lines[1].contains("2 +4") && lines[1].ends_with("2022-05-03 16:20:00"), "{width}: {lines:#?}");
        }
        insta::assert_snapshot!(table(90).join("\n"));
    }

    #[test]
    fn where_not_all_can_stay_whole_the_time_does() {
        for width in 60..80 {
            let lines = table(width);
            assert!(lines.iter().any(|line| line.ends_with("2022-05-03 16:20:00")), "{width}: {lines:#?}");
        }
    }
}
