//! The rules: a tree gives findings, and so does a change from one tree to another. No I/O of its own: it reads through
//! [`crate::model::Tree`]. One family of rules, one file.

mod change;
mod common_keys;
mod entries;
mod file;
mod folders;
mod formats;
mod layout;
mod model;
mod models;
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

pub use change::count::{Count, Judge, NoSignatures, Signatures, Signers, Subject, missing};
pub use change::stage::JudgedMove;
pub use change::{Judgement, change, judge};

use anyhow::Result;

use crate::diag::Report;
use crate::model::{Files, Keep, Tree};

/// Judges every file of a registry. Errors are failures to read the tree; whatever is wrong *in* it is a finding.
pub fn tree(tree: &dyn Tree) -> Result<Report> {
    layout::check(&file::Reader { files: &Files::new(tree), keep: Keep::Nothing })
}
