//! Creating a git repository for a new registry.

use std::path::Path;

use git2::{Repository, RepositoryInitOptions};

use crate::store::error::StoreError;

/// Makes sure that a folder exists and is in a git repository. Returns true if the repository is new; `branch` is then
/// its first branch. No template is copied, because a template may contain hooks.
pub fn create_repository(dir: &Path, branch: &str) -> Result<bool, StoreError> {
    crate::store::durability::enable()?;
    std::fs::create_dir_all(dir).map_err(|e| StoreError::io("creating", dir, e))?;
    match Repository::discover(dir) {
        Ok(_) => Ok(false),
        Err(e) if e.code() == git2::ErrorCode::NotFound => {
            let mut options = RepositoryInitOptions::new();
            options.initial_head(branch).external_template(false).no_reinit(true);
            Repository::init_opts(dir, &options).map_err(|e| StoreError::git("creating the repository", e))?;
            Ok(true)
        }
        Err(e) if e.code() == git2::ErrorCode::Owner => Err(StoreError::ForeignOwner(dir.to_owned())),
        Err(e) => Err(StoreError::git("opening the repository", e)),
    }
}

/// The address of `origin` and the checked-out commit of the repository that a folder belongs to.
pub fn code_commit(dir: &Path) -> Result<(Option<String>, String), StoreError> {
    let repository = Repository::discover(dir).map_err(|e| match e.code() {
        git2::ErrorCode::NotFound => StoreError::NoRepository(dir.to_owned()),
        _ => StoreError::git("opening the code's repository", e),
    })?;
    let head = repository.head().and_then(|head| head.peel_to_commit());
    let commit = head.map_err(|_| StoreError::NoRevision("HEAD".into()))?.id().to_string();
    let origin = repository.find_remote("origin").ok().and_then(|remote| remote.url().ok().map(str::to_owned));
    Ok((origin, commit))
}
