//! Refs: a branch and moving it, the branches of review requests, and what a push is about to change.

pub(super) mod branch;
pub(super) mod pushes;
pub(super) mod request_branches;
