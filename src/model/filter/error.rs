//! The error for an invalid filter or order.

use std::ops::Range;

use crate::model::invisible::is_unsafe;

/// An error in a filter or an order: the place, the message and a hint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct FilterError {
    /// The byte range of the error in the text; empty and at the end if the text ends too early.
    pub span: Range<usize>,
    /// The column of the first byte, in characters from 1. The text counts as one line.
    pub column: usize,
    /// What is wrong: a sentence without its full stop.
    pub message: String,
    /// What to do about it: an instruction without its full stop.
    pub hint: String,
}

/// The number of characters that an excerpt shows before and after the error.
const CONTEXT: usize = 40;

impl FilterError {
    /// An error at the bytes `span` of `source`.
    pub(super) fn new(source: &str, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let start = floor(source, span.start);
        let end = floor(source, span.end.max(start));
        let column = source[..start].chars().count() + 1;
        Self { span: start..end, column, message: message.into(), hint: hint.into() }
    }

    /// The error for a terminal: the message, an excerpt of the text with carets below the error, and the hint.
    /// `source` is the text of the filter. Ends without a newline.
    pub fn render(&self, source: &str) -> String {
        let start = floor(source, self.span.start);
        let end = floor(source, self.span.end.max(start));
        let (before, meant, after) = (&source[..start], &source[start..end], &source[end..]);

        let skipped = before.chars().count().saturating_sub(CONTEXT);
        let mut line = String::from(if skipped > 0 { "…" } else { "" });
        line.extend(before.chars().skip(skipped).map(harmless));
        let indent = line.chars().count();
        line.extend(meant.chars().take(2 * CONTEXT).map(harmless));
        let carets = (line.chars().count() - indent).max(1);
        line.extend(after.chars().take(CONTEXT).map(harmless));

        let (gap, marks) = (" ".repeat(indent), "^".repeat(carets));
        format!("{self}\n  |\n  | {}\n  | {gap}{marks}\n  = {}", line.trim_end(), self.hint)
    }
}

/// A part of the text for a message: shortened, on one line, without control characters.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(CONTEXT).map(harmless).collect();
    if text.chars().nth(CONTEXT).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Replaces a character by exactly one, so that the carets stay aligned.
fn harmless(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_unsafe(c) => '\u{fffd}',
        c => c,
    }
}

fn floor(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_points_at_the_place() {
        let source = "näme = 'x' AND verion > 3";
        let at = source.find("verion").unwrap();
        let error = FilterError::new(source, at..at + 6, "unknown field `verion`", "write `version`");
        insta::assert_snapshot!(error.render(source), @r"
        column 16: unknown field `verion`
          |
          | näme = 'x' AND verion > 3
          |                ^^^^^^
          = write `version`
        ");
    }

    #[test]
    fn an_excerpt_is_short_and_harmless() {
        let source = format!("{}\u{1b}[2J\u{202e}{}", "a".repeat(5000), "b".repeat(5000));
        let shown = FilterError::new(&source, 5000..5001, "no", "hint").render(&source);
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
        assert!(shown.lines().all(|line| line.chars().count() < 4 * CONTEXT), "{shown}");
        assert!(quoted(&source).chars().count() <= CONTEXT + 3);
    }

    #[test]
    fn a_place_within_a_character_or_beyond_the_text_does_no_harm() {
        let error = FilterError::new("é", 1..99, "no", "hint");
        assert_eq!((error.span.clone(), error.column), (0..2, 1));
        assert!(error.render("").contains('^'));
    }
}
