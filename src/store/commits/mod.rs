//! Commits: writing and merging, the writers' lock, the note of a commit in progress, the
//! checked-out files that follow a commit, and the history.

pub(super) mod changed;
pub(super) mod follow;
pub(super) mod history;
pub(super) mod merge;
pub(super) mod note;
pub(super) mod own;
pub(super) mod pending;
pub(super) mod write;
pub(super) mod write_lock;
