//! What is staged: the tree that a commit would have.

use std::path::Path;
use std::process::Command;

use git2::Oid;

use super::git_tree::GitTree;
use crate::store::error::StoreError;
use crate::store::repository::store::Store;

impl Store {
    /// The registry's files as they are staged, in the repository's index or in the one that git names to a hook.
    ///
    /// `git write-tree` makes the tree, for it knows every form of index. It works on a copy, so that neither git's lock
    /// nor the user's index is touched.
    pub fn staged(&self, index: Option<&Path>) -> Result<GitTree<'_>, StoreError> {
        let git = self.git()?;
        let own = git.path().join("index");
        let index = index.unwrap_or(&own);
        let copy = tempfile::Builder::new()
            .prefix("modelreg-tmp-index")
            .tempdir_in(git.path())
            .map_err(|e| StoreError::io("making a folder in", git.path(), e))?;
        let file = copy.path().join("index");
        match std::fs::copy(index, &file) {
            Ok(_) => {}
            // Nothing was ever staged.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(GitTree::new(&self.handles, None)),
            Err(e) => return Err(StoreError::io("reading", index, e)),
        }
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") && !name.to_string_lossy().starts_with("GIT_CONFIG") {
                command.env_remove(name);
            }
        }
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "--git-dir"]).arg(git.path());
        command.arg("write-tree").env("GIT_INDEX_FILE", &file).env("LC_ALL", "C");
        let failed = |message: String| StoreError::Program { program: "git write-tree".into(), message };
        let output = command.output().map_err(|e| failed(format!("git could not be started: {e}")))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let id = Oid::from_str(String::from_utf8_lossy(&output.stdout).trim())
            .map_err(|e| StoreError::git("reading the staged tree", e))?;
        self.registry_in(GitTree::new(&self.handles, Some(id)))
    }
}
