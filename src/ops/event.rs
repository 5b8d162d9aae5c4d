//! An event in the history of a model.

use crate::model::{Action, Outcome, Timestamp, UserId};

/// An event in the history of a model.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Event {
    /// The time.
    pub at: Timestamp,
    /// The user.
    pub by: UserId,
    /// The model.
    pub model: String,
    /// The kind of event.
    pub action: EventKind,
    /// The version.
    pub version: Option<u64>,
    /// The stage.
    pub stage: Option<String>,
    /// The version that was in the stage before.
    pub from: Option<u64>,
    /// The reason, the description or the comment.
    pub text: Option<String>,
    /// Whether the move landed before its approval.
    pub emergency: bool,
    /// The users who approved the move.
    pub approved_by: Vec<UserId>,
    /// The address of the pull request.
    pub request: Option<String>,
    /// Of a request that was rejected or withdrawn: the requester.
    pub requested_by: Option<UserId>,
    /// Of a request that was rejected or withdrawn: the kind of move.
    pub requested_action: Option<Action>,
}

/// Declares the kinds with their words in the JSON.
macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// The kind of an event.
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
    /// A request was made.
    Request = "request",
    /// A move was approved.
    Approve = "approve",
    /// A request was rejected.
    Reject = "reject",
    /// A request was withdrawn by its requester.
    WithdrawRequest = "withdraw-request",
    /// A comment was added to a version.
    Comment = "comment",
    /// A file was edited. The file records only the time of the last edit, not what was edited.
    Edit = "edit",
    /// A version or a model was deleted.
    Delete = "delete",
    /// A version or a model was restored. No file records this kind and the following ones: only a comparison of two
    /// commits finds them.
    Restore = "restore",
    /// A model was renamed.
    Rename = "rename",
    /// The description was changed.
    Describe = "describe",
    /// Tags were changed.
    Tag = "tag",
    /// An alias was set, moved or removed.
    Alias = "alias",
    /// A version was archived.
    Archive = "archive",
    /// A version was unarchived.
    Unarchive = "unarchive",
}

impl EventKind {
    /// The kind of move; none if the event moved no pointer.
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
    /// An event with only its kind, time, user and model.
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
