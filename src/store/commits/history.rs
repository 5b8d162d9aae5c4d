//! The commits between two commits, and a commit's author.

use chrono::DateTime;
use git2::{Oid, Sort};

use crate::model::{Timestamp, UserId};
use crate::store::error::StoreError;
use crate::store::repository::store::Store;

impl Store {
    /// The commits that are in `new` and not in `old`, oldest first, along first parents: of a merged branch, only the
    /// merge. Only `new` if there are more than `most`; empty if `new` is `old`.
    pub fn steps(&self, old: Option<Oid>, new: Oid, most: usize) -> Result<Vec<Oid>, StoreError> {
        let walked = |e| StoreError::git("walking the history", e);
        let (Some(old), git) = (old, self.git()?) else { return Ok(vec![new]) };
        if old == new {
            return Ok(Vec::new());
        }
        let mut walk = git.revwalk().map_err(walked)?;
        walk.simplify_first_parent().and_then(|()| walk.set_sorting(Sort::TOPOLOGICAL)).map_err(walked)?;
        walk.push(new).and_then(|()| walk.hide(old)).map_err(walked)?;
        let mut steps = walk.take(most + 1).collect::<Result<Vec<Oid>, _>>().map_err(walked)?;
        if steps.len() > most || steps.is_empty() {
            return Ok(vec![new]);
        }
        steps.reverse();
        Ok(steps)
    }

    /// The number of commits that are in `new` and not in `old`.
    pub fn commits_between(&self, old: Oid, new: Oid) -> Result<usize, StoreError> {
        let walked = |e| StoreError::git("walking the history", e);
        let mut walk = self.git()?.revwalk().map_err(walked)?;
        walk.push(new).and_then(|()| walk.hide(old)).map_err(walked)?;
        Ok(walk.count())
    }

    /// A commit's author and its commit time. An author whose address is not a valid user id is `unknown`.
    pub fn author(&self, commit: Oid) -> Result<(UserId, Timestamp), StoreError> {
        let found = self.git()?.find_commit(commit).map_err(|e| StoreError::object(commit, &e))?;
        let unknown = || StoreError::Corrupt(format!("commit {commit} has no time"));
        let at = DateTime::from_timestamp(found.time().seconds(), 0).ok_or_else(unknown)?;
        let author = found.author();
        let known = author.email().ok().and_then(|email| UserId::new(email).ok());
        let nobody = || UserId::new("unknown").map_err(|_| unknown());
        Ok((known.map_or_else(nobody, Ok)?, Timestamp::from_utc(at)))
    }
}
