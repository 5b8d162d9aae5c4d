//! The result of a move, and what there is to say of it.

use crate::model::{Action, Text, Timestamp};
use crate::ops::commit::{Done, Summary};
use crate::ops::review::Requested;
use crate::store::Receipt;

/// A pointer that was moved, or a request for that.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Moved {
    /// The model.
    pub model: String,
    /// The stage.
    pub stage: String,
    /// The kind of move.
    pub action: Action,
    /// The version that was moved.
    pub version: u64,
    /// The version that was in the stage before.
    pub from: Option<u64>,
    /// The version that is in the stage after the move.
    pub now: Option<u64>,
    /// Other versions in the stage.
    pub beside: Vec<u64>,
    /// Why.
    pub reason: Option<Text>,
    /// Whether the move landed before its approval.
    #[serde(skip)]
    pub emergency: bool,
    /// The request that was made, where the move has not landed.
    pub request: Option<Requested>,
    /// The time of the journal entry, where the clock was behind the journal's last entry or the version.
    pub clock_behind: Option<Timestamp>,
}

impl Done<Moved> {
    /// What there is to say of a move or of the request for it.
    pub fn told(self) -> (Summary, Moved, Receipt) {
        let (mut summary, moved, receipt) = self.summary();
        match &moved.request {
            Some(request) => request.describe(&mut summary),
            None => moved.describe(&mut summary),
        }
        if let Some(at) = moved.clock_behind {
            let text = format!("this machine's clock is behind the registry; the entry was given the time {at}");
            summary.warn(text, Some("check the clock: `date -u`".into()));
        }
        (summary, moved, receipt)
    }
}

impl Moved {
    fn describe(&self, summary: &mut Summary) {
        if !self.beside.is_empty() {
            let beside: Vec<String> = self.beside.iter().map(u64::to_string).collect();
            summary.line(format!("{} keeps beside it: {}", self.stage, beside.join(", ")));
        }
        if self.emergency {
            summary.line("an emergency: the approval is still missing, and `modelreg requests` lists it until then");
        }
    }
}
