//! What a command says of its commit. The command line and the pages render the same lines.

use crate::store::Oid;

/// What a command says of its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The commit's subject.
    pub subject: String,
    /// The commit's id, shortened.
    pub commit: String,
    /// The branch that holds the commit.
    pub branch: String,
    /// Whether an earlier run made the commit.
    pub earlier: bool,
    /// What else there is to say: clauses without a capital letter and without a full stop.
    pub lines: Vec<String>,
    /// What went wrong beside the commit.
    pub warnings: Vec<Warning>,
    /// The git command that publishes the change, where the change is in this clone alone.
    pub push: Option<String>,
    /// The commands that the user may want next.
    pub next: Vec<String>,
}

/// Something that went wrong beside the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Summary {
    pub(super) fn new(subject: String, commit: Oid, branch: String, earlier: bool) -> Self {
        let commit = commit.to_string()[..10].to_owned();
        Self { subject, commit, branch, earlier, lines: Vec::new(), warnings: Vec::new(), push: None, next: Vec::new() }
    }

    /// Adds a line.
    pub(in crate::ops) fn line(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, text: impl Into<String>, hint: Option<String>) {
        self.warnings.push(Warning { text: text.into(), hint });
    }

    /// Adds a command that the user may want next.
    pub(in crate::ops) fn next(&mut self, command: impl Into<String>) {
        self.next.push(command.into());
    }
}
