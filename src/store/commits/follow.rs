//! Updating the checked-out files to a commit that the branch has got.

use std::time::Duration;

use git2::Oid;

use super::note::Note;
use crate::model::layout::MODELS;
use crate::model::{EntryKind, ObjectId, Tree as _};
use crate::store::error::StoreError;
use crate::store::index::{IndexError, IndexFile};
use crate::store::objects::git_tree::GitTree;
use crate::store::refs::branch::Branch;
use crate::store::repository::store::Store;
use crate::store::trace::{RETRY, STEP};
use crate::store::worktree::{Left, Reason, Touched, sync};

/// How long to wait until another program releases `index.lock`.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same for a stale lock. Not zero, because on a network file system the age depends on another machine's clock.
const PATIENCE_WITH_STALE: Duration = Duration::from_millis(100);

/// What is not up to date with the commit in this clone, for a warning.
#[derive(Debug, Default)]
pub struct Behind {
    /// Paths that were not updated, usually because of the user's own changes.
    pub left: Vec<Left>,
    /// What could not be updated at all and why, as a clause, and the hint.
    pub failed: Option<(String, String)>,
}

impl Behind {
    /// The branch of this clone could not be moved to a commit that the remote has.
    pub fn branch(branch: &Branch, remote: &str, why: &str, hint: Option<String>) -> Self {
        let text = format!("`{}` of this clone could not be updated from {remote}: {why}", branch.name());
        let hint = hint.unwrap_or_else(|| format!("run `git pull {remote} {}`", branch.name()));
        Self { left: Vec::new(), failed: Some((text, hint)) }
    }

    /// Whether the next run must try again. If writing failed, the stale file otherwise looks like the user's own edit.
    pub fn again(&self) -> bool {
        self.failed.is_some() || self.left.iter().any(|path| matches!(path.why, Reason::Failed(_)))
    }
}

impl Store {
    /// Updates the noted files to the branch's commit. The commit is safe in any case, so failures are part of the
    /// outcome. After a failure the note stays, and the next run tries again.
    pub fn follow(&self, note: &Note) -> Behind {
        // If another branch was checked out since, git itself updated the files.
        let followed = match self.branch(None) {
            Ok(now) if note.follow && now.full_name == note.branch => {
                if note.whole && self.update_by_git(&now, note.from) {
                    return Behind::default();
                }
                // Git writes whatever is outside of the registry; here only plain files are written.
                let models = format!("{}{MODELS}/", self.prefix());
                let (own, others): (Vec<String>, Vec<String>) =
                    note.paths.iter().cloned().partition(|path| !note.whole || path.starts_with(&models));
                match self.follow_paths(&now, note.from, &own) {
                    Ok(_) if !others.is_empty() => Err((
                        format!("git would have to overwrite your edits to update {} other files", others.len()),
                        "commit your edits or `git stash` them, then run `modelreg sync`".to_owned(),
                    )),
                    followed => followed,
                }
            }
            Ok(_) | Err(StoreError::NoBranch(_) | StoreError::Stopped(_) | StoreError::CheckedOut { .. }) => {
                Ok(Vec::new())
            }
            // After an error the checked-out branch is unknown, so the note must stay.
            Err(e) => {
                Err((e.to_string(), e.hint().unwrap_or_else(|| "run `git status` to see the differences".into())))
            }
        };
        match followed {
            Ok(left) => {
                let (all, left_out) = (note.paths.len(), left.len());
                tracing::debug!(target: STEP, "updated {} of {all} checked-out files", all - left_out);
                Behind { left, failed: None }
            }
            Err((why, hint)) => {
                tracing::debug!(target: RETRY, "the next command updates the checked-out files: {why}");
                let text = format!("the checked-out files could not be updated: {why}");
                Behind { left: Vec::new(), failed: Some((text, hint)) }
            }
        }
    }

    /// Has git update index and working tree from one commit to the branch's tip, with modes, links and filters. Returns
    /// false if git refuses, because the user has edited a file that changes: then nothing was updated.
    fn update_by_git(&self, branch: &Branch, from: Option<Oid>) -> bool {
        let (Some(from), Ok(Some(tip))) = (from, self.tip(branch)) else { return false };
        let Ok(git) = self.git_for_the_user() else { return false };
        let call = git.command("read-tree").args(["-m", "-u", &from.to_string(), &tip.to_string()]);
        let updated = call.run().is_ok_and(|ran| ran.status.success());
        tracing::debug!(target: STEP, updated, "git updates the checked-out files");
        updated
    }

    fn follow_paths(
        &self,
        branch: &Branch,
        from: Option<Oid>,
        paths: &[String],
    ) -> Result<Vec<Left>, (String, String)> {
        let explained = |e: StoreError| {
            (e.to_string(), e.hint().unwrap_or_else(|| "run `git status` to see the differences".into()))
        };
        let git = self.git().map_err(explained)?;
        let Some(workdir) = git.workdir() else { return Ok(Vec::new()) };
        let tree_of = |id: Oid| self.whole_tree(id).map_err(explained);
        let old = from.map(tree_of).transpose()?;
        let new = self.tip(branch).map_err(explained)?.map(tree_of).transpose()?;
        let blob_at = |tree: &Option<GitTree<'_>>, path: &str| match tree {
            Some(tree) => blob_at(tree, path).map_err(explained),
            None => Ok(None),
        };
        let mut files = Vec::new();
        for path in paths {
            let after = match blob_at(&new, path)? {
                None => None,
                Some(raw) => {
                    let id = Oid::from_bytes(&raw).map_err(|e| explained(StoreError::git("reading a tree", e)))?;
                    let blob = git.find_blob(id).map_err(|e| explained(StoreError::object(id, &e)))?;
                    Some((raw, blob.content().to_vec()))
                }
            };
            files.push((path, blob_at(&old, path)?, after));
        }
        let touched: Vec<Touched<'_>> = files
            .iter()
            .map(|(path, old, new)| Touched {
                path,
                old: *old,
                new: new.as_ref().map(|(id, bytes)| (*id, bytes.as_slice())),
            })
            .collect();
        let index = git.path().join("index");
        let may_split = git.config().and_then(|mut c| c.snapshot()).and_then(|c| c.get_bool("core.splitIndex"));
        let stale = StoreError::locked(index.with_extension("lock")).is_stale_lock();
        let patience = if stale { PATIENCE_WITH_STALE } else { PATIENCE };
        let index = IndexFile::new(&index, workdir, patience, may_split.unwrap_or(true));
        let synced = sync(&index, &touched).map_err(|e| {
            let hint = match &e {
                // No further fix is needed, because the note stays.
                IndexError::Locked { path, .. } => format!(
                    "if no git process runs in this clone, run `rm '{}'`; the next command that changes the registry updates the files",
                    path.display()
                ),
                _ => e.hint(),
            };
            (e.to_string(), hint)
        })?;
        Ok(synced.left)
    }
}

/// The blob at a path, of any file kind; none if the path does not exist or is a folder or submodule.
pub(super) fn blob_at(tree: &GitTree<'_>, path: &str) -> Result<Option<ObjectId>, StoreError> {
    let found = tree.find(path).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    Ok(found.filter(|entry| !matches!(entry.kind, EntryKind::Folder | EntryKind::Submodule)).and_then(|entry| entry.id))
}
