//! Something that happened to a model.

use crate::model::{Action, Outcome, Timestamp, UserId};

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
    /// The address of its pull request.
    pub request: Option<String>,
    /// Of a request that was rejected or withdrawn: the requester.
    pub requested_by: Option<UserId>,
    /// Of a request that was rejected or withdrawn: the kind of move.
    pub requested_action: Option<Action>,
}

/// Declares the kinds with their words in the JSON.
macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What kind of thing happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum EventKind {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl EventKind {
            /// The word in the JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

event_kinds! {
    /// A model was registered.
    Create = "create",
    /// A version was registered.
    Register = "register",
    /// A version entered a stage.
    Promote = "promote",
    /// A stage went back to a version.
    Rollback = "rollback",
    /// A version left a stage.
    Withdraw = "withdraw",
    /// A move was asked for, and awaits its review.
    Request = "request",
    /// A move was approved.
    Approve = "approve",
    /// A request was rejected.
    Reject = "reject",
    /// A request was taken back by who had made it.
    WithdrawRequest = "withdraw-request",
    /// Something was said of a version.
    Comment = "comment",
    /// What may change was edited. A file says when last, and not what.
    Edit = "edit",
    /// A version or a model was deleted.
    Delete = "delete",
    /// A version or a model was restored. This and what follows is in no file, and seen only by who compares two commits.
    Restore = "restore",
    /// A model was given another name.
    Rename = "rename",
    /// The description was changed.
    Describe = "describe",
    /// Tags were changed.
    Tag = "tag",
    /// An alias was set, moved or removed.
    Alias = "alias",
    /// A version was taken out of sight.
    Archive = "archive",
    /// A version was taken back into sight.
    Unarchive = "unarchive",
}

impl EventKind {
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

impl From<Outcome> for EventKind {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Rejected => Self::Reject,
            Outcome::Withdrawn => Self::WithdrawRequest,
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
            request: None,
            requested_by: None,
            requested_action: None,
        }
    }

    /// Whether the event moved a stage's pointer.
    pub fn is_move(&self) -> bool {
        self.action.moved().is_some()
    }
}
