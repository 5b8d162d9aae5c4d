//! The parser of filters and orders: recursive descent with limited depth.

use std::ops::Range;

use super::error::{FilterError, quoted};
use super::expr::{Expr, Sign, Test, Value};
use super::field::{Field, Kind};
use super::lex::{Part, Spanned, Token, lex};
use super::like::Pattern;
use super::moment::Moment;
use super::{MAX_DEPTH, MAX_TERMS, MAX_TEXT};
use crate::model::scalar::Number;

/// A parser over the tokens of a filter or an order.
pub(super) struct Parser<'s> {
    source: &'s str,
    words: Vec<Spanned>,
    next: usize,
    depth: usize,
    terms: usize,
}

impl<'s> Parser<'s> {
    /// Splits the text into tokens. Errors: the text is too long or has an invalid token.
    pub(super) fn new(source: &'s str) -> Result<Self, FilterError> {
        if source.len() > MAX_TEXT {
            let message = format!("the text is {} bytes long; the maximum is {MAX_TEXT}", source.len());
            return Err(FilterError::new(source, MAX_TEXT..source.len(), message, "shorten it"));
        }
        Ok(Self { source, words: lex(source)?, next: 0, depth: 0, terms: 0 })
    }

    pub(super) fn at_end(&self) -> bool {
        self.next == self.words.len()
    }

    /// A whole filter; none for an empty text.
    pub(super) fn filter(mut self) -> Result<Option<Expr>, FilterError> {
        if self.at_end() {
            return Ok(None);
        }
        let expr = self.any()?;
        if !self.at_end() {
            let closing = self.words[self.next].0 == Token::Sign(")");
            let hint = if closing { "remove it, or open it before" } else { "join two comparisons with AND or OR" };
            return Err(self.unexpected("AND, OR or the end", hint));
        }
        Ok(Some(expr))
    }

    /// `all { OR all }`
    fn any(&mut self) -> Result<Expr, FilterError> {
        let mut parts = vec![self.all()?];
        while self.keyword("OR") {
            parts.push(self.all()?);
        }
        Ok(alone(parts).unwrap_or_else(Expr::Or))
    }

    /// `one { AND one }`
    fn all(&mut self) -> Result<Expr, FilterError> {
        let mut parts = vec![self.one()?];
        while self.keyword("AND") {
            parts.push(self.one()?);
        }
        Ok(alone(parts).unwrap_or_else(Expr::And))
    }

    /// `NOT one`, `( any )` or a test
    fn one(&mut self) -> Result<Expr, FilterError> {
        let place = self.place();
        let negated = self.keyword("NOT");
        if !negated && !self.sign("(") {
            return self.test();
        }
        // Each level uses stack, so the depth is checked before entering it.
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("the filter is nested more than {MAX_DEPTH} levels deep");
            return Err(self.error(place, message, "write it with fewer brackets and NOTs"));
        }
        let expr = if negated {
            Expr::Not(Box::new(self.one()?))
        } else {
            let inner = self.any()?;
            if !self.sign(")") {
                return Err(self.unexpected("AND, OR or )", "close each bracket"));
            }
            inner
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// A field and its test.
    fn test(&mut self) -> Result<Expr, FilterError> {
        self.count_term()?;
        let start = self.place();
        let field = self.field()?;
        let kind = field.kind();
        if self.keyword("IS") {
            let negated = self.keyword("NOT");
            if !self.keyword("NULL") {
                return Err(self.unexpected("NULL", "write IS NULL or IS NOT NULL"));
            }
            return Ok(Expr::Term(field, Test::Null { negated }));
        }

        let negated = self.keyword("NOT");
        let place = self.place();
        let test = if self.keyword("IN") {
            Test::In { values: self.values(&field)?, negated }
        } else if self.keyword("LIKE") {
            Test::Like { pattern: self.pattern(&field, place, kind == Kind::Folded)?, negated }
        } else if self.keyword("ILIKE") {
            Test::Like { pattern: self.pattern(&field, place, true)?, negated }
        } else if negated {
            return Err(self.unexpected("IN, LIKE or ILIKE", "write NOT before the field to negate a comparison"));
        } else if let Some(sign) = self.comparison() {
            let value = self.value(&field)?;
            if sign.orders() && (matches!(kind, Kind::Folded | Kind::Boolean) || matches!(value, Value::Boolean(_))) {
                let message = format!("{} has no order, so {} does not apply", shown(&field), sign.written());
                return Err(self.error(place, message, "use =, !=, IN or IS NULL"));
            }
            Test::Compare(sign, value)
        } else {
            let hint = "compare the field: = != < <= > >= LIKE, ILIKE, IN (...), IS NULL";
            if self.at_end() {
                return Err(self.error(start, format!("{} is not compared with a value", shown(&field)), hint));
            }
            return Err(self.unexpected("a comparison", hint));
        };
        Ok(Expr::Term(field, test))
    }

    pub(super) fn field(&mut self) -> Result<Field, FilterError> {
        let place = self.place();
        let hint = "begin with a field, as in name = 'iris' or metrics.accuracy > 0.9";
        let reserved =
            ["AND", "OR", "NOT", "IN", "IS", "LIKE", "ILIKE", "NULL"].iter().any(|word| self.is_keyword(word));
        let Some((Token::Path(parts), _)) = self.words.get(self.next).filter(|_| !reserved) else {
            return Err(self.unexpected("a field", hint));
        };
        let field = Field::resolve(parts);
        self.next += 1;
        field.map_err(|invalid| self.error(place, invalid.why, invalid.hint))
    }

    fn comparison(&mut self) -> Option<Sign> {
        let Some((Token::Sign(sign), _)) = self.words.get(self.next) else { return None };
        let sign = Sign::read(sign)?;
        self.next += 1;
        Some(sign)
    }

    fn values(&mut self, field: &Field) -> Result<Vec<Value>, FilterError> {
        if !self.sign("(") {
            return Err(self.unexpected("(", "write the values in brackets, as in IN ('a', 'b')"));
        }
        let mut values = Vec::new();
        loop {
            self.count_term()?;
            values.push(self.value(field)?);
            if self.sign(")") {
                return Ok(values);
            }
            if !self.sign(",") {
                return Err(self.unexpected("a comma or )", "write the values as in IN ('a', 'b')"));
            }
        }
    }

    fn pattern(&mut self, field: &Field, place: Range<usize>, fold: bool) -> Result<Pattern, FilterError> {
        if !matches!(field.kind(), Kind::Text | Kind::Folded | Kind::Any) {
            let message = format!("{} is not text, so LIKE does not apply", shown(field));
            return Err(self.error(place, message, "compare it with = != < <= > or >="));
        }
        let Some((Token::Text(text), _)) = self.words.get(self.next) else {
            return Err(self.unexpected("a pattern", "write the pattern in quotes, as in LIKE '%iris%'"));
        };
        let pattern = Pattern::new(text, fold);
        self.next += 1;
        Ok(pattern)
    }

    /// A value that the field can be compared with.
    fn value(&mut self, field: &Field) -> Result<Value, FilterError> {
        let place = self.place();
        let written = match self.words.get(self.next) {
            Some((Token::Text(text), _)) => Value::Text(text.clone()),
            Some((Token::Number(number), _)) => Value::Number(*number),
            Some((Token::Path(_), _)) if self.is_keyword("TRUE") => Value::Boolean(true),
            Some((Token::Path(_), _)) if self.is_keyword("FALSE") => Value::Boolean(false),
            Some((Token::Path(_), _)) if self.is_keyword("NULL") => {
                return Err(self.unexpected("a value", "write IS NULL or IS NOT NULL"));
            }
            _ => return Err(self.unexpected("a value", "write a number, true, false, or text in quotes")),
        };
        self.next += 1;
        typed(field.kind(), written).ok_or_else(|| {
            let (what, hint) = match field.kind() {
                Kind::Text | Kind::Folded | Kind::Any => ("text", "put the value in quotes"),
                Kind::Whole => ("an integer", "compare it with an integer, as in 3"),
                Kind::Number => ("a number", "compare it with a number, as in 0.9"),
                Kind::Time => ("a time", "write it as '2022-02-10', or as '2022-02-10T19:50:00Z'"),
                Kind::Boolean => ("true or false", "compare it with true or false"),
            };
            let value = quoted(&self.source[place.clone()]);
            self.error(place, format!("{} is {what}, and {value} is not", shown(field)), hint)
        })
    }

    fn count_term(&mut self) -> Result<(), FilterError> {
        self.terms += 1;
        if self.terms <= MAX_TERMS {
            return Ok(());
        }
        let message = format!("the filter has more than {MAX_TERMS} comparisons and values");
        Err(self.error(self.place(), message, "split the filter"))
    }

    /// The place of the next token, or the end of the text.
    pub(super) fn place(&self) -> Range<usize> {
        self.words.get(self.next).map_or(self.source.len()..self.source.len(), |(_, place)| place.clone())
    }

    fn is_keyword(&self, word: &str) -> bool {
        matches!(self.words.get(self.next), Some((Token::Path(parts), _))
            if matches!(&parts[..], [Part { text, quoted: false }] if text.eq_ignore_ascii_case(word)))
    }

    /// Consumes the keyword if it is next.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let found = self.is_keyword(word);
        self.next += usize::from(found);
        found
    }

    /// Consumes the operator if it is next.
    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.words.get(self.next), Some((Token::Sign(s), _)) if *s == sign);
        self.next += usize::from(found);
        found
    }

    pub(super) fn error(
        &self,
        place: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> FilterError {
        FilterError::new(self.source, place, message, hint)
    }

    /// The error for a token other than `wanted`.
    pub(super) fn unexpected(&self, wanted: &str, hint: &str) -> FilterError {
        let place = self.place();
        let found = match &self.source[place.clone()] {
            "" => "the end".to_owned(),
            word => quoted(word).to_string(),
        };
        self.error(place, format!("expected {wanted}, found {found}"), hint)
    }
}

/// The value as the type of the field; none if it does not fit the type.
fn typed(kind: Kind, written: Value) -> Option<Value> {
    match (kind, written) {
        (Kind::Any, value) => Some(value),
        (Kind::Text | Kind::Folded, value @ Value::Text(_)) => Some(value),
        (Kind::Whole, value @ Value::Number(Number::Integer(_))) => Some(value),
        (Kind::Whole, Value::Text(text)) => text.parse().ok().map(Number::Integer).map(Value::Number),
        (Kind::Number, value @ Value::Number(_)) => Some(value),
        (Kind::Number, Value::Text(text)) => Number::parse_metric(&text).map(Value::Number),
        (Kind::Time, Value::Text(text)) => Moment::parse(&text).ok().map(Value::Time),
        (Kind::Time, Value::Number(Number::Integer(millis))) => Moment::from_millis(millis).map(Value::Time),
        (Kind::Boolean, value @ Value::Boolean(_)) => Some(value),
        (Kind::Boolean, Value::Text(text)) => text.to_ascii_lowercase().parse().ok().map(Value::Boolean),
        _ => None,
    }
}

/// The only operand; the error has all operands if there are several.
fn alone(mut parts: Vec<Expr>) -> Result<Expr, Vec<Expr>> {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => Ok(one),
        (_, last) => {
            parts.extend(last);
            Err(parts)
        }
    }
}

fn shown(field: &Field) -> String {
    quoted(&field.to_string())
}
