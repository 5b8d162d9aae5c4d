//! The result of making a request, and its summary.

use crate::diag::sanitize::for_shell;
use crate::model::UserId;
use crate::ops::commit::Summary;
use crate::ops::publish::push_request;

/// A request that was made.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Requested {
    /// The request's id.
    pub id: String,
    /// The request's branch.
    pub branch: String,
    /// The remote to which the branch was pushed.
    pub pushed_to: Option<String>,
    /// The remote that the user can push the branch to.
    #[serde(skip)]
    pub remote: Option<String>,
    /// The address of the pull request that was opened.
    pub pull_request: Option<String>,
    /// The forge's page on which a person can open the pull request, if the program could not open it.
    pub page: Option<String>,
    /// The error, if the pull request could not be opened, updated or recorded.
    pub warning: Option<String>,
    /// The number of approvals that the request needs.
    pub approvals_needed: usize,
    /// The users whose approval counts.
    pub approvers: Vec<UserId>,
    /// The command that moves the stage at once, if the policy allows an emergency.
    #[serde(skip)]
    pub emergency: Option<String>,
}

impl Requested {
    /// Adds the request to the summary.
    pub(in crate::ops) fn describe(&self, summary: &mut Summary) {
        summary.requested = true;
        let people: Vec<&str> = self.approvers.iter().map(UserId::as_str).collect();
        summary.line(match self.approvals_needed {
            0 if self.pushed_to.is_some() => "the review is on the forge".into(),
            0 => "the review is on the forge: push the branch and open a pull request".into(),
            1 => format!("1 approval is needed, by {}", people.join(" or ")),
            n => format!("{n} approvals are needed, by {}", people.join(", ")),
        });
        if let Some(address) = &self.pull_request {
            summary.line(format!("pull request: {address}"));
        }
        if let Some(page) = &self.page {
            summary.line(format!("open the pull request: {page}"));
        }
        if let Some(warning) = &self.warning {
            let hint = "open the pull request by hand and record its address: `modelreg request link`";
            summary.warn(warning, Some(hint.into()));
        }
        if self.pushed_to.is_none() {
            summary.push = Some(push_request(self.remote.as_deref(), &self.branch));
        }
        if self.approvals_needed > 0 {
            summary.next(format!("modelreg request show {}   # what a reviewer sees", for_shell(&self.id)));
        }
        if let Some(command) = &self.emergency {
            summary.next(format!("{command}   # if it cannot wait for the review"));
        }
    }
}
