//! `stages/NAME.toml`: a stage's pointer and its journal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::Format;
use super::journal::Replay;
use super::name::StageName;
use super::text::{Text, UserId};
use super::time::Timestamp;

/// A stage of one model: the pointer to the version in it, and how it came there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The version of the file format; this program knows 1.
    #[serde(skip_serializing)]
    pub format: Format,
    /// The stage's name, as `registry.toml` spells it.
    pub stage: StageName,
    /// The version in the stage; absent: none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub version: Option<u64>,
    /// Other versions kept in the stage, as for a canary or an A/B test.
    #[serde(default)]
    pub beside: Vec<u64>,
    /// The journal: every move, oldest first; append-only.
    #[serde(default)]
    pub history: Vec<Move>,
}

/// An entry of a stage's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// When it was asked for.
    pub at: Timestamp,
    /// User id of who asked.
    pub by: UserId,
    /// What was done.
    pub action: Action,
    /// The version that was moved: in, back, or out.
    #[schemars(range(min = 1))]
    pub version: u64,
    /// The version that was in the stage before; absent: none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub from: Option<u64>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Whether it landed before its approval.
    #[serde(default, skip_serializing_if = "is_false")]
    pub emergency: bool,
    /// The forge's page on which it was reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<super::uri::Link>,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// What a journal entry did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The version entered the stage.
    Promote,
    /// The stage went back to the version.
    Rollback,
    /// The version left the stage.
    Withdraw,
}

impl Action {
    /// The word in files, for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Rollback => "rollback",
            Self::Withdraw => "withdraw",
        }
    }
}

/// An approval of a journal entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// User id of who approved.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// What they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Text>,
    /// An SSH signature over the statement that was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Text>,
}

impl Stage {
    /// A stage that no version has been in.
    pub fn empty(stage: StageName) -> Self {
        Self { format: Format, stage, version: None, beside: Vec::new(), history: Vec::new() }
    }

    /// Whether the version is in the stage, as the pointer or beside it.
    pub fn holds(&self, version: u64) -> bool {
        self.version == Some(version) || self.beside.contains(&version)
    }

    /// Whether the version has ever been in the stage.
    pub fn has_held(&self, version: u64) -> bool {
        self.history.iter().any(|m| m.action != Action::Withdraw && m.version == version)
    }

    /// The journal, replayed to its end.
    pub fn replay(&self) -> Replay {
        Replay::of(&self.history)
    }

    /// When the present version came into the stage.
    pub fn since(&self) -> Option<Timestamp> {
        self.version?;
        self.history.last().map(|_| ())?;
        let mut since = None;
        let mut replay = Replay::default();
        for entry in &self.history {
            let before = replay.current();
            replay.apply(entry);
            if replay.current() != before {
                since = Some(entry.at);
            }
        }
        since
    }

    /// The newest time in the file; none for an empty journal.
    pub fn last_modified(&self) -> Option<Timestamp> {
        let times = |m: &Move| m.approvals.iter().map(|a| a.at).fold(m.at, Ord::max);
        self.history.iter().map(times).max()
    }

    /// The same stage with one more move at the end of its journal, and the pointer where that move puts it.
    /// `keep` leaves the version that the move displaces in the stage, beside the new one.
    pub fn moved(&self, entry: Move, keep: bool) -> Self {
        let mut next = self.clone();
        next.history.push(entry);
        next.version = next.replay().current();
        let entry = &next.history[next.history.len() - 1];
        if entry.action == Action::Promote {
            if !keep {
                next.beside.clear();
            } else if let Some(from) = self.version
                && !next.beside.contains(&from)
            {
                next.beside.push(from);
            }
        }
        let (left, current) = (entry.version, next.version);
        let withdrawn = entry.action == Action::Withdraw;
        next.beside.retain(|&v| Some(v) != current && !(withdrawn && v == left));
        next.beside.sort_unstable();
        next
    }
}
