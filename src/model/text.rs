//! String types whose values are checked on construction, so no value needs a second check.
//!
//! Each type has a `format` in the JSON Schemas. By this name the rules of [`crate::check`] find the same check, so
//! they report a wrong value in a file with its position and the same message.

use std::fmt;

use super::invisible::{first_hidden, is_unsafe};

/// Why a value was refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Invalid {
    /// The reason, as a clause that can follow "because".
    pub why: String,
    /// The hint, as an instruction.
    pub hint: String,
}

impl Invalid {
    /// An error with its reason and hint.
    pub fn new(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: hint.into() }
    }
}

/// The outcome of checking one string.
pub type Checked = Result<(), Invalid>;

/// Declares a string type whose values have all passed `check`.
macro_rules! string_type {
    ($(#[$doc:meta])* $name:ident, format = $format:literal, check = $check:path $(, pattern = $pattern:literal)? $(, max = $max:expr)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The name of this type's check in the JSON Schemas.
            pub const FORMAT: &'static str = $format;

            /// Checks the text and returns a value.
            pub fn new(text: impl Into<String>) -> Result<Self, $crate::model::Invalid> {
                Self::try_from(text.into())
            }

            /// Checks the text without constructing a value.
            pub fn check(text: &str) -> $crate::model::Checked {
                $check(text)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::model::Invalid;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                $check(&text)?;
                Ok(Self(text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::Invalid;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                #[allow(unused_mut)]
                let mut schema = schemars::json_schema!({ "type": "string", "format": $format });
                $(schema.insert("pattern".into(), $pattern.into());)?
                $(schema.insert("maxLength".into(), serde_json::Value::from($max));)?
                schema
            }
        }
    };
}
pub(crate) use string_type;

/// The maximum length of a description, comment, reason or tag value, in characters.
pub const MAX_TEXT: usize = 100_000;
/// The maximum length of a one-line text, in characters.
pub const MAX_LINE: usize = 1_000;
/// The maximum length of the key of a tag, param or metric, in characters.
pub const MAX_KEY: usize = 250;

string_type! {
    /// Prose: descriptions, comments, reasons, tag values. Newlines and tabs are allowed.
    Text, format = "text", check = check_text, max = MAX_TEXT
}

string_type! {
    /// One line of text: a project, an environment, a flavor, a run's id.
    Line, format = "line", check = check_line, max = MAX_LINE
}

string_type! {
    /// The key of a tag, a param or a metric.
    Key, format = "key", check = check_key, max = MAX_KEY
}

string_type! {
    /// A user id, usually an e-mail address. The journal and the policy compare user ids.
    UserId, format = "user-id", check = check_user, pattern = r"^[^@\s<>-][^\s<>]*$", max = 254
}

impl UserId {
    /// Whether both ids name the same person. Case is ignored, because it does not distinguish mailboxes.
    pub fn same_person(&self, other: &UserId) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// The id in lower case, which is equal for all ids of the same person.
    pub fn folded(&self) -> UserId {
        Self(self.0.to_ascii_lowercase())
    }
}

/// Whether a text is printable ASCII, as nearly all texts are. Its characters need no further check.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn refuse_unsafe(text: &str, allowed: &[char]) -> Checked {
    if is_plain(text) {
        return Ok(());
    }
    refuse(text.chars().find(|&c| is_unsafe(c) && !allowed.contains(&c)))
}

fn refuse_hidden(text: &str) -> Checked {
    if is_plain(text) {
        return Ok(());
    }
    refuse(first_hidden(text))
}

fn refuse(c: Option<char>) -> Checked {
    let Some(c) = c else { return Ok(()) };
    let (what, hint) = if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
        ("control character", "it would change what a terminal or a page shows")
    } else {
        ("invisible character", "it would hide or reorder what a reader sees")
    };
    Err(Invalid::new(format!("it contains the {what} U+{:04X}", c as u32), format!("remove the character: {hint}")))
}

fn refuse_longer(text: &str, most: usize) -> Checked {
    // A character has at least one byte, so characters are counted only if the text has too many bytes.
    if text.len() <= most || text.chars().count() <= most {
        return Ok(());
    }
    Err(Invalid::new(
        format!("it has {} characters; the maximum is {most}", text.chars().count()),
        "shorten it, or keep the long form elsewhere and link to it",
    ))
}

fn check_text(text: &str) -> Checked {
    refuse_longer(text, MAX_TEXT)?;
    refuse_unsafe(text, &['\n', '\t'])
}

fn check_line(text: &str) -> Checked {
    refuse_longer(text, MAX_LINE)?;
    if text.contains(['\n', '\r']) {
        return Err(Invalid::new("it has more than one line", "write it on one line"));
    }
    refuse_hidden(text)
}

fn check_key(text: &str) -> Checked {
    if text.trim().is_empty() {
        return Err(Invalid::new("the key is empty", "name the key"));
    }
    if text.trim() != text {
        return Err(Invalid::new("the key begins or ends with a space", "remove the space"));
    }
    refuse_longer(text, MAX_KEY)?;
    refuse_hidden(text)
}

fn check_user(text: &str) -> Checked {
    let hint = "write the user id as in git's `user.email`, for example `ada@example.com`";
    if text.is_empty() {
        return Err(Invalid::new("the user id is empty", hint));
    }
    refuse_longer(text, 254)?;
    if let Some(c) = text.chars().find(|c| !c.is_ascii_graphic() || "<>".contains(*c)) {
        return Err(Invalid::new(format!("a user id must not contain {}", Shown(c)), hint));
    }
    if text.starts_with(['@', '-']) {
        return Err(Invalid::new(format!("a user id cannot begin with `{}`", &text[..1]), hint));
    }
    Ok(())
}

/// A character in a message: the character itself if harmless, otherwise its code point.
pub(super) struct Shown(pub char);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ' ' => f.write_str("a space"),
            c if c.is_ascii_graphic() => write!(f, "`{c}`"),
            c => write!(f, "U+{:04X}", c as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_takes_lines_and_tabs_but_nothing_a_terminal_obeys() {
        assert!(Text::new("two\nlines\tand a tab, ümläuts, 漢字").is_ok());
        for bad in ["\u{1b}[2J", "\u{202e}txt.exe", "\u{2066}x", "nul\0", "\u{9b}31m", "a\rb"] {
            assert!(Text::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_shows_nothing_is_refused_but_prose_keeps_what_writing_needs() {
        let list = "\u{61c}\u{180e}\u{200b}\u{200e}\u{200f}\u{202d}\u{2060}\u{2064}\u{206a}\u{feff}\u{fff9}\u{e0061}";
        for c in list.chars().chain("\u{1d173}\u{1bca0}\u{ffff}\u{e0fff}".chars()) {
            let text = format!("a{c}b");
            assert!(Text::new(&*text).is_err(), "{c:?}");
            assert!(Line::new(&*text).is_err() && Key::new(&*text).is_err() && UserId::new(&*text).is_err(), "{c:?}");
        }
        // Persian, a family, and a word that may be parted.
        for prose in [
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
            "pro\u{ad}duction",
            "\u{2800}\u{2801}",
        ] {
            assert!(Text::new(prose).is_ok(), "{prose:?}");
            assert!(Line::new(prose).is_err() && Key::new(prose).is_err(), "{prose:?}");
        }
        assert!(Text::new("a\u{fe0f}").is_ok() && Key::new("a\u{fe0f}").is_err(), "it looks like `a`");
        for shown in ["\u{2764}\u{fe0f}", "\u{645}\u{6cc}", "\u{e9}t\u{e9}", "e\u{301}"] {
            assert!(Line::new(shown).is_ok() && Key::new(shown).is_ok(), "{shown:?}");
        }
        assert_eq!(Text::new("a\u{200f}").unwrap_err().why, "it contains the invisible character U+200F");
    }

    #[test]
    fn limits_count_characters_not_bytes() {
        assert!(Line::new("é".repeat(MAX_LINE)).is_ok());
        assert!(Line::new("é".repeat(MAX_LINE + 1)).is_err());
    }

    #[test]
    fn a_user_id_cannot_forge_an_identity_line() {
        assert!(UserId::new("ada@example.com").is_ok());
        for bad in ["", "a b@x", "eve>\ncommitter x", "<eve@x>", "@team", "-x", "аda@example.com"] {
            assert!(UserId::new(bad).is_err(), "{bad:?}");
        }
    }
}
