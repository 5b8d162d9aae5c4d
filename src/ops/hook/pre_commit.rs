//! Checking the staged files before git commits them.

use std::path::Path;

use anyhow::Result;

use super::super::environment::Environment;
use super::super::validate::Validated;
use super::session;
use crate::check;
use crate::diag::Report;
use crate::model::layout::REGISTRY_FILE;
use crate::model::{ObjectId, Tree};

/// Checks the staged files, not those in the folder. If the registry is unchanged or missing, nothing is read.
pub fn pre_commit(dir: &Path, environment: Environment, folder: &str) -> Result<Validated> {
    let index = environment.hook.index.clone();
    let session = session(dir, environment, folder)?;
    let store = &session.store;
    let (head, staged) = (store.tree(store.head()?)?, store.staged(index.as_deref())?);
    let holds = |tree: &dyn Tree| anyhow::Ok(tree.find(REGISTRY_FILE)?.is_some());
    let passes = root(&head)? == root(&staged)? || !holds(&head)? && !holds(&staged)?;
    let report = if passes { Report::default() } else { check::tree(&staged)? };
    Ok(Validated { report, prefix: session.prefix() })
}

fn root(tree: &dyn Tree) -> Result<Option<ObjectId>> {
    Ok(tree.find("")?.and_then(|root| root.id))
}
