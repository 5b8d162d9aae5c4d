//! A review request and its state.

use crate::check::Count;
use crate::diag::{Report, Verdict};
use crate::model::{Move, RequestId, Review};
use crate::store::Oid;

/// A move that awaits approval.
#[derive(Debug)]
pub struct Request {
    /// The request's id.
    pub id: RequestId,
    /// The move's journal entry.
    pub entry: Move,
    /// The position of the entry in the journal, from 1.
    pub place: usize,
    /// The review that the stage requires.
    pub review: Review,
    /// The approvals that count, and the people whose approval would count.
    pub count: Count,
    /// Whether the move is open on a branch or has landed.
    pub standing: Standing,
}

/// The place of a move that awaits approval.
#[derive(Debug)]
pub enum Standing {
    /// Open, on the request's branch.
    Open(Box<OpenRequest>),
    /// Already on the registry's branch, as an emergency.
    Landed,
}

/// A request that has not landed.
#[derive(Debug)]
pub struct OpenRequest {
    /// The remote that has the request's branch; none for a branch of this clone.
    pub remote: Option<String>,
    /// The branch's commit.
    pub commit: Oid,
    /// The command that pushes the branch, if it has commits that only this clone has.
    pub only_here: Option<String>,
    /// Why the request is stale: it cannot land and must be made again.
    pub stale: Option<String>,
    /// The rules' findings in the merge result, including missing approvals.
    pub report: Report,
    /// The other files that the branch changes. No approval covers them.
    pub also_changes: Vec<String>,
}

impl OpenRequest {
    /// Whether there are findings other than missing approvals.
    pub fn has_other_findings(&self) -> bool {
        self.report.findings.iter().any(|finding| !finding.is_missing_approvals())
    }
}

/// The state of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Only approvals are missing.
    AwaitsApproval,
    /// The request can land now.
    Ready,
    /// The request conflicts with a later change of the registry's branch and must be made again.
    Stale,
    /// The merge result breaks rules.
    BreaksRules,
    /// The move has landed as an emergency and awaits approval.
    Emergency,
}

impl Request {
    /// The open request; none for a landed emergency.
    pub fn open(&self) -> Option<&OpenRequest> {
        match &self.standing {
            Standing::Open(open) => Some(open),
            Standing::Landed => None,
        }
    }

    /// Whether the move has landed as an emergency.
    pub fn has_landed(&self) -> bool {
        matches!(self.standing, Standing::Landed)
    }

    /// Why the request is stale and must be made again; none if it is not stale.
    pub fn stale(&self) -> Option<&str> {
        self.open()?.stale.as_deref()
    }

    /// Whether the request can land now.
    pub fn ready(&self) -> bool {
        self.state() == State::Ready
    }

    /// The request's state.
    pub fn state(&self) -> State {
        let Some(open) = self.open() else { return State::Emergency };
        if open.stale.is_some() {
            return State::Stale;
        }
        match open.report.verdict() {
            Verdict::Passes => State::Ready,
            Verdict::AwaitsApprovals => State::AwaitsApproval,
            Verdict::Breaks => State::BreaksRules,
        }
    }

    /// The move in one line.
    pub fn in_words(&self) -> String {
        self.id.in_words(self.entry.action, self.entry.from)
    }
}
