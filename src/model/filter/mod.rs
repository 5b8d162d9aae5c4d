//! The filter of `modelreg search`: which versions a question means.
//!
//! The language is that of SQL's WHERE, and it takes every filter that MLflow's registry takes. Its grammar, with
//! keywords in either case:
//!
//! ```text
//! filter  := [ any ]                                      -- an empty filter takes every version
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
//! text    := '...' | "..."                                -- a quote within is written twice
//! number  := [ + | - ] digits [ . digits ] [ e [ + | - ] digits ]
//! order   := [ field [ ASC | DESC ] { ',' field [ ASC | DESC ] } ]
//! ```
//!
//! # Fields
//!
//! A bare name means the version's own (`created_at`), and `model.` before it the model's (`model.created_at`).
//! `project` and `tags.KEY` are the version's, and the model's where the version has none; `model.project`,
//! `model.tags.KEY` and `version.tags.KEY` look at one of the two alone. [`HELP`] lists every field. Names that MLflow
//! gives to the same things are read too: `version_number`, `source_path`, `current_stage`, `creation_timestamp`,
//! `last_updated_timestamp` and `timestamp`, `user_id`, `tag.`, `metric.`, `param.`, `parameter.`, `parameters.`.
//!
//! # Meaning
//!
//! - A missing value passes no comparison, not even `!=` or `NOT IN`; only `IS NULL` finds it. As in SQL, `NOT` does
//!   not change that: `NOT metrics.accuracy < 0.9` asks for what `metrics.accuracy >= 0.9` asks for.
//! - Of several values (owner, alias, dataset) one that fits is enough. `!=`, `NOT IN` and `NOT LIKE` ask that there is
//!   a value and none fits.
//! - Text is compared by its bytes, so case counts. Stages and user ids (`stage`, `owner`, `created_by`,
//!   `model.created_by`) have no order, and their case does not count.
//! - A number may stand in quotes. A param or tag is text, a number or a boolean as the version has it: what reads as a
//!   number is compared as one with a number, and what does not is neither equal to it, nor less, nor greater.
//! - A time is as long as it is written: `'2022-02-10'` is that day in UTC, `'2022-02-10 19:50:00'` that second, and one
//!   with a fraction its millisecond; a bare number is a millisecond since 1970, as MLflow writes times.
//!   `=` asks for a time within that stretch, `<` for one before it, `<=` for one before its end, `>` for one after it,
//!   `>=` for one from its start on.
//! - `LIKE` fits the whole text: `%` is any run of characters, `_` one. `ILIKE` is the same in either case. There is no
//!   escape: `_` stands for an underscore among others.
//! - Deleted versions, and those of deleted models, never pass, unless the filter names `deleted`.
//!
//! # Limits
//!
//! [`MAX_TEXT`], [`MAX_DEPTH`] and [`MAX_TERMS`]; what exceeds them is an error like any other.

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

/// The longest text of a filter or an order, in bytes.
pub const MAX_TEXT: usize = 10_000;
/// How deep brackets and NOTs may be nested.
pub const MAX_DEPTH: usize = 64;
/// The most comparisons of a filter; each value of an `IN` counts as one more.
pub const MAX_TERMS: usize = 1_000;

/// The language on one screen, for the command line's long help.
pub const HELP: &str = "\
A filter compares fields with values and joins comparisons with AND, OR, NOT and brackets:

  stage = 'Production' AND metrics.accuracy >= 0.9
  name LIKE 'iris%' AND NOT (flavor IN ('sklearn', 'xgboost') OR owner = 'ada@example.com')
  created_at >= '2022-02-01' AND tags.`data set` IS NOT NULL

Comparisons: = != < <= > >=, [NOT] LIKE and ILIKE (% any run, _ one character; ILIKE ignores case),
[NOT] IN (...), IS [NOT] NULL. A missing value passes none but IS NULL.

Fields of the version:
  name, version, stage, alias, project, environment, description, created_at, created_by,
  last_modified, uri, flavor, digest, size (bytes), run_id, experiment, commit, parent,
  dataset, archived, deleted
Fields of its model:
  owner, model.project, model.description, model.created_at, model.created_by,
  model.last_modified
Tables: metrics.KEY, params.KEY, tags.KEY (the version's tag, else the model's),
  version.tags.KEY, model.tags.KEY. A key with other than letters, digits, _ and - stands in backticks.

Values: text in '...' or \"...\" (a quote within is written twice), numbers, true, false, times as
'2022-02-10' (the whole day, in UTC) or '2022-02-10T19:50:00Z'. Case counts, but not in stages and user ids.
Deleted versions are left out unless the filter names `deleted`.";

/// Which versions a question means.
///
/// Written out, it takes a canonical form, which reads back as the same filter.
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
    /// Reads a filter; the module's page has the language. The error says where, why, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { root: parse::Parser::new(text)?.filter()? })
    }

    /// Whether a version of the model passes. A version that the model does not have never does.
    pub fn matches(&self, model: &ModelSnapshot, version: u64) -> bool {
        Row::of_version(model, version).is_some_and(|row| self.takes(row))
    }

    /// Whether the model by itself passes, as in a search of registered models. Fields that it shares with its versions
    /// (`project`, `description`, `tags.KEY`, `created_at`, `created_by`, `last_modified`) are then its own, and fields
    /// that only versions have are missing.
    pub fn matches_model(&self, model: &ModelSnapshot) -> bool {
        self.takes(Row::of_model(model))
    }

    /// The field of every comparison, in the order of the text.
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
