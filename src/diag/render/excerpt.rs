//! The line of a file that a finding is about, shortened and escaped for a terminal.

use std::ops::Range;

use super::ci::holds_command;
use crate::diag::Place;
use crate::diag::sanitize::for_terminal;

/// The maximum length of a line, in characters before escaping.
const WIDTH: usize = 120;
/// The number of characters before the place in a shortened line.
const BEFORE: usize = 40;

/// A line of a file with the position of the place.
#[derive(Debug, PartialEq)]
pub(super) struct Excerpt {
    /// The line without its end, escaped; `…` marks omitted text.
    pub text: String,
    /// The byte range of the place in `text`, cut to the line.
    pub span: Range<usize>,
}

/// The line on which the place begins. None if the place is outside the text.
///
/// The running time does not depend on the size of the file or the length of the line.
pub(super) fn excerpt(source: &str, place: &Place) -> Option<Excerpt> {
    let end = place.end.max(place.start);
    let (before, inside, after) = (source.get(..place.start)?, source.get(place.start..end)?, source.get(end..)?);
    // One character more than fits, to see whether the line is longer.
    let before = last(before, WIDTH + 1);
    let inside_shown = first(inside, WIDTH + 1);
    // The text after the place is shown only if the place ends on this line.
    let after = if inside_shown.len() == inside.len() { first(after, WIDTH + 1) } else { "" };
    let after = after.strip_suffix('\r').unwrap_or(after);
    let lengths = [before, inside_shown, after].map(|part| part.chars().count());

    let (before, inside, after) = if lengths.iter().sum::<usize>() <= WIDTH {
        (before, inside_shown, after)
    } else {
        let before = last(before, BEFORE);
        let left = WIDTH - before.chars().count();
        let inside = first(inside_shown, left);
        (before, inside, first(after, left - inside.chars().count()))
    };
    let shown = [before, inside, after].map(|part| part.chars().count());
    let cut = |there: bool| if there { "…" } else { "" };

    let command = holds_command(&format!("{before}{inside}{after}"));
    // Every `#` is escaped, because a command can extend across the bounds of the place.
    let safe =
        |part| if command { for_terminal(part).replace('#', "\\u{23}") } else { for_terminal(part).into_owned() };

    let head = format!("{}{}", cut(shown[0] < lengths[0]), safe(before));
    let middle = safe(inside);
    let tail = cut(shown[1] < lengths[1] || shown[2] < lengths[2]);
    let span = head.len()..head.len() + middle.len();
    Some(Excerpt { text: format!("{head}{middle}{}{tail}", safe(after)), span })
}

/// At most so many characters from the start, up to the line's end.
fn first(text: &str, most: usize) -> &str {
    let mut chars = text.char_indices().enumerate();
    let end = chars.find(|&(n, (_, c))| n == most || c == '\n').map_or(text.len(), |(_, (at, _))| at);
    &text[..end]
}

/// At most so many characters from the end, back to the line's start.
fn last(text: &str, most: usize) -> &str {
    let mut chars = text.char_indices().rev().enumerate();
    let start = chars.find(|&(n, (_, c))| n == most || c == '\n').map_or(0, |(_, (at, c))| at + c.len_utf8());
    &text[start..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::invisible::is_unsafe;

    fn of(source: &str, span: Range<usize>) -> (String, String) {
        let excerpt = excerpt(source, &Place::new(source, span)).unwrap();
        (excerpt.text[excerpt.span.clone()].to_owned(), excerpt.text)
    }

    #[test]
    fn the_place_is_found_again_after_escaping() {
        let source = "a = 1\nx = \"\u{1b}[2J\" \u{202e}# é\r\nb = 2\n";
        let start = source.find("[2J").unwrap();
        let (inside, text) = of(source, start..start + 3);
        assert_eq!(inside, "[2J");
        assert_eq!(text, "x = \"\\u{1b}[2J\" \\u{202e}# é");
    }

    #[test]
    fn a_place_over_lines_is_cut_to_its_first() {
        assert_eq!(of("a = [\n1,\n]\n", 4..10), ("[".to_owned(), "a = [".to_owned()));
        assert_eq!(of("a =\n", 3..4), (String::new(), "a =".to_owned()));
        assert_eq!(of("", 0..0), (String::new(), String::new()));
    }

    #[test]
    fn a_carriage_return_is_shown_where_it_is_meant() {
        assert_eq!(of("a = 1\r\n", 5..7).0, "\\u{d}");
        assert_eq!(of("a = 1\r\n", 4..5).1, "a = 1");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let source = format!("{}HERE{}", "é".repeat(100_000), "漢".repeat(100_000));
        let (inside, text) = of(&source, 200_000..200_004);
        assert_eq!(inside, "HERE");
        assert_eq!(text, format!("…{}HERE{}…", "é".repeat(40), "漢".repeat(76)));
        let (inside, text) = of(&source, 200_000..500_004);
        assert_eq!((inside.chars().count(), text.chars().count()), (80, 122));
    }

    #[test]
    fn a_place_that_is_not_in_the_text_shows_nothing() {
        let place = Place { start: 1, end: 2, line: 1, column: 1, end_line: 1, end_column: 2 };
        assert_eq!(excerpt("é", &place), None);
        assert_eq!(excerpt("", &place), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_one_safe_line(source in "(\\PC|[\n\r\t\u{1b}\u{202e}]){0,300}", start in 0usize..900, len in 0usize..900) {
            let (_, text) = of(&source, start..start + len);
            prop_assert!(text.chars().all(|c| !is_unsafe(c) || c == '\t'));
            prop_assert!(text.chars().count() <= 10 * WIDTH + 2);
        }
    }
}
