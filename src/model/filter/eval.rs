//! The evaluation of a filter: the values of a version's fields, and whether the version passes.

use std::cmp::Ordering;

use super::expr::{Expr, Sign, Test, Value};
use super::field::{Field, Kind, Plain, Table};
use crate::model::name::STAGE_ARCHIVED;
use crate::model::registered_model::RegisteredModel;
use crate::model::scalar::{Number, Scalar};
use crate::model::snapshot::ModelSnapshot;
use crate::model::text::UserId;
use crate::model::time::Timestamp;
use crate::model::version::Manifest;

/// A row of a search: a version of a model, or a model.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) model: &'a ModelSnapshot,
    pub(super) version: Option<(u64, &'a Manifest)>,
}

/// A value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Datum<'a> {
    Number(Number),
    Time(Timestamp),
    Boolean(bool),
    Text(&'a str),
}

impl<'a> Row<'a> {
    /// A row for a version; none if the model does not have the version.
    pub(super) fn of_version(model: &'a ModelSnapshot, version: u64) -> Option<Self> {
        model.versions.get(&version).map(|manifest| Self { model, version: Some((version, manifest)) })
    }

    /// A row for a model.
    pub(super) fn of_model(model: &'a ModelSnapshot) -> Self {
        Self { model, version: None }
    }

    /// Whether the version or its model is deleted.
    pub(super) fn is_deleted(self) -> bool {
        self.model.file.deleted.is_some() || self.version.is_some_and(|(_, manifest)| manifest.deleted.is_some())
    }

    /// The values of a field: empty if missing, several for a field such as `alias`.
    pub(super) fn values(self, field: &Field) -> Vec<Datum<'a>> {
        match field {
            Field::Plain(plain) => match self.of_the_model(*plain) {
                Some(values) => values,
                None => self.version.map_or_else(Vec::new, |(n, manifest)| self.of_the_version(*plain, n, manifest)),
            },
            Field::Keyed(table, key) => self.entry(*table, key).into_iter().collect(),
        }
    }

    /// The values of a field of the model; `None` for a field of versions. In a row for a model, the fields that models
    /// and versions share are the model's.
    fn of_the_model(self, plain: Plain) -> Option<Vec<Datum<'a>>> {
        let file: &'a RegisteredModel = &self.model.file;
        let alone = self.version.is_none();
        Some(match plain {
            Plain::Name => vec![Datum::Text(file.name.as_str())],
            Plain::Owner => file.owners.iter().map(|owner| Datum::Text(owner.as_str())).collect(),
            Plain::Deleted => vec![Datum::Boolean(self.is_deleted())],
            Plain::ModelProject => texts(file.project.as_ref().map(AsRef::as_ref)),
            Plain::ModelDescription => texts(file.description.as_ref().map(AsRef::as_ref)),
            Plain::ModelCreatedAt => vec![Datum::Time(file.created_at)],
            Plain::ModelCreatedBy => vec![Datum::Text(file.created_by.as_str())],
            Plain::ModelLastModified => vec![Datum::Time(self.model.last_modified())],
            Plain::Project if alone => return self.of_the_model(Plain::ModelProject),
            Plain::Description if alone => return self.of_the_model(Plain::ModelDescription),
            Plain::CreatedAt if alone => return self.of_the_model(Plain::ModelCreatedAt),
            Plain::CreatedBy if alone => return self.of_the_model(Plain::ModelCreatedBy),
            Plain::LastModified if alone => return self.of_the_model(Plain::ModelLastModified),
            _ => return None,
        })
    }

    fn of_the_version(self, plain: Plain, version: u64, manifest: &'a Manifest) -> Vec<Datum<'a>> {
        let (artifact, lineage) = (&manifest.artifact, &manifest.lineage);
        match plain {
            Plain::Version => vec![whole(version)],
            Plain::Stage => texts(self.model.stages_of(version)),
            Plain::Archived => vec![Datum::Boolean(self.model.stage_of(version) == STAGE_ARCHIVED)],
            Plain::Alias => self.model.file.aliases_of(version).into_iter().map(Datum::Text).collect(),
            Plain::Project => {
                let project = manifest.project.as_ref().or(self.model.file.project.as_ref());
                texts(project.map(AsRef::as_ref))
            }
            Plain::Environment => texts(manifest.environment.as_ref().map(AsRef::as_ref)),
            Plain::Description => texts(manifest.description.as_ref().map(AsRef::as_ref)),
            Plain::CreatedAt => vec![Datum::Time(manifest.created_at)],
            Plain::CreatedBy => texts(Some(UserId::as_str(&manifest.created_by))),
            Plain::LastModified => self.model.version_modified(version).map(Datum::Time).into_iter().collect(),
            Plain::Uri => texts(Some(artifact.uri.as_str())),
            Plain::Flavor => texts(artifact.flavor.as_ref().map(AsRef::as_ref)),
            Plain::Digest => texts(artifact.digest.as_ref().map(AsRef::as_ref)),
            Plain::Size => artifact.size.map(whole).into_iter().collect(),
            Plain::RunId => texts(lineage.run_id.as_ref().map(AsRef::as_ref)),
            Plain::Experiment => texts(lineage.experiment.as_ref().map(AsRef::as_ref)),
            Plain::Commit => texts(lineage.code.as_ref().map(|code| code.commit.as_ref())),
            Plain::Parent => texts(lineage.parent.as_ref().map(AsRef::as_ref)),
            Plain::Dataset => {
                let parts = lineage.datasets.iter().flat_map(|dataset| {
                    let (uri, digest) = (dataset.uri.as_ref(), dataset.digest.as_ref());
                    [Some(dataset.name.as_str()), uri.map(AsRef::as_ref), digest.map(AsRef::as_ref)]
                });
                texts(parts.flatten())
            }
            // Fields of the model, handled by `of_the_model`.
            Plain::Name
            | Plain::Owner
            | Plain::Deleted
            | Plain::ModelProject
            | Plain::ModelDescription
            | Plain::ModelCreatedAt
            | Plain::ModelCreatedBy
            | Plain::ModelLastModified => Vec::new(),
        }
    }

    fn entry(self, table: Table, key: &str) -> Option<Datum<'a>> {
        let manifest = self.version.map(|(_, manifest)| manifest);
        let models = || self.model.file.tags.get(key).map(|text| Datum::Text(text.as_str()));
        let versions = || Some(Datum::Text(manifest?.tags.get(key)?.as_str()));
        match table {
            Table::Tags => versions().or_else(models),
            Table::ModelTags => models(),
            Table::VersionTags => versions(),
            Table::Metrics => manifest?.metrics.get(key).copied().map(Datum::Number),
            Table::Params => manifest?.params.get(key).map(|param| match param {
                Scalar::Integer(n) => Datum::Number(Number::Integer(*n)),
                Scalar::Float(x) => Datum::Number(Number::Float(*x)),
                Scalar::Boolean(b) => Datum::Boolean(*b),
                Scalar::String(text) => Datum::Text(text),
            }),
        }
    }
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Datum<'a>> {
    texts.into_iter().map(Datum::Text).collect()
}

/// Sizes and version numbers beyond 2^63 do not occur: TOML has no such integers.
fn whole<'a>(n: u64) -> Datum<'a> {
    Datum::Number(Number::Integer(i64::try_from(n).unwrap_or(i64::MAX)))
}

impl Datum<'_> {
    /// A total order over all kinds: numbers, times, booleans, texts.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let rank = |datum: &Self| match datum {
            Self::Number(_) => 0,
            Self::Time(_) => 1,
            Self::Boolean(_) => 2,
            Self::Text(_) => 3,
        };
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.compare(*b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => rank(self).cmp(&rank(other)),
        }
    }

    /// The order of the datum relative to the value; none if the two cannot be compared.
    fn place(&self, value: &Value, kind: Kind) -> Option<Ordering> {
        Some(match (self, value) {
            (Self::Text(a), Value::Text(b)) if kind == Kind::Folded && a.eq_ignore_ascii_case(b) => Ordering::Equal,
            (Self::Text(a), Value::Text(b)) => (*a).cmp(b),
            // `nan` is neither more nor less than a number.
            (Self::Number(a), Value::Number(b)) if a.is_nan() != b.is_nan() => return None,
            (Self::Number(a), Value::Number(b)) => a.compare(*b),
            (Self::Boolean(a), Value::Boolean(b)) => a.cmp(b),
            (Self::Time(a), Value::Time(b)) => b.place(*a),
            // Params and tags: a text that is a number or a boolean counts as one, on either side.
            (Self::Text(a), Value::Number(b)) => Number::parse(a)?.compare(*b),
            (Self::Number(a), Value::Text(b)) => a.compare(Number::parse(b)?),
            (Self::Text(a), Value::Boolean(b)) => a.to_ascii_lowercase().parse::<bool>().ok()?.cmp(b),
            (Self::Boolean(a), Value::Text(b)) => a.cmp(&b.to_ascii_lowercase().parse().ok()?),
            _ => return None,
        })
    }

    /// Whether the comparison is true. The caller handles `!=`.
    fn holds(&self, sign: Sign, value: &Value, kind: Kind) -> bool {
        let place = self.place(value, kind);
        match sign {
            Sign::Equal | Sign::NotEqual => place == Some(Ordering::Equal),
            Sign::Less => place.is_some_and(Ordering::is_lt),
            Sign::LessOrEqual => place.is_some_and(Ordering::is_le),
            Sign::Greater => place.is_some_and(Ordering::is_gt),
            Sign::GreaterOrEqual => place.is_some_and(Ordering::is_ge),
        }
    }
}

impl Expr {
    /// Whether the row passes: true, false, or unknown because of a missing value. As in SQL, NOT of unknown is
    /// unknown, and AND and OR are known if the other operands decide.
    pub(super) fn holds(&self, row: Row<'_>) -> Option<bool> {
        match self {
            Self::And(parts) => decided(parts, row, false),
            Self::Or(parts) => decided(parts, row, true),
            Self::Not(inner) => inner.holds(row).map(|holds| !holds),
            Self::Term(field, test) => test.holds(&row.values(field), field.kind()),
        }
    }
}

/// `decisive` if one operand is; else unknown if one operand is unknown.
fn decided(parts: &[Expr], row: Row<'_>, decisive: bool) -> Option<bool> {
    let mut answer = Some(!decisive);
    for part in parts {
        match part.holds(row) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

impl Test {
    fn holds(&self, data: &[Datum<'_>], kind: Kind) -> Option<bool> {
        if let Self::Null { negated } = self {
            return Some(data.is_empty() != *negated);
        }
        if data.is_empty() {
            return None;
        }
        let any = |fits: &dyn Fn(&Datum<'_>) -> bool| data.iter().any(fits);
        // A negated test requires that none of several values matches.
        Some(match self {
            Self::Null { negated } => data.is_empty() != *negated,
            Self::Compare(sign, value) => any(&|datum| datum.holds(*sign, value, kind)) != (*sign == Sign::NotEqual),
            Self::In { values, negated } => {
                any(&|datum| values.iter().any(|value| datum.holds(Sign::Equal, value, kind))) != *negated
            }
            Self::Like { pattern, negated } => {
                let fits = |datum: &Datum<'_>| match datum {
                    Datum::Text(text) => pattern.matches(text),
                    Datum::Number(number) => pattern.matches(&number.to_string()),
                    Datum::Boolean(b) => pattern.matches(&b.to_string()),
                    Datum::Time(_) => false,
                };
                any(&fits) != *negated
            }
        })
    }
}
