//! A planned change, and the attempt that it is planned for.

use std::collections::BTreeMap;

use super::message::Message;
use crate::model::{Timestamp, UserId};
use crate::store::Oid;

/// New content by path in the registry's folder; none deletes the file. A path that begins with `/` starts at the
/// repository's top: such a file is not the registry's, and the rules do not judge it.
pub(in crate::ops) type Edits = BTreeMap<String, Option<Vec<u8>>>;

/// One attempt to commit. A lost race is followed by another attempt on the new tip.
pub(in crate::ops) struct Attempt {
    /// The user who makes the change.
    pub by: UserId,
    /// The time.
    pub at: Timestamp,
    /// The parent commit; none on a branch without a commit.
    pub parent: Option<Oid>,
}

/// A change that is planned on a snapshot.
pub(in crate::ops) struct Plan<T> {
    /// The files that it writes.
    pub edits: Edits,
    /// The commit's message.
    pub message: Message,
    /// The command's result.
    pub value: T,
    /// How the rules judge it.
    pub rules: Rules,
}

impl<T> Plan<T> {
    /// A change that the rules judge as it is.
    pub fn new(edits: Edits, message: Message, value: T) -> Self {
        Self { edits, message, value, rules: Rules::default() }
    }
}

/// What the rules have to know of a change beside its files.
#[derive(Default)]
pub(in crate::ops) struct Rules {
    /// Paths outside of the registry's folder that a merge would change.
    pub elsewhere: Vec<String>,
    /// Whether approvals may still be missing: a request collects them later.
    pub awaits_approvals: bool,
    /// The first sentence and the hint of a refusal, where the change is more than a plain edit.
    pub refusal: Option<(String, String)>,
}
