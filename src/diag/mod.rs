//! Findings: what is wrong, where, why, and the hint. One table of codes, and each output format in a file of its own.
//! No I/O.

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

/// Something that a rule found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which rule, and how grave.
    pub code: &'static Code,
    /// The file, from the registry's folder; empty where the registry as a whole is meant.
    pub file: String,
    /// Where in the file; none where the whole file is meant.
    pub place: Option<Place>,
    /// What is wrong, with the values at hand: a sentence without its full stop.
    pub message: String,
    /// What to do about it: an instruction without its full stop.
    pub hint: String,
    /// The file's text, shared by all findings in it; none where it could not be read.
    pub source: Option<Arc<str>>,
}

/// All that the rules found, in the order of files and places.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// What was found.
    pub findings: Vec<Finding>,
    /// How many files were read.
    pub files: usize,
    /// What the policy asks of each version that a change lets into a stage.
    pub gates: Vec<Gated>,
}

/// What a policy asks of a version that enters a stage, and how that stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Gated {
    /// The model.
    pub model: String,
    /// The stage.
    pub stage: String,
    /// The version that enters.
    pub version: u64,
    /// The version that is there now.
    pub from: Option<u64>,
    /// All that is asked, in the policy's order.
    pub results: Vec<GateResult>,
}

/// What a report says of the change that was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is no error.
    Passes,
    /// Approvals are missing, and there is no other error. A request may wait in this state; nothing may land in it.
    AwaitsApprovals,
    /// There is another error than missing approvals.
    Breaks,
}

impl Finding {
    /// Whether this finding says that a move has fewer approvals than the policy wants.
    pub fn is_missing_approvals(&self) -> bool {
        self.code.id == APPROVALS_MISSING.id
    }
}

impl Report {
    /// Whether the change that was judged may land, may wait for approvals, or breaks rules.
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

    /// The same report without the findings about missing approvals, for a request: it is made to be approved later.
    pub fn without_missing_approvals(mut self) -> Self {
        self.findings.retain(|finding| !finding.is_missing_approvals());
        self
    }

    /// How many findings are errors.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|f| f.code.severity == Severity::Error).count()
    }

    /// How many findings are warnings.
    pub fn warnings(&self) -> usize {
        self.findings.len() - self.errors()
    }

    /// Adds what another run found.
    pub fn merge(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.files += other.files;
        self.gates.extend(other.gates);
    }

    /// Brings the findings into the order in which they are shown: by file, place and code.
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
        assert_eq!(report(&[&APPROVAL_NOT_COUNTED]).verdict(), Verdict::Passes);
        assert_eq!(report(&[&APPROVALS_MISSING]).verdict(), Verdict::AwaitsApprovals);
        assert_eq!(report(&[&APPROVALS_MISSING, &GATE_NOT_MET]).verdict(), Verdict::Breaks);
        assert_eq!(report(&[&GATE_NOT_MET]).verdict(), Verdict::Breaks);
        let left = report(&[&APPROVALS_MISSING, &GATE_NOT_MET]).without_missing_approvals();
        assert_eq!(left, report(&[&GATE_NOT_MET]));
    }
}
