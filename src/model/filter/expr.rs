//! The syntax tree of a filter, and its canonical text.

use std::fmt;

use super::field::Field;
use super::like::Pattern;
use super::moment::Moment;
use crate::model::scalar::Number;

/// A condition on a version.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// All are true.
    And(Vec<Expr>),
    /// At least one is true.
    Or(Vec<Expr>),
    /// The condition is false.
    Not(Box<Expr>),
    /// A test of one field.
    Term(Field, Test),
}

/// A test of one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// `IS NULL`, or `IS NOT NULL` where true.
    Null { negated: bool },
    /// A comparison with one value.
    Compare(Sign, Value),
    /// `IN (...)`, or `NOT IN (...)`.
    In { values: Vec<Value>, negated: bool },
    /// `LIKE`, or `NOT LIKE`; `ILIKE` where the pattern folds case.
    Like { pattern: Pattern, negated: bool },
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value that a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(Number),
    Boolean(bool),
    Time(Moment),
}

impl Sign {
    pub(super) fn read(sign: &str) -> Option<Self> {
        Some(match sign {
            "=" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    pub(super) fn written(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether the operator needs an order.
    pub(super) fn orders(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl Expr {
    /// Calls `see` with the field of every test.
    pub(super) fn each_field<'e>(&'e self, see: &mut impl FnMut(&'e Field)) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.each_field(see)),
            Self::Not(inner) => inner.each_field(see),
            Self::Term(field, _) => see(field),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " AND ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(parts) => joined(f, parts, " OR ", |part| matches!(part, Self::Or(_))),
            Self::Not(inner) if matches!(**inner, Self::And(_) | Self::Or(_)) => write!(f, "NOT ({inner})"),
            Self::Not(inner) => write!(f, "NOT {inner}"),
            Self::Term(field, test) => write!(f, "{field} {test}"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expr], by: &str, bracket: impl Fn(&Expr) -> bool) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(by)?;
        }
        if bracket(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match self {
            Self::Null { negated } => write!(f, "IS {}NULL", not(negated)),
            Self::Compare(sign, value) => write!(f, "{} {value}", sign.written()),
            Self::In { values, negated } => {
                let values: Vec<_> = values.iter().map(Value::to_string).collect();
                write!(f, "{}IN ({})", not(negated), values.join(", "))
            }
            Self::Like { pattern, negated } => {
                let word = if pattern.folds() { "ILIKE" } else { "LIKE" };
                write!(f, "{}{word} {}", not(negated), in_quotes(pattern.text()))
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&in_quotes(text)),
            Self::Number(Number::Integer(n)) => write!(f, "{n}"),
            // The debug form keeps floats recognizable, `1.0`, and short, `1e300`.
            Self::Number(Number::Float(x)) => write!(f, "{x:?}"),
            Self::Boolean(b) => write!(f, "{b}"),
            Self::Time(moment) => write!(f, "'{moment}'"),
        }
    }
}

fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
