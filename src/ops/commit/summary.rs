//! The summary of a commit for the user. The command line and the pages render the same lines.

use super::done::Reach;
use crate::store::Oid;

/// The summary of a commit for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The commit's subject.
    pub subject: String,
    /// The commit's id.
    pub commit: String,
    /// The branch of the commit.
    pub branch: String,
    /// Whether an earlier run made the commit.
    pub earlier: bool,
    /// Whether the commit asks for a review, so that nothing has changed yet.
    pub requested: bool,
    /// Who has the commit.
    pub reach: Reach,
    /// More lines: clauses without a capital letter and without a full stop.
    pub lines: Vec<String>,
    /// Problems that did not prevent the commit.
    pub warnings: Vec<Warning>,
    /// The git command that publishes the change, if the change is only in this clone.
    pub push: Option<String>,
    /// Suggested next commands.
    pub next: Vec<String>,
}

/// A problem that did not prevent the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The problem.
    pub text: String,
    /// What to do about the problem.
    pub hint: Option<String>,
}

impl Summary {
    pub(super) fn new(subject: String, commit: Oid, branch: String, earlier: bool, reach: Reach) -> Self {
        let commit = commit.to_string();
        let push = match &reach {
            Reach::OnlyHere { publish, .. } => Some(publish.clone()),
            Reach::NoRemote | Reach::Pushed { .. } => None,
        };
        let (lines, warnings, next) = (Vec::new(), Vec::new(), Vec::new());
        Self { subject, commit, branch, earlier, requested: false, reach, lines, warnings, push, next }
    }

    /// The title: what was done, or only requested.
    pub fn title(&self) -> String {
        if self.requested { format!("Requested: {}", self.subject) } else { self.subject.clone() }
    }

    /// The commit, its branch, and who has it.
    pub fn place(&self) -> String {
        let (commit, branch) = (&self.commit[..10], &self.branch);
        match &self.reach {
            Reach::NoRemote => format!("{commit} on {branch}"),
            Reach::Pushed { remote } => format!("{commit} on {branch}, pushed to {remote}"),
            Reach::OnlyHere { .. } => format!("{commit} on {branch}, only in this clone"),
        }
    }

    /// Adds a line.
    pub(in crate::ops) fn line(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, text: impl Into<String>, hint: Option<String>) {
        self.warnings.push(Warning { text: text.into(), hint });
    }

    /// Adds a suggested next command.
    pub(in crate::ops) fn next(&mut self, command: impl Into<String>) {
        self.next.push(command.into());
    }
}
