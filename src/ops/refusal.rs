//! Refused commands, and the report of any error to the user.

use super::{ArtifactError, StoreError};
use crate::diag::Report;
use crate::model::{Invalid, Unreadable};

/// A command that was understood and refused, before anything was written.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct Refusal {
    /// The reason.
    pub why: String,
    /// The hint: what to do instead.
    pub hint: Option<String>,
    /// The rules' findings in the planned change.
    pub report: Option<Report>,
}

impl Refusal {
    /// A refusal with a hint.
    pub fn new(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: Some(hint.into()), report: None }
    }

    /// A change that would break the registry's rules.
    pub fn by_rules(report: Report) -> Self {
        let hint = "fix the findings and run the command again; `modelreg explain CODE` explains each".to_owned();
        Self { why: "the change would break the registry's rules".into(), hint: Some(hint), report: Some(report) }
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::new(invalid.why, invalid.hint)
    }
}

/// An error as the terminal and the pages show it.
#[derive(Debug)]
pub struct ErrorReport<'e> {
    /// The error with its causes.
    pub why: String,
    /// What to do about the error.
    pub hint: Option<String>,
    /// The rules' findings.
    pub report: Option<&'e Report>,
    /// Whether the command was understood and refused; otherwise its environment failed.
    pub refused: bool,
}

impl<'e> ErrorReport<'e> {
    /// Reads an error of any operation.
    pub fn of(error: &'e anyhow::Error) -> Self {
        let mut shown = Self { why: with_causes(error), hint: None, report: None, refused: true };
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            (shown.hint, shown.report) = (refusal.hint.clone(), refusal.report.as_ref());
        } else if let Some(invalid) = error.downcast_ref::<Invalid>() {
            shown.hint = Some(invalid.hint.clone());
        } else if error.is::<Unreadable>() {
            shown.hint = Some("`modelreg validate` lists all errors in the file".into());
        } else if let Some(artifact) = error.downcast_ref::<ArtifactError>() {
            shown.hint = artifact.hint();
        } else {
            shown.refused = false;
            shown.hint = error.downcast_ref::<StoreError>().and_then(StoreError::hint);
        }
        shown
    }
}

/// The error with its causes. A cause that the error's own text contains already is not repeated.
fn with_causes(error: &anyhow::Error) -> String {
    error
        .chain()
        .skip(1)
        .map(ToString::to_string)
        .fold(error.to_string(), |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") })
}
