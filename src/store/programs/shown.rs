//! A call in the log: a line that can be pasted into a shell, without secrets.

use std::process::Command;

use crate::store::trace::PROGRAM;

/// The program and its arguments; none if the log is off. The environment is not shown, because it contains secrets.
pub(super) fn line(command: &Command) -> Option<String> {
    if !tracing::enabled!(target: PROGRAM, tracing::Level::DEBUG) {
        return None;
    }
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    Some(words.map(|word| quoted(&without_password(&word.to_string_lossy()))).collect::<Vec<_>>().join(" "))
}

/// An address without its user and password.
fn without_password(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host.rsplit_once('@') {
        Some((user, _)) => format!("{scheme}://...{}", &rest[user.len()..]),
        None => word.to_owned(),
    }
}

/// A word quoted for a shell. Control characters are escaped.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+:,./@%^~".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if word.chars().any(char::is_control) {
        format!("{word:?}")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted_and_has_no_password() {
        let shown = |word: &str| quoted(&without_password(word));
        assert_eq!(shown("--end-of-options"), "--end-of-options");
        assert_eq!(shown("core.hooksPath=/dev/null"), "core.hooksPath=/dev/null");
        assert_eq!(shown(""), "''");
        assert_eq!(shown("it's here"), r"'it'\''s here'");
        assert_eq!(shown("a\u{1b}[31m"), r#""a\u{1b}[31m""#);
        assert_eq!(shown("https://ada:secret@host/a/b.git"), "https://...@host/a/b.git");
        assert_eq!(shown("https://token@host:8080"), "https://...@host:8080");
        assert_eq!(shown("https://host/a@b"), "https://host/a@b");
    }
}
