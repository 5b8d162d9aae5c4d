//! Commits: writing one, merging two, one writer at a time, the note of a commit that is under way, and
//! the history.

pub(super) mod history;
pub(super) mod merge;
pub(super) mod pending;
pub(super) mod write;
pub(super) mod write_lock;
