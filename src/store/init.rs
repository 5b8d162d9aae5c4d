//! Making a git repository where there is none.

use std::path::Path;

use git2::{Repository, RepositoryInitOptions};

use super::error::StoreError;

/// Makes sure that a folder exists and lies in a git repository; true where one was made. `branch` is the first branch
/// of a new one. No template is copied: a template may bring hooks.
pub fn create_repository(dir: &Path, branch: &str) -> Result<bool, StoreError> {
    super::durability::enable()?;
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
