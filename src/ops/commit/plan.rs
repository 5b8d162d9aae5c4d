//! A planned change, and one attempt to commit it.

use std::collections::BTreeMap;

use super::message::Message;
use crate::model::{Timestamp, UserId};
use crate::store::Oid;

/// New content by path in the registry's folder; `None` deletes the file. A path that begins with `/` starts at the
/// root of the repository; the rules do not check such a file.
pub(in crate::ops) type Edits = BTreeMap<String, Option<Vec<u8>>>;

/// One attempt to commit. A lost race is followed by another attempt on the new tip.
pub(in crate::ops) struct Attempt {
    /// The user who makes the change.
    pub by: UserId,
    /// The time.
    pub at: Timestamp,
    /// The parent commit; none on a branch without commits.
    pub parent: Option<Oid>,
    /// The commit of an earlier, stopped run that is compared with this attempt: it may be the same change.
    pub earlier: Option<Oid>,
}

/// A change that is planned on a snapshot.
pub(in crate::ops) struct Plan<T> {
    /// The files to write.
    pub edits: Edits,
    /// The commit's message.
    pub message: Message,
    /// The command's result.
    pub value: T,
    /// The rules' mode for this change.
    pub rules: Rules,
}

impl<T> Plan<T> {
    /// A change with the rules' default mode.
    pub fn new(edits: Edits, message: Message, value: T) -> Self {
        Self { edits, message, value, rules: Rules::default() }
    }
}

/// The rules' mode for a change: what they need to know besides its files.
#[derive(Default)]
pub(in crate::ops) struct Rules {
    /// Paths outside the registry's folder that a merge would change.
    pub elsewhere: Vec<String>,
    /// Whether approvals may still be missing: a request collects them later.
    pub awaits_approvals: bool,
    /// The message and the hint of a refusal, if they differ from those of a plain edit.
    pub refusal: Option<(String, String)>,
}
