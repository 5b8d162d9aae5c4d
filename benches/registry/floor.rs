//! The floor: what reading and parsing every file of a registry costs at least, without any rule.

use std::path::Path;

use anyhow::{Context as _, Result};
use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};
use rayon::prelude::*;
use thread_local::ThreadLocal;

/// The argument that makes the benchmark's own binary be the floor.
pub const FLOOR: &str = "--floor";

/// Reads every blob of HEAD through libgit2 and parses it with `toml::de::DeTable::parse`, on all cores.
pub fn read_all(dir: &Path) -> Result<usize> {
    let repository = Repository::open(dir)?;
    let mut blobs = Vec::new();
    repository.head()?.peel_to_tree()?.walk(TreeWalkMode::PreOrder, |_, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            blobs.push(entry.id());
        }
        TreeWalkResult::Ok
    })?;
    let open = ThreadLocal::new();
    blobs.par_iter().map(|&id| keys(&open, dir, id)).sum()
}

/// How many keys a file has, so that the work is not for nothing.
fn keys(open: &ThreadLocal<Repository>, dir: &Path, id: Oid) -> Result<usize> {
    let repository = open.get_or_try(|| Repository::open(dir))?;
    let odb = repository.odb()?;
    let blob = odb.read(id)?;
    let text = std::str::from_utf8(blob.data())?;
    Ok(toml::de::DeTable::parse(text).context("a file is not TOML")?.get_ref().len())
}
