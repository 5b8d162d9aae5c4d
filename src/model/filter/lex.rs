//! The tokens of a filter: names, values and operators, each with its place.

use std::ops::Range;

use super::error::{FilterError, quoted};
use crate::model::scalar::Number;

/// A token of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A field, or a keyword if it is a single bare part: `name`, `metrics.accuracy`, ``tags.`my key` ``.
    Path(Vec<Part>),
    /// A text in quotes.
    Text(String),
    /// A number.
    Number(Number),
    /// An operator, a bracket or a comma; `==` and `<>` are normalized to `=` and `!=`.
    Sign(&'static str),
}

/// A part of a field between dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The part without its quotes.
    pub text: String,
    /// Whether the part was in backticks or double quotes.
    pub quoted: bool,
}

/// A token and its byte range.
pub(super) type Spanned = (Token, Range<usize>);

/// The longest operators first, so that `<=` is not read as `<`.
const SIGNS: [(&str, &str); 11] = [
    ("==", "="),
    ("!=", "!="),
    ("<>", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("=", "="),
    ("<", "<"),
    (">", ">"),
    ("(", "("),
    (")", ")"),
    (",", ","),
];

/// The tokens of a text.
pub(super) fn lex(source: &str) -> Result<Vec<Spanned>, FilterError> {
    let mut lexer = Lexer { source, at: 0 };
    let mut words = Vec::new();
    while let Some(c) = lexer.skip_space() {
        let start = lexer.at;
        let token = lexer.word(c)?;
        words.push((token, start..lexer.at));
    }
    Ok(words)
}

/// Whether a name can begin with the character.
pub(super) fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether a name can contain the character. A hyphen is allowed, because filters have no arithmetic.
pub(super) fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Skips white space and returns the next character without consuming it.
    fn skip_space(&mut self) -> Option<char> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.peek()
    }

    /// Consumes and returns the matching characters.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn error(&self, start: usize, message: impl Into<String>, hint: impl Into<String>) -> FilterError {
        FilterError::new(self.source, start..self.at, message, hint)
    }

    fn word(&mut self, first: char) -> Result<Token, FilterError> {
        match first {
            '\'' | '"' => self.in_quotes(first).map(Token::Text),
            '`' => self.path(),
            c if begins_name(c) => self.path(),
            c if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => self.number(),
            _ => self.sign(first),
        }
    }

    fn sign(&mut self, first: char) -> Result<Token, FilterError> {
        if let Some((written, sign)) = SIGNS.iter().find(|(written, _)| self.rest().starts_with(written)) {
            self.at += written.len();
            return Ok(Token::Sign(sign));
        }
        let start = self.at;
        self.at += first.len_utf8();
        let hint = match first {
            '&' => "write AND",
            '|' => "write OR",
            '!' => "write NOT before a comparison, or != within it",
            ';' => "remove it: a filter is a single expression",
            '“' | '”' | '‘' | '’' | '«' | '»' => "use the plain quotes ' or \"",
            _ => "put text in quotes, and a key with other characters than letters, digits, _ and - in backticks",
        };
        let shown = quoted(&first.to_string());
        Err(self.error(start, format!("{shown} is not expected here"), hint))
    }

    /// A text in quotes; a quote in the text is doubled.
    fn in_quotes(&mut self, quote: char) -> Result<String, FilterError> {
        let start = self.at;
        self.at += quote.len_utf8();
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != quote));
            if self.at == self.source.len() {
                let hint = format!("end it with {quote}; a {quote} within it is written twice");
                return Err(self.error(start, "the quote is not closed", hint));
            }
            self.at += quote.len_utf8();
            if self.peek() != Some(quote) {
                return Ok(text);
            }
            text.push(quote);
            self.at += quote.len_utf8();
        }
    }

    fn path(&mut self) -> Result<Token, FilterError> {
        let start = self.at;
        let mut parts = Vec::new();
        loop {
            let part = match self.peek() {
                // A double quote after a dot begins a key, not a text.
                Some(c) if c == '`' || (c == '"' && !parts.is_empty()) => {
                    Part { text: self.in_quotes(c)?, quoted: true }
                }
                _ => Part { text: self.take_while(continues_name).to_owned(), quoted: false },
            };
            if part.text.is_empty() {
                return Err(self.error(
                    start,
                    "a part of the field is empty",
                    "name the key after the dot, as in metrics.accuracy; put a key with other characters than letters, digits, _ and - in backticks",
                ));
            }
            parts.push(part);
            if self.peek() != Some('.') {
                return Ok(Token::Path(parts));
            }
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Token, FilterError> {
        let start = self.at;
        // The sign, then all characters that a number can contain. A later sign belongs to the number only after an
        // `e`.
        self.at += 1;
        loop {
            self.take_while(|c| continues_name(c) && c != '-' || c == '.');
            let exponent = self.source[start..self.at].ends_with(['e', 'E']);
            if !(exponent && matches!(self.peek(), Some('+' | '-'))) {
                break;
            }
            self.at += 1;
        }
        let text = &self.source[start..self.at];
        Number::parse(text).map(Token::Number).ok_or_else(|| {
            self.error(
                start,
                format!("{} is not a finite number", quoted(text)),
                "write it as 3, -0.5 or 1e-3, or put text in quotes",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(source: &str) -> Token {
        let words = lex(source).unwrap();
        assert_eq!(words.len(), 1, "{words:?}");
        words[0].0.clone()
    }

    fn path(parts: &[(&str, bool)]) -> Token {
        Token::Path(parts.iter().map(|&(text, quoted)| Part { text: text.into(), quoted }).collect())
    }

    #[test]
    fn a_doubled_quote_stands_for_itself() {
        assert_eq!(one("'it''s'"), Token::Text("it's".into()));
        assert_eq!(one(r#""say ""hi""""#), Token::Text(r#"say "hi""#.into()));
        assert_eq!(one("tags.`a``b`"), path(&[("tags", false), ("a`b", true)]));
        assert_eq!(one("''"), Token::Text(String::new()));
    }

    #[test]
    fn double_quotes_name_a_key_after_a_dot_and_nowhere_else() {
        assert_eq!(one(r#"tags."my key""#), path(&[("tags", false), ("my key", true)]));
        assert_eq!(one(r#""tags""#), Token::Text("tags".into()));
    }

    #[test]
    fn numbers_have_signs_fractions_and_exponents() {
        for (text, number) in [
            ("3", Number::Integer(3)),
            ("-3", Number::Integer(-3)),
            ("+3", Number::Integer(3)),
            (".5", Number::Float(0.5)),
            ("-1.5E-3", Number::Float(-0.0015)),
            ("1e+2", Number::Float(100.0)),
            ("9223372036854775808", Number::Float(9_223_372_036_854_775_808.0)),
        ] {
            assert_eq!(one(text), Token::Number(number), "{text}");
        }
        for bad in ["1e999", "3abc", "--3", "+-3", "1.2.3", "-", "+", ".", "-inf", "0x10", "1e"] {
            assert!(lex(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn signs_need_no_space() {
        let words: Vec<_> = lex("metrics.a>=-1").unwrap().into_iter().map(|(token, _)| token).collect();
        assert_eq!(words[1..], [Token::Sign(">="), Token::Number(Number::Integer(-1))]);
    }

    #[test]
    fn what_is_no_word_is_refused_with_its_place() {
        for (bad, at) in [("name = 'x", 7), ("a ; b", 2), ("tags.", 0), ("tags.``", 0), ("a && b", 2), ("a\0", 1)] {
            assert_eq!(lex(bad).unwrap_err().span.start, at, "{bad}");
        }
    }
}
