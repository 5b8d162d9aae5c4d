//! Questions about a push: the ancestry of commits, the refs, and the quarantined objects that git keeps apart until
//! the hook accepts the push.

use std::path::Path;

use git2::{ErrorCode, Oid};

use crate::store::error::StoreError;
use crate::store::repository::store::Store;

impl Store {
    /// Also reads the quarantined objects of a push (git-receive-pack(1), "Quarantine environment"). `folder` must be
    /// inside this repository's object database.
    pub fn with_quarantine(self, folder: &Path) -> Result<Self, StoreError> {
        let git = self.git()?;
        let objects = git.commondir().join("objects").canonicalize();
        let real = folder.canonicalize().map_err(|e| StoreError::io("opening", folder, e))?;
        if objects.ok().as_deref() != real.parent() {
            return Err(StoreError::Quarantine(folder.to_owned()));
        }
        let Self { handles, folder } = self;
        Ok(Self { handles: handles.with_objects(&real)?, folder })
    }

    /// The id itself, if this repository has a commit of this id.
    pub fn commit_here(&self, id: Oid) -> Result<Option<Oid>, StoreError> {
        match self.git()?.find_commit(id) {
            Ok(commit) => Ok(Some(commit.id())),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(StoreError::object(id, &e)),
        }
    }

    /// Whether `new` is `old` or a descendant of `old`.
    pub fn stems_from(&self, new: Oid, old: Oid) -> Result<bool, StoreError> {
        let walked = |e| StoreError::git("walking the history", e);
        Ok(new == old || self.git()?.graph_descendant_of(new, old).map_err(walked)?)
    }

    /// The commit that a ref points to, by the ref's full name; none if the ref does not exist.
    pub fn commit_of(&self, full_name: &str) -> Result<Option<Oid>, StoreError> {
        let broken = |e: git2::Error| StoreError::Corrupt(format!("`{full_name}`: {}", e.message()));
        match self.git()?.find_reference(full_name) {
            Ok(found) => found.peel_to_commit().map(|commit| Some(commit.id())).map_err(broken),
            Err(e) if matches!(e.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => Ok(None),
            Err(e) => Err(broken(e)),
        }
    }

    /// The full name of the ref that a symbolic ref such as `HEAD` points to; for any other ref, the name itself.
    pub fn stands_for(&self, full_name: &str) -> Result<String, StoreError> {
        let mut name = full_name.to_owned();
        // Git follows at most five symbolic refs.
        for _ in 0..5 {
            let found = match self.git()?.find_reference(&name) {
                Ok(found) => found,
                Err(_) => break,
            };
            match found.symbolic_target() {
                Ok(Some(target)) => name = target.to_owned(),
                _ => break,
            }
        }
        Ok(name)
    }

    /// The full names of all branches.
    pub fn branches(&self) -> Result<Vec<String>, StoreError> {
        let failed = |e| StoreError::git("listing the branches", e);
        let git = self.git()?;
        let mut refs = git.references_glob("refs/heads/*").map_err(failed)?;
        let mut names: Vec<String> = refs.names().filter_map(|name| name.ok().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }
}
