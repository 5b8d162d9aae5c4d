//! A review request and its state.

use crate::check::Count;
use crate::diag::{Report, Verdict};
use crate::model::{Move, RequestId, Review};
use crate::store::Oid;

/// A move that awaits its approval.
#[derive(Debug)]
pub struct Request {
    /// The request's id.
    pub id: RequestId,
    /// The move's journal entry.
    pub entry: Move,
    /// The entry's place in the journal, from 1.
    pub place: usize,
    /// The review that the stage wants.
    pub review: Review,
    /// The approvals that count, and the people whose approval would count.
    pub count: Count,
    /// Whether the move is still on a branch.
    pub standing: Standing,
}

/// Where a move is while it awaits its approval.
#[derive(Debug)]
pub enum Standing {
    /// On a branch of its own.
    Open(Box<OpenRequest>),
    /// On the registry's branch already, as an emergency.
    Landed,
}

/// What is known of a request that has not landed.
#[derive(Debug)]
pub struct OpenRequest {
    /// The remote that has the request's branch; none for a branch of this clone.
    pub remote: Option<String>,
    /// The branch's commit.
    pub commit: Oid,
    /// Why the request cannot land any more and must be made again.
    pub stale: Option<String>,
    /// What the rules find in the merge result, missing approvals included.
    pub report: Report,
    /// Files that the branch changes beside the stage's file. No approval covers them.
    pub also_changes: Vec<String>,
}

impl OpenRequest {
    /// Whether the rules find anything beside missing approvals.
    pub fn has_other_findings(&self) -> bool {
        self.report.findings.iter().any(|finding| !finding.is_missing_approvals())
    }
}

/// The state of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Approvals are missing, and nothing else.
    AwaitsApproval,
    /// The request can land now.
    Ready,
    /// The pointer was moved meanwhile: the request must be made again.
    Stale,
    /// The merge result breaks rules.
    BreaksRules,
    /// The move has landed as an emergency and awaits its approval.
    Emergency,
}

impl Request {
    /// The open request; none for an emergency that has landed.
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

    /// Why the request must be made again; none where it need not.
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

    /// The move in a line.
    pub fn in_words(&self) -> String {
        self.id.in_words(self.entry.action, self.entry.from)
    }
}
