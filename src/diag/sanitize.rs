//! Making text from a registry safe to show on a terminal.

use std::borrow::Cow;

use crate::model::invisible::is_unsafe;

/// Escapes control, invisible and reordering characters, for example as `\u{1b}`. Newlines and tabs stay.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    let unsafe_char = |c: char| is_unsafe(c) && c != '\n' && c != '\t';
    if !text.contains(unsafe_char) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| if unsafe_char(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escaped).collect())
}

/// Like [`for_terminal`], but newlines and tabs become spaces.
pub fn one_line(text: &str) -> String {
    for_terminal(text).replace(['\n', '\t'], " ")
}

/// The text as one word of a POSIX shell's command, in quotes where it needs them.
pub fn for_shell(word: &str) -> String {
    // No program can be given a NUL.
    shlex::Quoter::new().allow_nul(true).quote(word).unwrap_or(Cow::Borrowed("''")).into_owned()
}

/// Like [`for_terminal`], and also escapes workflow commands of CI systems. GitHub's runner reads a line that begins
/// with `::`, after any spaces, and `##[` anywhere in a line as a command.
pub fn for_log(text: &str) -> String {
    let safe = for_terminal(text).replace("##[", "#\\u{23}[");
    if !safe.contains("::") {
        return safe;
    }
    // The runner may skip invisible characters like spaces, so every character except visible ASCII counts as a space.
    let line = |line: &str| match line.split_once("::") {
        Some((before, after)) if !before.contains(|c: char| c.is_ascii_graphic()) => {
            format!("{before}\\u{{3a}}:{after}")
        }
        _ => line.to_owned(),
    };
    safe.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Shortens every address in the text to its scheme and host, because the rest may be a password or a token.
pub fn without_secrets(text: &str) -> String {
    let mut parts = text.split("://");
    let mut safe = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`')).unwrap_or(part.len());
        let (address, rest) = part.split_at(end);
        // A password may contain an unescaped `@`, so the last one counts.
        let host = address.rsplit('@').next().unwrap_or_default();
        let host = &host[..host.find(['/', '?', '#']).unwrap_or(host.len())];
        let cut = if host == address { "" } else { "/…" };
        safe.push_str(&format!("://{host}{cut}{rest}"));
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_nothing() {
        assert_eq!(for_terminal("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(for_terminal("a\u{200f}b\u{200b}c\u{feff}d\u{e0061}"), "a\\u{200f}b\\u{200b}c\\u{feff}d\\u{e0061}");
        assert_eq!(for_terminal("\u{1f468}\u{200d}\u{1f469}"), "\u{1f468}\u{200d}\u{1f469}");
        assert_eq!(for_terminal("line\n\ttab"), "line\n\ttab");
        assert_eq!(one_line("a\nb\u{7}"), "a b\\u{7}");
    }

    #[test]
    fn a_word_stays_one_word_and_no_command_to_a_shell() {
        for plain in ["iris", "requests/my+model/Production/3", "main:main", "models:/iris@champion", ":side"] {
            assert_eq!(for_shell(plain), plain);
        }
        for word in [
            "my model",
            "",
            "a'b",
            "a\"b",
            "$(reboot)",
            "`x`",
            "a;b",
            "a&b|c",
            "main;x$IFS",
            "~/x",
            "*",
            "#x",
            "!x",
            "a\\b",
            "a\nb",
            "{a,b}",
            "=x",
        ] {
            assert_eq!(shlex::split(&format!("x {}", for_shell(word))), Some(vec!["x".into(), word.into()]), "{word}");
            assert_ne!(for_shell(word), word);
        }
    }

    #[test]
    fn an_address_keeps_its_scheme_and_host() {
        for (text, safe) in [
            (
                "unable to access 'https://ada:hunter2@example.com/x.git/': no",
                "unable to access 'https://example.com/…': no",
            ),
            ("https://token@example.com:8443", "https://example.com:8443/…"),
            ("https://example.com/x?token=abc and more", "https://example.com/… and more"),
            ("ssh://git@example.com/x, http://a:b/c@d@host/e", "ssh://example.com/… http://host/…"),
            ("https://ada:p?q#r@example.com", "https://example.com/…"),
            ("file:///srv/models", "file:///…"),
            ("https://example.com: 404", "https://example.com: 404"),
            ("std::vec: no address", "std::vec: no address"),
        ] {
            assert_eq!(without_secrets(text), safe);
        }
    }

    #[test]
    fn a_ci_job_is_told_nothing() {
        assert_eq!(for_log("a::b\n  ::stop-commands::x"), "a::b\n  \\u{3a}:stop-commands::x");
        assert_eq!(for_log("\u{200c} ::debug::x ##[add-mask]y"), "\u{200c} \\u{3a}:debug::x #\\u{23}[add-mask]y");
        assert_eq!(for_log("\u{200b} ::debug::x"), "\\u{200b} ::debug::x");
        assert_eq!(for_log("std::vec"), "std::vec");
    }
}
