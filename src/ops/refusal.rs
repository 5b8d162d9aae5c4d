//! A command that was understood and refused: why, and what to do instead. Nothing was written.

use crate::diag::Report;
use crate::model::Invalid;

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
