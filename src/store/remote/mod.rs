//! Remotes, by the `git` program: fetching and pushing.

pub(super) mod fetch;
pub(super) mod push;
