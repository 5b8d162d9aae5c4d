//! Making a git repository where there is none.

use std::path::Path;

use git2::{Repository, RepositoryInitOptions};

use crate::store::error::StoreError;

/// Makes sure that a folder exists and lies in a git repository; true where one was made. `branch` is the first branch
/// of a new one. No template is copied: a template may bring hooks.
pub fn create_repository(dir: &Path, branch: &str) -> Result<bool, StoreError> {
    crate::store::durability::enable()?;
    std::fs::create_dir_all(dir).map_err(|e| StoreError::io("making", dir, e))?;
    match Repository::discover(dir) {
        Ok(_) => Ok(false),
        Err(e) if e.code() == git2::ErrorCode::NotFound => {
            let mut options = RepositoryInitOptions::new();
            options.initial_head(branch).external_template(false).no_reinit(true);
            Repository::init_opts(dir, &options).map_err(|e| StoreError::git("making the repository", e))?;
            Ok(true)
        }
        Err(e) if e.code() == git2::ErrorCode::Owner => Err(StoreError::ForeignOwner(dir.to_owned())),
        Err(e) => Err(StoreError::git("opening the repository", e)),
    }
}

/// The commit that is checked out in the repository of a folder, and the address of its `origin`.
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
