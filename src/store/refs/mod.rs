//! Refs: the branches of review requests, and what a push is about to change.

pub(super) mod pushes;
pub(super) mod request_branches;
