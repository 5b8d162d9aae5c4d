//! The escaping of every text in a page.

use std::fmt::{Result, Write};

use askama::filters::{Escaper, Html};

use crate::diag::sanitize::for_terminal;

/// Escapes HTML, and writes invisible and reordering characters as escapes such as `\u{202e}`. The templates use it for
/// every expression by default.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Harmless;

impl Escaper for Harmless {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> Result {
        // Nearly no text needs an escape.
        if string.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\''))
        {
            return dest.write_str(string);
        }
        Html.write_escaped_str(dest, &for_terminal(string))
    }

    fn write_escaped_char<W: Write>(&self, dest: W, c: char) -> Result {
        self.write_escaped_str(dest, c.encode_utf8(&mut [0; 4]))
    }
}

/// Escapes a text for markup that is not from a template, such as a chart.
pub(super) fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = Harmless.write_escaped_str(&mut written, text);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_reordering_characters_are_escaped() {
        assert_eq!(escaped("<b>\"&'"), "&#60;b&#62;&#34;&#38;&#39;");
        assert_eq!(escaped("a\u{202e}b\u{1b}[2J"), "a\\u{202e}b\\u{1b}[2J");
        assert_eq!(escaped("Größe 模型"), "Größe 模型");
    }
}
