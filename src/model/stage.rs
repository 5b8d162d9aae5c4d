//! `stages/NAME.toml`: a stage's pointer and its journal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::Format;
use super::journal::Replay;
use super::name::StageName;
use super::text::{Text, UserId};
use super::time::Timestamp;

/// A stage of one model: the pointer to the version in the stage, and the journal of its moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The version of the file format; this program supports 1.
    #[serde(skip_serializing)]
    pub format: Format,
    /// The stage's name, as `registry.toml` spells it.
    pub stage: StageName,
    /// The version in the stage; absent if the stage is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub version: Option<u64>,
    /// Other versions in the stage, for example for a canary or an A/B test.
    #[serde(default)]
    pub beside: Vec<u64>,
    /// The journal: all moves, oldest first; append-only.
    #[serde(default)]
    pub history: Vec<Move>,
}

/// An entry of a stage's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// When the move was requested.
    pub at: Timestamp,
    /// User id of the requester.
    pub by: UserId,
    /// The kind of move.
    pub action: Action,
    /// The version that was moved: into the stage, back, or out.
    #[schemars(range(min = 1))]
    pub version: u64,
    /// The version that was in the stage before; absent if the stage was empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub from: Option<u64>,
    /// Other versions in the stage after the move, in ascending order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<u64>,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Whether the move is an emergency, which lands before its approval.
    #[serde(default, skip_serializing_if = "is_false")]
    pub emergency: bool,
    /// The address of the pull request in which the move was reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<super::uri::Link>,
    /// The requester's SSH signature over the statement of the move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Text>,
    /// The approvals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// The kind of move of a journal entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The version entered the stage.
    Promote,
    /// The stage returned to the version.
    Rollback,
    /// The version left the stage.
    Withdraw,
}

impl Action {
    /// The word, as in files.
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
    /// User id of the approver.
    pub by: UserId,
    /// When the approval was given.
    pub at: Timestamp,
    /// The approver's comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Text>,
    /// The SSH signature over the approved statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Text>,
}

impl Stage {
    /// A stage without moves.
    pub fn empty(stage: StageName) -> Self {
        Self { format: Format, stage, version: None, beside: Vec::new(), history: Vec::new() }
    }

    /// Whether the version is in the stage, as the pointer or in `beside`.
    pub fn holds(&self, version: u64) -> bool {
        self.version == Some(version) || self.beside.contains(&version)
    }

    /// Whether the version has ever been in the stage.
    pub fn has_held(&self, version: u64) -> bool {
        self.history.iter().any(|m| m.action != Action::Withdraw && m.version == version)
    }

    /// The rollback that took the version out of the stage, if the version has not come back since.
    pub fn rolled_back_from(&self, version: u64) -> Option<&Move> {
        let left = |entry: &&Move| {
            let came = entry.action != Action::Withdraw && entry.version == version;
            came || entry.action == Action::Rollback && entry.from == Some(version)
        };
        self.history.iter().rev().find(left).filter(|entry| entry.version != version)
    }

    /// The state after the whole journal.
    pub fn replay(&self) -> Replay {
        Replay::of(&self.history)
    }

    /// When the current version entered the stage.
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

    /// The stage after one more move, with the entry appended, and the pointer and `beside` updated, in the entry too.
    /// With `keep`, a promotion moves the previous version to `beside`; without, it clears `beside`.
    pub fn moved(&self, mut entry: Move, keep: bool) -> Self {
        let mut next = self.clone();
        let mut replay = self.replay();
        replay.apply(&entry);
        next.version = replay.current();
        next.beside = entry.beside_after(&self.beside, self.version, next.version, keep);
        entry.beside.clone_from(&next.beside);
        next.history.push(entry);
        next
    }
}

impl Move {
    /// The versions beside the pointer after the move: `beside` are those before it, and the pointer moves from `was` to
    /// `now`. With `keep`, a promotion keeps the previous version and the others; without, none.
    pub fn beside_after(&self, beside: &[u64], was: Option<u64>, now: Option<u64>, keep: bool) -> Vec<u64> {
        let mut after = beside.to_vec();
        if self.action == Action::Promote {
            if !keep {
                after.clear();
            } else if let Some(was) = was
                && !after.contains(&was)
            {
                after.push(was);
            }
        }
        let withdrawn = self.action == Action::Withdraw;
        after.retain(|&version| Some(version) != now && !(withdrawn && version == self.version));
        after.sort_unstable();
        after
    }
}
