//! The rules. [`tree`] checks all files of a registry; [`change()`] checks a change from a base tree to a head tree.
//! The rules do no I/O: they read through [`crate::model::Tree`]. Each family of rules has its own file.

mod change;
mod common_keys;
mod entries;
mod file;
mod folders;
mod formats;
mod given;
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
pub use given::given;

use anyhow::Result;

use crate::diag::Report;
use crate::model::{Files, Keep, Tree};

/// Checks every file of a registry. An error means that the tree could not be read; a broken rule is a finding.
pub fn tree(tree: &dyn Tree) -> Result<Report> {
    layout::check(&file::Reader { files: &Files::new(tree), keep: Keep::Nothing })
}
