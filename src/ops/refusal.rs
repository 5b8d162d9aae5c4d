//! A command that was understood and refused: why, and what to do instead. Nothing was written. And how any error is told.

use super::{ArtifactError, StoreError};
use crate::diag::Report;
use crate::model::{Invalid, Unreadable};

/// A command that was understood and refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct Refusal {
    /// Why.
    pub why: String,
    /// What to do instead.
    pub hint: Option<String>,
    /// What the rules found in the planned change.
    pub report: Option<Report>,
}

impl Refusal {
    /// A refusal with its hint.
    pub fn new(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: Some(hint.into()), report: None }
    }

    /// A change that would break the registry's rules.
    pub fn by_rules(report: Report) -> Self {
        let hint = "fix the findings, and run the command again; `modelreg explain CODE` tells more".to_owned();
        Self { why: "the change would break the registry's rules".into(), hint: Some(hint), report: Some(report) }
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::new(invalid.why, invalid.hint)
    }
}

/// An error as whoever asked is told of it.
#[derive(Debug)]
pub struct Told<'e> {
    /// What is wrong, with its causes.
    pub why: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What the rules found.
    pub report: Option<&'e Report>,
    /// Whether it was understood and refused; else the environment failed.
    pub refused: bool,
}

impl<'e> Told<'e> {
    /// Reads an error of any operation.
    pub fn of(error: &'e anyhow::Error) -> Self {
        let mut told = Self { why: with_causes(error), hint: None, report: None, refused: true };
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            (told.hint, told.report) = (refusal.hint.clone(), refusal.report.as_ref());
        } else if let Some(invalid) = error.downcast_ref::<Invalid>() {
            told.hint = Some(invalid.hint.clone());
        } else if error.is::<Unreadable>() {
            told.hint = Some("`modelreg validate` says all that is wrong with it".into());
        } else if let Some(artifact) = error.downcast_ref::<ArtifactError>() {
            told.hint = artifact.hint();
        } else {
            told.refused = false;
            told.hint = error.downcast_ref::<StoreError>().and_then(StoreError::hint);
        }
        told
    }
}

/// The error with its causes, each said once: some errors' own text has the cause in it.
fn with_causes(error: &anyhow::Error) -> String {
    error
        .chain()
        .skip(1)
        .map(ToString::to_string)
        .fold(error.to_string(), |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") })
}
