//! The filter language of `modelreg search`.
//!
//! The language is that of SQL's WHERE, and accepts every filter that MLflow's registry accepts. Its grammar, with
//! keywords in upper or lower case:
//!
//! ```text
//! filter  := [ any ]                                      -- an empty filter matches every version
//! any     := all { OR all }
//! all     := one { AND one }
//! one     := NOT one | '(' any ')' | test
//! test    := field ( = | == | != | <> | < | <= | > | >= ) value
//!          | field [NOT] IN '(' value { ',' value } ')'
//!          | field [NOT] ( LIKE | ILIKE ) text
//!          | field IS [NOT] NULL
//! field   := [ attribute. ] name | table '.' key
//! key     := bare { '.' bare } | `in backticks` | "in double quotes"
//! value   := text | number | TRUE | FALSE
//! text    := '...' | "..."                                -- a quote in the text is doubled
//! number  := [ + | - ] digits [ . digits ] [ e [ + | - ] digits ]
//! order   := [ field [ ASC | DESC ] { ',' field [ ASC | DESC ] } ]
//! ```
//!
//! # Fields
//!
//! A bare name is a field of the version (`created_at`); with `model.` in front, it is a field of the model
//! (`model.created_at`). `project` and `tags.KEY` are the version's values, or the model's if the version has none;
//! `model.project`, `model.tags.KEY` and `version.tags.KEY` are the values of one of the two. [`HELP`] lists every
//! field. The names of the same fields in MLflow are accepted too: `version_number`, `source_path`, `current_stage`,
//! `creation_timestamp`, `last_updated_timestamp` and `timestamp`, `user_id`, `tag.`, `metric.`, `param.`,
//! `parameter.`, `parameters.`.
//!
//! # Meaning
//!
//! - A missing value passes no comparison, not even `!=` or `NOT IN`; only `IS NULL` finds it. As in SQL, `NOT` does
//!   not change that: `NOT metrics.accuracy < 0.9` has the same result as `metrics.accuracy >= 0.9`.
//! - If a field has several values (stage, owner, alias, dataset), one matching value is enough. `!=`, `NOT IN` and `NOT LIKE`
//!   require at least one value and no matching one.
//! - Text is compared by its bytes, so case matters. Stages and user ids (`stage`, `owner`, `created_by`,
//!   `model.created_by`) have no order and are compared without regard to case.
//! - A number may be in quotes. A param or tag is text, a number or a boolean. A text that is a number is compared as a
//!   number with a number; other text is neither equal to a number, nor less, nor greater.
//! - A time covers a period: `'2022-02-10'` that day in UTC, `'2022-02-10 19:50:00'` that second, a time with a
//!   fraction that millisecond. A bare number is a time in milliseconds since 1970, as in MLflow. `=` means within the
//!   period, `<` before it, `<=` before its end, `>` after it, `>=` from its start on.
//! - `LIKE` matches the whole text: `%` matches any run of characters, `_` one character. `ILIKE` ignores case. There
//!   is no escape: to match an underscore, use `_`.
//! - Deleted versions, and those of deleted models, never pass, unless the filter names `deleted`.
//!
//! # Limits
//!
//! [`MAX_TEXT`], [`MAX_DEPTH`] and [`MAX_TERMS`]; a longer or deeper filter is an error.

mod error;
mod eval;
mod expr;
mod field;
mod lex;
mod like;
mod moment;
mod order;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use error::FilterError;
use eval::Row;
use expr::Expr;
pub use field::{Field, Plain, Table};
pub use order::OrderBy;

use super::snapshot::ModelSnapshot;

/// The maximum length of a filter or an order, in bytes.
pub const MAX_TEXT: usize = 10_000;
/// The maximum nesting of brackets and NOTs.
pub const MAX_DEPTH: usize = 64;
/// The maximum number of comparisons in a filter; each value of an `IN` counts as one more.
pub const MAX_TERMS: usize = 1_000;

/// A summary of the language, for the long help of the command line.
pub const HELP: &str = "\
A filter compares fields with values and joins comparisons with AND, OR, NOT and brackets:

  stage = 'Production' AND metrics.accuracy >= 0.9
  name LIKE 'iris%' AND NOT (flavor IN ('sklearn', 'xgboost') OR owner = 'ada@example.com')
  created_at >= '2022-02-01' AND tags.`data set` IS NOT NULL

Comparisons: = != < <= > >=, [NOT] LIKE and ILIKE (% any run, _ one character; ILIKE ignores case),
[NOT] IN (...), IS [NOT] NULL. A missing value passes only IS NULL.

Fields of the version:
  name, version, stage, alias, project, environment, description, created_at, created_by,
  last_modified, uri, flavor, digest, size (bytes), run_id, experiment, commit, parent,
  dataset, archived, deleted
Fields of its model:
  owner, model.project, model.description, model.created_at, model.created_by,
  model.last_modified
Tables: metrics.KEY, params.KEY, tags.KEY (the version's tag, else the model's),
  version.tags.KEY, model.tags.KEY. Put a key with other characters
  than letters, digits, _ and - in backticks.

Values: text in '...' or \"...\" (a quote in the text is doubled), numbers, true, false, times as
'2022-02-10' (the whole day, in UTC) or '2022-02-10T19:50:00Z'. Case matters, except in stages and user ids.
Deleted versions are omitted unless the filter names `deleted`.";

/// A parsed filter. Its `Display` form is canonical and parses to the same filter.
///
/// ```
/// use modelreg::model::snapshot::read_text;
/// use modelreg::model::{Filter, ModelSnapshot};
///
/// let head = "format = 1\ncreated_at = 2026-01-02T03:04:05Z\ncreated_by = 'ada@example.com'\n";
/// let version = "version = 1\nartifact.uri = 's3://models/iris/1'\nmetrics.accuracy = 0.97\n";
/// let model = ModelSnapshot {
///     file: read_text(&format!("{head}name = 'iris'\n"), "model.toml")?,
///     versions: [(1, read_text(&format!("{head}{version}"), "1.toml")?)].into(),
///     stages: Vec::new(),
/// };
/// let filter = Filter::parse("metrics.accuracy > 0.95 and stage = 'None'")?;
/// assert!(filter.matches(&model, 1));
/// assert!(Filter::parse("accuracy > ").is_err());
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    root: Option<Expr>,
}

impl Filter {
    /// Parses a filter; see the module for the language. The error has the place and a hint.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { root: parse::Parser::new(text)?.filter()? })
    }

    /// Whether a version of the model passes. False if the model does not have the version.
    pub fn matches(&self, model: &ModelSnapshot, version: u64) -> bool {
        Row::of_version(model, version).is_some_and(|row| self.takes(row))
    }

    /// Whether the model itself passes, in a search of registered models. Fields that models and versions share
    /// (`project`, `description`, `tags.KEY`, `created_at`, `created_by`, `last_modified`) are then the model's, and
    /// fields of versions are missing.
    pub fn matches_model(&self, model: &ModelSnapshot) -> bool {
        self.takes(Row::of_model(model))
    }

    /// The fields of all comparisons, in the order of the text.
    pub fn fields(&self) -> Vec<&Field> {
        let mut fields = Vec::new();
        if let Some(root) = &self.root {
            root.each_field(&mut |field| fields.push(field));
        }
        fields
    }

    fn takes(&self, row: Row<'_>) -> bool {
        if row.is_deleted() && !self.fields().contains(&&Field::Plain(Plain::Deleted)) {
            return false;
        }
        self.root.as_ref().is_none_or(|root| root.holds(row) == Some(true))
    }
}

impl FromStr for Filter {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.as_ref().map_or(Ok(()), |root| root.fmt(f))
    }
}
