//! The rules: a tree gives findings, and so does a change from one tree to another. No I/O of its own: it reads through
//! [`crate::model::Tree`]. One family of rules, one file.

mod change;
mod entries;
mod file;
mod formats;
mod layout;
mod model;
mod registry;
#[cfg(test)]
mod sample;
mod shape;
mod sink;
mod stage;
#[cfg(test)]
mod tests;
mod values;
mod version;

pub use change::approvals::{Count, Judge, NoSignatures, Signatures, Subject, missing};
pub use change::change;

use anyhow::Result;

use crate::diag::Report;
use crate::model::Tree;

/// Judges every file of a registry. Errors are failures to read the tree; whatever is wrong *in* it is a finding.
pub fn tree(tree: &dyn Tree) -> Result<Report> {
    layout::check(tree)
}
