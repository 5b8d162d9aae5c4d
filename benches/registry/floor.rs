//! The lower bound for reading a whole registry: reads and parses every file, without any rule.

use std::path::Path;

use anyhow::{Context as _, Result};
use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};
use rayon::prelude::*;
use thread_local::ThreadLocal;

/// The argument with which the benchmark's own binary runs the lower bound.
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

/// The number of keys in a file. A result that is used keeps the compiler from removing the work.
fn keys(open: &ThreadLocal<Repository>, dir: &Path, id: Oid) -> Result<usize> {
    let repository = open.get_or_try(|| Repository::open(dir))?;
    let odb = repository.odb()?;
    let blob = odb.read(id)?;
    let text = std::str::from_utf8(blob.data())?;
    Ok(toml::de::DeTable::parse(text).context("a file is not TOML")?.get_ref().len())
}
