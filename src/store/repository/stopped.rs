//! A merge or a rebase that git has stopped and not finished.

use git2::{Index, Oid, RepositoryState};

use super::store::Store;
use crate::store::error::StoreError;
use crate::store::refs::branch::Branch;

/// A merge or a rebase that git has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Whether it is a rebase.
    pub is_rebase: bool,
    /// The branch.
    pub branch: Branch,
    /// The commit that the branch was to be joined with.
    pub other: Oid,
}

impl Stopped {
    /// Git's command: `merge` or `rebase`.
    pub fn what(&self) -> &'static str {
        if self.is_rebase { "rebase" } else { "merge" }
    }
}

impl Store {
    /// The merge or rebase that git has stopped in this working tree.
    pub fn stopped(&self) -> Result<Option<Stopped>, StoreError> {
        let git = self.git()?;
        Ok(match git.state() {
            RepositoryState::Merge => {
                let head = git.find_reference("HEAD").map_err(|e| StoreError::git("reading HEAD", e))?;
                let Ok(Some(full_name)) = head.symbolic_target() else { return Ok(None) };
                let branch = Branch { full_name: full_name.to_owned(), checked_out: true };
                Some(Stopped { is_rebase: false, branch, other: self.state_commit("MERGE_HEAD")? })
            }
            RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
                let folder = if git.path().join("rebase-merge").is_dir() { "rebase-merge" } else { "rebase-apply" };
                let branch = Branch { full_name: self.state_line(&format!("{folder}/head-name"))?, checked_out: true };
                Some(Stopped { is_rebase: true, branch, other: self.state_commit(&format!("{folder}/onto"))? })
            }
            _ => None,
        })
    }

    /// The first line of a file in which git keeps its state.
    fn state_line(&self, file: &str) -> Result<String, StoreError> {
        let path = self.git()?.path().join(file);
        let text = std::fs::read_to_string(&path).map_err(|e| StoreError::io("reading", &path, e))?;
        Ok(text.lines().next().unwrap_or_default().trim().to_owned())
    }

    fn state_commit(&self, file: &str) -> Result<Oid, StoreError> {
        let line = self.state_line(file)?;
        Oid::from_str(&line).map_err(|_| StoreError::Corrupt(format!("git's `{file}` names no commit")))
    }

    /// The paths with unresolved conflicts, from the repository's top.
    pub fn unmerged(&self) -> Result<Vec<String>, StoreError> {
        self.listed(&["diff", "--name-only", "--diff-filter=U", "-z", "--no-ext-diff"])
    }

    /// A path without a conflict that differs from what git itself has written there since it stopped, in the index or in
    /// the working tree; none if there is no such path.
    pub fn edited_since_stop(&self, stopped: &Stopped) -> Result<Option<String>, StoreError> {
        let git = self.git()?;
        let unmerged = self.unmerged()?;
        let edited = self.listed(&["diff", "--name-only", "-z", "--no-ext-diff"])?;
        if let Some(path) = edited.into_iter().find(|path| !unmerged.contains(path)) {
            return Ok(Some(path));
        }
        let expected = self.stopped_index(stopped)?;
        let mut index = git.index().map_err(|e| StoreError::git("reading the index", e))?;
        index.read(true).map_err(|e| StoreError::git("reading the index", e))?;
        let staged = |index: &Index| -> Vec<(Vec<u8>, u32, Oid)> {
            let plain = index.iter().filter(|entry| entry.flags & 0x3000 == 0);
            plain.map(|entry| (entry.path, entry.mode, entry.id)).collect()
        };
        let (is, was) = (staged(&index), staged(&expected));
        let of_git: std::collections::HashSet<&(Vec<u8>, u32, Oid)> = was.iter().collect();
        let own = is.iter().find(|entry| !of_git.contains(entry));
        Ok(own.map(|(path, ..)| String::from_utf8_lossy(path).into_owned()))
    }

    /// The index as git has left it when it stopped.
    fn stopped_index(&self, stopped: &Stopped) -> Result<Index, StoreError> {
        let git = self.git()?;
        let failed = |e| StoreError::git("merging two commits", e);
        let head = git.head().and_then(|head| head.peel_to_commit()).map_err(failed)?;
        let find = |id: Oid| git.find_commit(id).map_err(|e| StoreError::object(id, &e));
        if stopped.is_rebase {
            let picked = find(self.state_commit("REBASE_HEAD")?)?;
            return git.cherrypick_commit(&picked, &head, 0, None).map_err(failed);
        }
        git.merge_commits(&head, &find(stopped.other)?, None).map_err(failed)
    }

    fn listed(&self, args: &[&str]) -> Result<Vec<String>, StoreError> {
        let (command, rest) = args.split_first().unwrap_or((&"diff", &[]));
        let listed = self.git_for_the_user()?.command(command).args(rest).run()?.success()?;
        let paths = listed.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }

    /// Gives up a stopped merge or rebase: git restores the branch and the files as they were before.
    pub fn give_up(&self, stopped: &Stopped) -> Result<(), StoreError> {
        let git = self.git_for_the_user()?.command(stopped.what()).arg("--abort");
        Ok(git.interactive().run()?.success().map(drop)?)
    }
}
