//! The order of results: `metrics.accuracy DESC, name`.

use std::cmp::Ordering;
use std::fmt;

use super::error::FilterError;
use super::eval::{Datum, Row};
use super::field::Field;
use super::parse::Parser;
use crate::model::snapshot::ModelSnapshot;

/// The maximum number of fields of an order.
const MAX_KEYS: usize = 32;

/// An order of versions, as a list of fields.
///
/// Versions without the field come last, also with `DESC`. If a field has several values, the smallest counts. Params
/// of different types are ordered as numbers, booleans, texts. Versions with equal fields are ordered by name, then the
/// newest version first, so the order is deterministic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OrderBy {
    keys: Vec<(Field, bool)>,
}

impl OrderBy {
    /// Reads `FIELD [ASC|DESC] {, FIELD [ASC|DESC]}`; the fields are those of a filter. An empty text is the
    /// default order. A field that is listed twice is an error.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text)?;
        let mut keys: Vec<(Field, bool)> = Vec::new();
        if parser.at_end() {
            return Ok(Self { keys });
        }
        loop {
            let place = parser.place();
            let field = parser.field()?;
            if keys.iter().any(|(known, _)| *known == field) {
                return Err(parser.error(place, format!("{field} is listed twice"), "remove one of them"));
            }
            if keys.len() == MAX_KEYS {
                return Err(parser.error(
                    place,
                    format!("the order has more than {MAX_KEYS} fields"),
                    "use fewer fields",
                ));
            }
            let descending = parser.keyword("DESC");
            if !descending {
                parser.keyword("ASC");
            }
            keys.push((field, descending));
            if parser.at_end() {
                return Ok(Self { keys });
            }
            if !parser.sign(",") {
                let hint = "write it as in metrics.accuracy DESC, name";
                return Err(parser.unexpected("ASC, DESC, a comma or the end", hint));
            }
        }
    }

    /// The fields, the most important first.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.keys.iter().map(|(field, _)| field)
    }

    /// Compares two versions, each given as its model and number. A version that its model does not have comes last.
    pub fn cmp(&self, a: (&ModelSnapshot, u64), b: (&ModelSnapshot, u64)) -> Ordering {
        match (Row::of_version(a.0, a.1), Row::of_version(b.0, b.1)) {
            (Some(one), Some(other)) => self.of_rows(one, other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }

    /// Compares two models. Fields of versions are missing.
    pub fn cmp_models(&self, a: &ModelSnapshot, b: &ModelSnapshot) -> Ordering {
        self.of_rows(Row::of_model(a), Row::of_model(b))
    }

    fn of_rows(&self, a: Row<'_>, b: Row<'_>) -> Ordering {
        let number = |row: Row<'_>| row.version.map(|(version, _)| version);
        let mut by_keys = self.keys.iter().map(|(field, descending)| match (smallest(a, field), smallest(b, field)) {
            (Some(one), Some(other)) if *descending => other.compare(&one),
            (Some(one), Some(other)) => one.compare(&other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        });
        by_keys
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
            .then_with(|| a.model.file.name.cmp(&b.model.file.name))
            .then_with(|| number(b).cmp(&number(a)))
    }
}

fn smallest<'a>(row: Row<'a>, field: &Field) -> Option<Datum<'a>> {
    row.values(field).into_iter().min_by(Datum::compare)
}

impl fmt::Display for OrderBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (field, descending)) in self.keys.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{field}{}", if *descending { " DESC" } else { "" })?;
        }
        Ok(())
    }
}

impl std::str::FromStr for OrderBy {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}
