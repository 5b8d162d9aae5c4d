//! The staged tree, which the next commit would have.

use std::path::Path;

use git2::Oid;

use super::git_tree::GitTree;
use crate::store::error::StoreError;
use crate::store::programs::Git;
use crate::store::repository::store::Store;

impl Store {
    /// The registry's staged files, in the repository's index or in another index that git names to a hook.
    ///
    /// `git write-tree` writes the tree, because it supports every form of index. It works on a copy, so it neither
    /// takes git's lock nor changes the user's index.
    pub fn staged(&self, index: Option<&Path>) -> Result<GitTree<'_>, StoreError> {
        let git = self.git()?;
        let own = git.path().join("index");
        let index = index.unwrap_or(&own);
        let copy = tempfile::Builder::new()
            .prefix("modelreg-tmp-index")
            .tempdir_in(git.path())
            .map_err(|e| StoreError::io("creating a folder in", git.path(), e))?;
        let file = copy.path().join("index");
        match std::fs::copy(index, &file) {
            Ok(_) => {}
            // A repository without an index has no staged files.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(GitTree::new(&self.handles, None)),
            Err(e) => return Err(StoreError::io("reading", index, e)),
        }
        let written = Git::plumbing(git.path())?.command("write-tree").env("GIT_INDEX_FILE", &file).run()?.success()?;
        let id = Oid::from_str(&written.text()).map_err(|e| StoreError::git("reading the staged tree", e))?;
        self.registry_in(GitTree::new(&self.handles, Some(id)))
    }
}
