//! A committed change.

use super::summary::Summary;
use crate::store::{Behind, Oid, Receipt};

/// Who has a commit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Reach {
    /// The repository has no remote, so the commit is where it belongs.
    NoRemote,
    /// The remote has the commit.
    Pushed {
        /// The remote.
        remote: String,
    },
    /// Only this clone has the commit.
    OnlyHere {
        /// The remote that does not have the commit.
        remote: String,
        /// The command that publishes the commit.
        publish: String,
    },
}

/// The maximum number of the registry's earlier findings that are told.
const SHOWN: usize = 3;

/// A committed change.
#[derive(Debug)]
pub struct Done<T> {
    /// The command's result.
    pub value: T,
    /// The commit.
    pub commit: Oid,
    /// The branch of the commit.
    pub branch: String,
    /// The commit's subject.
    pub subject: String,
    /// Checked-out files that were not updated to the commit.
    pub behind: Behind,
    /// Findings in other files, which the registry had before.
    pub broken_before: Vec<String>,
    /// Whether an earlier run of the same command made the commit but was stopped before it could report it.
    pub earlier: bool,
    /// Who has the commit.
    pub reach: Reach,
    /// The remote's answer to the push.
    pub said: String,
    /// To be acknowledged after the commit has been reported. Until then, the same command run again counts as a retry.
    pub receipt: Receipt,
}

impl<T> Done<T> {
    /// What there is to say of the commit itself, and the parts that the caller still needs.
    pub fn into_commit_summary(self) -> (Summary, T, Receipt) {
        let Self { value, commit, branch, subject, behind, earlier, reach, said: _, receipt, broken_before } = self;
        let mut summary = Summary::new(subject, commit, branch, earlier, reach);
        for left in &behind.left {
            summary.warn(left.to_string(), left.hint());
        }
        if let Some((why, hint)) = behind.failed {
            summary.warn(format!("the commit is safe, but {why}"), Some(hint));
        }
        let hint = || Some("`modelreg validate` lists all findings of the registry".to_owned());
        for finding in broken_before.iter().take(SHOWN) {
            summary.warn(finding.clone(), hint());
        }
        if let Some(more) = broken_before.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            summary.warn(format!("{more} more findings that the registry had before"), hint());
        }
        (summary, value, receipt)
    }
}
