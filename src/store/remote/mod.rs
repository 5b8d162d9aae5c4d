//! Fetching from and pushing to remotes with the `git` program.

pub(super) mod fetch;
pub(super) mod push;
