//! What the judgement of a push asks of the repository: where commits stem from, what refs there are, and objects that
//! git holds apart until its hook has agreed.

use std::path::Path;

use git2::{ErrorCode, Oid};

use crate::store::error::StoreError;
use crate::store::repository::store::Store;

impl Store {
    /// Reads the objects of a push too, which git keeps in a folder of their own until the hook has agreed
    /// (git-receive-pack(1), "Quarantine environment"). It must be a folder of this repository's object database.
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

    /// The commit with this id; none where it is not here.
    pub fn commit_here(&self, id: Oid) -> Result<Option<Oid>, StoreError> {
        match self.git()?.find_commit(id) {
            Ok(commit) => Ok(Some(commit.id())),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(StoreError::object(id, &e)),
        }
    }

    /// Whether a commit is, or stems from, an older one.
    pub fn stems_from(&self, new: Oid, old: Oid) -> Result<bool, StoreError> {
        let walked = |e| StoreError::git("walking the history", e);
        Ok(new == old || self.git()?.graph_descendant_of(new, old).map_err(walked)?)
    }

    /// The commit that a ref points to, by its full name; none where there is no such ref.
    pub fn commit_of(&self, full_name: &str) -> Result<Option<Oid>, StoreError> {
        let broken = |e: git2::Error| StoreError::Corrupt(format!("`{full_name}`: {}", e.message()));
        match self.git()?.find_reference(full_name) {
            Ok(found) => found.peel_to_commit().map(|commit| Some(commit.id())).map_err(broken),
            Err(e) if matches!(e.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => Ok(None),
            Err(e) => Err(broken(e)),
        }
    }

    /// The ref that HEAD, or another ref that stands for one, stands for; the name itself for any other.
    pub fn stands_for(&self, full_name: &str) -> Result<String, StoreError> {
        let mut name = full_name.to_owned();
        // Git follows five.
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
