//! A change that is committed.

use super::summary::Summary;
use crate::store::{Behind, Oid, Receipt};

/// A change that is committed.
#[derive(Debug)]
pub struct Done<T> {
    /// The command's result.
    pub value: T,
    /// The commit.
    pub commit: Oid,
    /// The branch that holds the commit.
    pub branch: String,
    /// The commit's subject.
    pub subject: String,
    /// Checked-out files that are still at the earlier commit.
    pub behind: Behind,
    /// Whether an earlier run of the same command made the commit and was stopped before it could say so.
    pub earlier: bool,
    /// The remote's answer to the push.
    pub said: String,
    /// Acknowledge this once the user knows of the commit; else the same command, run next, is taken for a retry.
    pub receipt: Receipt,
}

impl<T> Done<T> {
    /// What there is to say of the commit itself, and the parts that the caller still needs.
    pub fn summary(self) -> (Summary, T, Receipt) {
        let Self { value, commit, branch, subject, behind, earlier, said: _, receipt } = self;
        let mut summary = Summary::new(subject, commit, branch, earlier);
        for left in &behind.left {
            summary.warn(left.to_string(), left.hint());
        }
        if let Some((why, hint)) = behind.failed {
            let text = format!("the commit is safe, but the checked-out files could not be brought up to date: {why}");
            summary.warn(text, Some(hint));
        }
        (summary, value, receipt)
    }
}
