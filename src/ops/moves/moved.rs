//! The result of a move, and its summary.

use super::serving::Serving;
use crate::diag::sanitize::for_shell;
use crate::model::{Action, Text, Timestamp};
use crate::ops::commit::{Done, Summary};
use crate::ops::review::Requested;
use crate::store::Receipt;

/// A moved pointer, or the request for the move.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Moved {
    /// The model.
    pub model: String,
    /// The stage.
    pub stage: String,
    /// The kind of move.
    pub action: Action,
    /// The version that the command named.
    pub version: u64,
    /// The version that was in the stage before.
    pub from: Option<u64>,
    /// The version that is in the stage after the move.
    pub now: Option<u64>,
    /// Other versions in the stage.
    pub beside: Vec<u64>,
    /// The reason.
    pub reason: Option<Text>,
    /// Whether the move landed before its approval.
    #[serde(skip)]
    pub emergency: bool,
    /// The request, if the move has not landed.
    pub request: Option<Requested>,
    /// The version that is in the stage after the command, on the registry's branch.
    pub serving: Option<Serving>,
    /// The time of the journal entry, if the clock was behind the journal's last entry or the version's registration.
    pub clock_behind: Option<Timestamp>,
}

impl Done<Moved> {
    /// What there is to say of a move or of the request for it.
    pub fn into_summary(self) -> (Summary, Moved, Receipt) {
        let (mut summary, moved, receipt) = self.into_commit_summary();
        match &moved.request {
            Some(request) => request.describe(&mut summary),
            None => moved.describe(&mut summary),
        }
        if let Some(serving) = &moved.serving {
            summary.line(moved.in_stage(serving));
        }
        if moved.action == Action::Promote && moved.from.is_some() && moved.request.is_none() {
            let (model, stage) = (for_shell(&moved.model), for_shell(&moved.stage));
            summary.next(format!("modelreg rollback {model} --stage {stage} --reason WHY   # if it goes wrong"));
        }
        if let Some(at) = moved.clock_behind {
            let text = format!("this machine's clock is behind the registry; the journal entry has the time {at}");
            summary.warn(text, Some("check the clock: `date -u`".into()));
        }
        (summary, moved, receipt)
    }
}

impl Moved {
    /// The version to serve now, in words.
    fn in_stage(&self, serving: &Serving) -> String {
        let (stage, version) = (&self.stage, serving.in_words());
        match &self.request {
            Some(_) => format!("in {stage} until the request lands: {version}"),
            None if serving.version == self.now => format!("in {stage} now: {version}"),
            // The move is on another branch.
            None => format!("in {stage} on {}: {version}", serving.branch),
        }
    }

    fn describe(&self, summary: &mut Summary) {
        if !self.beside.is_empty() {
            let beside: Vec<String> = self.beside.iter().map(u64::to_string).collect();
            summary.line(format!("{} also keeps: {}", self.stage, beside.join(", ")));
        }
        if self.emergency {
            summary.line(
                "an emergency: the approval is missing, and `modelreg requests` lists the move until it is approved",
            );
        }
    }
}
