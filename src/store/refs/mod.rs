//! Refs: branches, the branches of review requests, and the refs that a push changes.

pub(super) mod branch;
pub(super) mod pushes;
pub(super) mod request_branches;
