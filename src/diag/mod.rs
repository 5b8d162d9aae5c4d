//! Findings: the message, place, rule and hint of each error or warning. One table has all codes; each output format
//! has its own file. No I/O.

pub mod code;
pub mod codes;
pub mod explain;
pub mod place;
pub mod render;
pub mod sanitize;

use std::sync::Arc;

use self::codes::change::APPROVALS_MISSING;
use crate::model::gates::GateResult;

pub use code::{Code, Severity};
pub use place::{KeyStep, Place};

/// A broken rule at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub code: &'static Code,
    /// The path relative to the registry's folder; empty for the registry as a whole.
    pub file: String,
    /// The position in the file; none for the whole file.
    pub place: Option<Place>,
    /// What is wrong, with the actual values: a sentence without its full stop.
    pub message: String,
    /// What to do about it: an instruction without its full stop.
    pub hint: String,
    /// The file's text, shared by all its findings; none if the file could not be read.
    pub source: Option<Arc<str>>,
}

/// All findings of a check, in the order of files and places.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The findings.
    pub findings: Vec<Finding>,
    /// The number of files read.
    pub files: usize,
    /// The policy's requirements for each version that a change moves into a stage, with their results.
    pub gates: Vec<Gated>,
}

/// The policy's requirements for a version that enters a stage, with their results.
#[derive(Debug, Clone, PartialEq)]
pub struct Gated {
    /// The model.
    pub model: String,
    /// The stage.
    pub stage: String,
    /// The version that enters.
    pub version: u64,
    /// The version in the stage now.
    pub from: Option<u64>,
    /// One result per requirement, in the policy's order.
    pub results: Vec<GateResult>,
}

/// The result of checking a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No error.
    Passes,
    /// The only errors are missing approvals. A request may stay open in this state, but cannot land.
    AwaitsApprovals,
    /// An error other than missing approvals.
    Breaks,
}

impl Finding {
    /// Whether the finding reports missing approvals.
    pub fn is_missing_approvals(&self) -> bool {
        self.code.id == APPROVALS_MISSING.id
    }
}

impl Report {
    /// Whether the change may land, waits for approvals, or breaks rules.
    pub fn verdict(&self) -> Verdict {
        if self.errors_but_missing_approvals().next().is_some() {
            Verdict::Breaks
        } else if self.errors() > 0 {
            Verdict::AwaitsApprovals
        } else {
            Verdict::Passes
        }
    }

    /// The errors other than missing approvals.
    pub fn errors_but_missing_approvals(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.code.severity == Severity::Error && !f.is_missing_approvals())
    }

    /// The report without missing approvals, for a new request, which is approved later.
    pub fn without_missing_approvals(mut self) -> Self {
        self.findings.retain(|finding| !finding.is_missing_approvals());
        self
    }

    /// The number of errors.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|f| f.code.severity == Severity::Error).count()
    }

    /// The number of warnings.
    pub fn warnings(&self) -> usize {
        self.findings.len() - self.errors()
    }

    /// Adds another report.
    pub fn merge(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.files += other.files;
        self.gates.extend(other.gates);
    }

    /// Sorts the findings by file, place and code, and removes duplicates.
    pub fn sort(&mut self) {
        let key = |f: &Finding| (f.file.clone(), f.place.map(|p| p.start), f.code.id, f.message.clone());
        self.findings.sort_by_cached_key(key);
        self.findings.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::codes::change::{APPROVAL_NOT_COUNTED, GATE_NOT_MET};
    use super::*;

    fn report(codes: &[&'static Code]) -> Report {
        let finding = |code: &&'static Code| Finding {
            code,
            file: String::new(),
            place: None,
            message: String::new(),
            hint: String::new(),
            source: None,
        };
        Report { findings: codes.iter().map(finding).collect(), ..Report::default() }
    }

    #[test]
    fn missing_approvals_alone_break_nothing() {
        assert_eq!(report(&[]).verdict(), Verdict::Passes);
        assert_eq!(report(&[&APPROVAL_NOT_COUNTED]).verdict(), Verdict::Breaks);
        assert_eq!(report(&[&APPROVALS_MISSING]).verdict(), Verdict::AwaitsApprovals);
        assert_eq!(report(&[&APPROVALS_MISSING, &GATE_NOT_MET]).verdict(), Verdict::Breaks);
        assert_eq!(report(&[&GATE_NOT_MET]).verdict(), Verdict::Breaks);
        let left = report(&[&APPROVALS_MISSING, &GATE_NOT_MET]).without_missing_approvals();
        assert_eq!(left, report(&[&GATE_NOT_MET]));
    }
}
