//! Making text from a registry safe to show on a terminal.

use std::borrow::Cow;

use crate::model::text::is_unsafe;

/// The text with every character that a terminal would obey written as its escape: `\u{1b}`. Newlines and tabs stay.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    let unsafe_char = |c: char| is_unsafe(c) && c != '\n' && c != '\t';
    if !text.contains(unsafe_char) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| if unsafe_char(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escaped).collect())
}

/// The same on one line: newlines and tabs become spaces.
pub fn one_line(text: &str) -> String {
    for_terminal(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_nothing() {
        assert_eq!(for_terminal("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(for_terminal("line\n\ttab"), "line\n\ttab");
        assert_eq!(one_line("a\nb\u{7}"), "a b\\u{7}");
    }
}
