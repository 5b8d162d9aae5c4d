//! A merge or a rebase that git has stopped and not finished.

use git2::{Oid, RepositoryState};

use super::store::Store;
use crate::store::error::StoreError;

/// A merge or a rebase that git has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// A merge of this commit.
    Merge(Oid),
    /// A rebase onto this commit.
    Rebase(Oid),
}

impl Stopped {
    /// Git's command: `merge` or `rebase`.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Merge(_) => "merge",
            Self::Rebase(_) => "rebase",
        }
    }

    /// The commit that the branch was to be joined with.
    pub fn other(&self) -> Oid {
        match *self {
            Self::Merge(other) | Self::Rebase(other) => other,
        }
    }
}

impl Store {
    /// The merge or rebase that git has stopped in this working tree.
    pub fn stopped(&self) -> Result<Option<Stopped>, StoreError> {
        let git = self.git()?;
        let read = |file: &str| -> Result<Oid, StoreError> {
            let path = git.path().join(file);
            let text = std::fs::read_to_string(&path).map_err(|e| StoreError::io("reading", &path, e))?;
            let first = text.lines().next().unwrap_or_default().trim();
            Oid::from_str(first).map_err(|_| StoreError::Corrupt(format!("`{}` names no commit", path.display())))
        };
        Ok(match git.state() {
            RepositoryState::Merge => Some(Stopped::Merge(read("MERGE_HEAD")?)),
            RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
                let folder = if git.path().join("rebase-merge").is_dir() { "rebase-merge" } else { "rebase-apply" };
                Some(Stopped::Rebase(read(&format!("{folder}/onto"))?))
            }
            _ => None,
        })
    }

    /// The paths with unresolved conflicts, from the repository's top.
    pub fn unmerged(&self) -> Result<Vec<String>, StoreError> {
        let git = self.git_for_the_user()?.command("diff");
        let listed = git.args(["--name-only", "--diff-filter=U", "-z", "--no-ext-diff"]).run()?.success()?;
        let paths = listed.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }

    /// Gives up a stopped merge or rebase: git restores the branch and the files as they were before.
    pub fn give_up(&self, stopped: &Stopped) -> Result<(), StoreError> {
        let git = self.git_for_the_user()?.command(stopped.what()).arg("--abort");
        Ok(git.interactive().run()?.success().map(drop)?)
    }
}
