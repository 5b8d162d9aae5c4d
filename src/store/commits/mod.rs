//! Commits: writing and merging, the writers' lock, the note of a commit in progress, and the history.

pub(super) mod history;
pub(super) mod merge;
pub(super) mod pending;
pub(super) mod write;
pub(super) mod write_lock;
