//! Something that happened to a model.

use crate::model::{Action, Timestamp, UserId};

/// Something that happened to a model.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: UserId,
    /// The model.
    pub model: String,
    /// What.
    pub action: EventKind,
    /// The version.
    pub version: Option<u64>,
    /// The stage.
    pub stage: Option<String>,
    /// The version that was in the stage before.
    pub from: Option<u64>,
    /// Why, or what was said.
    pub text: Option<String>,
    /// Whether it landed before its approval.
    pub emergency: bool,
    /// Who approved it.
    pub approved_by: Vec<UserId>,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A version was registered.
    Register,
    /// A version entered a stage.
    Promote,
    /// A stage went back to a version.
    Rollback,
    /// A version left a stage.
    Withdraw,
    /// A move was asked for, and awaits its review.
    Request,
    /// A move was approved.
    Approve,
    /// Something was said of a version.
    Comment,
    /// A version or a model was deleted.
    Delete,
}

impl EventKind {
    /// The word in the JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Promote => "promote",
            Self::Rollback => "rollback",
            Self::Withdraw => "withdraw",
            Self::Request => "request",
            Self::Approve => "approve",
            Self::Comment => "comment",
            Self::Delete => "delete",
        }
    }

    /// What it did to a stage's pointer, where it moved it.
    pub fn moved(self) -> Option<Action> {
        match self {
            Self::Promote => Some(Action::Promote),
            Self::Rollback => Some(Action::Rollback),
            Self::Withdraw => Some(Action::Withdraw),
            _ => None,
        }
    }
}

impl From<Action> for EventKind {
    fn from(action: Action) -> Self {
        match action {
            Action::Promote => Self::Promote,
            Action::Rollback => Self::Rollback,
            Action::Withdraw => Self::Withdraw,
        }
    }
}

impl Event {
    /// Something that somebody did to a model, of which no more is said.
    pub fn new(action: EventKind, at: Timestamp, by: &UserId, model: &str) -> Self {
        Self {
            at,
            by: by.clone(),
            model: model.to_owned(),
            action,
            version: None,
            stage: None,
            from: None,
            text: None,
            emergency: false,
            approved_by: Vec::new(),
        }
    }

    /// Whether the event moved a stage's pointer.
    pub fn is_move(&self) -> bool {
        self.action.moved().is_some()
    }
}
