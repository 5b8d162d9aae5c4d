//! Places in a file: byte ranges with lines and columns, and the lookup of a key's place.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A range of a file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The line of the first byte, from 1.
    pub line: usize,
    /// The column of the first byte, in characters, from 1.
    pub column: usize,
    /// The line of `end`, from 1: the line of the last byte, or the next line if the last byte is a line end.
    pub end_line: usize,
    /// The column of `end`, in characters, from 1: one past the last character, or 1 after a line end.
    pub end_column: usize,
}

impl Place {
    /// The place of a byte range, cut to the text.
    pub fn new(source: &str, span: Range<usize>) -> Self {
        let (start, end) = (floor(source, span.start), floor(source, span.end.max(span.start)));
        let (line, column) = line_column(source, start);
        let (end_line, end_column) = line_column(source, end);
        Self { start, end, line, column, end_line, end_column }
    }

    /// The place of a key's value, or of the key itself for a table. If the file lacks the key, the nearest existing
    /// parent; none if no part of the path exists.
    pub fn of_key(source: &str, path: &[KeyStep]) -> Option<Self> {
        let (table, _) = DeTable::parse_recoverable(source);
        find(table.get_ref(), path).map(|span| Self::new(source, span))
    }
}

fn floor(source: &str, mut at: usize) -> usize {
    at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn line_column(source: &str, at: usize) -> (usize, usize) {
    let before = &source[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.bytes().filter(|&b| b == b'\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// One step of a path to a value: a key of a table, or an index of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStep {
    /// A key of a table.
    Key(String),
    /// An index of an array, from 0.
    Index(usize),
}

impl From<&str> for KeyStep {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for KeyStep {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// Follows the path as far as the file has it, and returns the span of the last value found.
fn find(root: &DeTable<'_>, path: &[KeyStep]) -> Option<Range<usize>> {
    let mut span = None;
    let mut table = Some(root);
    let mut value: Option<&DeValue<'_>> = None;
    for step in path {
        let next = match step {
            KeyStep::Key(key) => table.and_then(|t| t.iter().find(|(k, _)| k.get_ref() == key)).map(|(k, v)| {
                // A table's span is only its header, or useless; the key is at its start.
                let at = if matches!(v.get_ref(), DeValue::Table(_)) { k.span() } else { v.span() };
                (at, v.get_ref())
            }),
            KeyStep::Index(index) => {
                value.and_then(|v| v.as_array()).and_then(|a| a.get(*index)).map(|v| (v.span(), v.get_ref()))
            }
        };
        let Some((at, found)) = next else { break };
        span = Some(at);
        value = Some(found);
        table = found.as_table();
    }
    span
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_to_the_place_of_its_value() {
        let source = "a = 1\n[[history]]\nversion = 3\n\n[[history]]\nversion = 44\n";
        let place = Place::of_key(source, &["history".into(), 1.into(), "version".into()]).unwrap();
        assert_eq!((place.line, place.column, &source[place.start..place.end]), (6, 11, "44"));
    }

    #[test]
    fn a_place_ends_one_past_its_last_character_even_where_that_is_a_line_end() {
        let ends = |span| {
            let place = Place::new("ab\ncd\n", span);
            (place.end_line, place.end_column)
        };
        assert_eq!(ends(0..2), (1, 3));
        assert_eq!(ends(0..3), (2, 1));
        assert_eq!(ends(1..5), (2, 3));
        assert_eq!(ends(4..4), (2, 2));
    }

    #[test]
    fn columns_count_characters_and_a_broken_span_is_cut() {
        let source = "ü = \"é\" # x";
        let place = Place::of_key(source, &["ü".into()]).unwrap();
        assert_eq!((place.column, place.end_column), (5, 8));
        assert_eq!(Place::new(source, 1..999).start, 0);
    }
}
