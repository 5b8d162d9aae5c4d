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
    pub mend: Option<String>,
    /// What the rules found in the planned change.
    pub report: Option<Report>,
}

impl Refusal {
    /// A refusal with its mend.
    pub fn new(why: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { why: why.into(), mend: Some(mend.into()), report: None }
    }

    /// A change that would break the registry's rules.
    pub fn by_rules(report: Report) -> Self {
        let mend = "mend what is found, and run the command again; `modelreg explain CODE` tells more".to_owned();
        Self { why: "the change would break the registry's rules".into(), mend: Some(mend), report: Some(report) }
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::new(invalid.why, invalid.mend)
    }
}

/// An error as whoever asked is told of it.
#[derive(Debug)]
pub struct Told<'e> {
    /// What is wrong, with its causes.
    pub why: String,
    /// What to do about it.
    pub mend: Option<String>,
    /// What the rules found.
    pub report: Option<&'e Report>,
    /// Whether it was understood and refused; else the environment failed.
    pub refused: bool,
}

impl<'e> Told<'e> {
    /// Reads an error of any operation.
    pub fn of(error: &'e anyhow::Error) -> Self {
        let mut told = Self { why: with_causes(error), mend: None, report: None, refused: true };
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            (told.mend, told.report) = (refusal.mend.clone(), refusal.report.as_ref());
        } else if let Some(invalid) = error.downcast_ref::<Invalid>() {
            told.mend = Some(invalid.mend.clone());
        } else if error.is::<Unreadable>() {
            told.mend = Some("`modelreg validate` says all that is wrong with it".into());
        } else if let Some(artifact) = error.downcast_ref::<ArtifactError>() {
            told.mend = artifact.mend();
        } else {
            told.refused = false;
            told.mend = error.downcast_ref::<StoreError>().and_then(StoreError::mend);
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
