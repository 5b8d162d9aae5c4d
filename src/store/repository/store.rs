//! A registry's repository: finding it, and reading its commits.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid, Repository};

use crate::model::layout::{MODELS, REGISTRY_FILE, SCHEMAS};
use crate::model::{Entry, Tree as _};
use crate::store::error::StoreError;
use crate::store::objects::git_tree::{GitTree, Handles};

/// A registry in a git repository.
pub struct Store {
    pub(in crate::store) handles: Handles,
    /// The registry's folder from the repository's root; empty for the root itself.
    pub(in crate::store) folder: String,
}

impl Store {
    /// Finds the registry that a folder belongs to, from the folder up to the top of the repository.
    pub fn discover(dir: &Path) -> Result<Self, StoreError> {
        let (repository, dir) = open(dir)?;
        let folder = find_registry(&repository, &dir)?;
        Ok(Self { handles: Handles::new(repository), folder })
    }

    /// Opens the repository that a folder belongs to, for a new registry in the folder.
    pub fn for_new_registry(dir: &Path) -> Result<Self, StoreError> {
        let (repository, dir) = open(dir)?;
        let folder = below_root(&repository, &dir).unwrap_or_default();
        Ok(Self { handles: Handles::new(repository), folder })
    }

    /// Opens the repository that `dir` belongs to, for the registry in `folder` from the repository's top. The registry
    /// need not exist.
    pub fn in_folder(dir: &Path, folder: &str) -> Result<Self, StoreError> {
        let (repository, _) = open(dir)?;
        Ok(Self { handles: Handles::new(repository), folder: folder.to_owned() })
    }

    /// Opens the repository for the registry that `dir` was in at a revision, even if a later change has moved that
    /// registry away: the folder is found upward from `dir` in the revision's files. A folder that is in no registry then,
    /// and is no part of the registry above, is a registry that is missing.
    pub fn for_revision(dir: &Path, revision: &str) -> Result<Self, StoreError> {
        let found = Self::discover(dir)?;
        let (repository, dir) = open(dir)?;
        let Some(named) = below_root(&repository, &dir) else { return Ok(found) };
        let commit = found.resolve(revision)?;
        let tree = found.git()?.find_commit(commit).and_then(|commit| commit.tree());
        let tree = tree.map_err(|e| StoreError::object(commit, &e))?;
        let holds = |folder: &str| tree.get_path(&Path::new(folder).join(REGISTRY_FILE)).is_ok();
        let above = Path::new(&named).ancestors().filter_map(Path::to_str).find(|folder| holds(folder));
        let Some(folder) = above.map(str::to_owned) else {
            drop(tree);
            return Ok(found);
        };
        let rest = named.strip_prefix(&folder).unwrap_or_default().trim_start_matches('/');
        let is_part = rest.is_empty() || [MODELS, SCHEMAS].contains(&rest.split('/').next().unwrap_or_default());
        Ok(Self { handles: Handles::new(repository), folder: if is_part { folder } else { named } })
    }

    /// Closes the open files and drops the caches. The next read opens them again.
    pub fn rest(&mut self) {
        self.handles.close();
    }

    pub(in crate::store) fn git(&self) -> Result<&Repository, StoreError> {
        self.handles.get()
    }

    /// The registry's folder on disk; none in a bare repository.
    pub fn folder_on_disk(&self) -> Result<Option<PathBuf>, StoreError> {
        Ok(self
            .git()?
            .workdir()
            .map(|top| if self.folder.is_empty() { top.to_owned() } else { top.join(&self.folder) }))
    }

    /// The top of the working tree; none in a bare repository.
    pub fn top_on_disk(&self) -> Result<Option<PathBuf>, StoreError> {
        Ok(self.git()?.workdir().map(Path::to_owned))
    }

    /// The registry's folder with a final `/`, as the prefix of a path from the repository's top; empty for the top
    /// itself.
    pub fn prefix(&self) -> String {
        if self.folder.is_empty() { String::new() } else { format!("{}/", self.folder) }
    }

    /// The path from the repository's top, of a path in the registry's folder. A path that begins with `/` already
    /// starts at the top.
    pub(in crate::store) fn path_from_top(&self, path: &str) -> String {
        path.strip_prefix('/').map_or_else(|| format!("{}{path}", self.prefix()), str::to_owned)
    }

    /// The registry's files at a commit; empty without a commit, as on an unborn branch.
    pub fn tree(&self, commit: Option<Oid>) -> Result<GitTree<'_>, StoreError> {
        let Some(id) = commit else { return Ok(GitTree::new(&self.handles, None)) };
        self.registry_in(self.whole_tree(id)?)
    }

    /// The registry's files in a tree of the whole repository.
    pub(in crate::store) fn registry_in<'s>(&'s self, top: GitTree<'s>) -> Result<GitTree<'s>, StoreError> {
        if self.folder.is_empty() {
            return Ok(top);
        }
        let folder = top.find(&self.folder).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let folder = folder.filter(Entry::is_folder).and_then(|entry| Oid::from_bytes(&entry.id?).ok());
        Ok(GitTree::new(&self.handles, folder))
    }

    /// All files of the repository at a commit, not only the registry's.
    pub fn whole_tree(&self, commit: Oid) -> Result<GitTree<'_>, StoreError> {
        let found = self.git()?.find_commit(commit).map_err(|e| StoreError::object(commit, &e))?;
        Ok(GitTree::new(&self.handles, Some(found.tree_id())))
    }

    /// The commit that a revision names.
    pub fn resolve(&self, revision: &str) -> Result<Oid, StoreError> {
        let found = self.git()?.revparse_single(revision).and_then(|object| object.peel_to_commit());
        found.map(|commit| commit.id()).map_err(|e| match e.code() {
            ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous => {
                StoreError::NoRevision(revision.into())
            }
            _ => StoreError::Corrupt(format!("`{revision}`: {}", e.message())),
        })
    }

    /// The commit that is checked out; none on an unborn branch.
    pub fn head(&self) -> Result<Option<Oid>, StoreError> {
        match self.git()?.head() {
            Ok(head) => head
                .peel_to_commit()
                .map(|c| Some(c.id()))
                .map_err(|e| StoreError::Corrupt(format!("HEAD: {}", e.message()))),
            Err(e) if e.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(e) => Err(StoreError::Corrupt(format!("HEAD: {}", e.message()))),
        }
    }

    /// The user's name and e-mail address from git's configuration.
    pub fn configured_person(&self) -> Result<(Option<String>, Option<String>), StoreError> {
        let config = self.git()?.config().and_then(|mut c| c.snapshot());
        let config = config.map_err(|e| StoreError::git("reading git's configuration", e))?;
        let get = |key: &str| config.get_string(key).ok().filter(|value| !value.trim().is_empty());
        Ok((get("user.name"), get("user.email")))
    }
}

/// Opens the repository that a folder belongs to. Environment variables such as `GIT_DIR` are ignored.
fn open(dir: &Path) -> Result<(Repository, PathBuf), StoreError> {
    crate::store::durability::enable()?;
    let dir = dir.canonicalize().map_err(|e| StoreError::io("opening", dir, e))?;
    let repository = Repository::discover(&dir).map_err(|e| match e.code() {
        ErrorCode::NotFound => StoreError::NoRepository(dir.clone()),
        ErrorCode::Owner => StoreError::ForeignOwner(dir.clone()),
        _ if e.message().contains("refstorage") || e.message().contains("extension") => {
            let what = if e.message().contains("object") { "SHA-256 objects" } else { "an extension of git's format" };
            StoreError::Unsupported { path: dir.clone(), what }
        }
        _ => StoreError::git("opening the repository", e),
    })?;
    Ok((repository, dir))
}

/// The folder's path from the top of the working tree, with `/` between the parts; none in a bare repository.
fn below_root(repository: &Repository, dir: &Path) -> Option<String> {
    let top = repository.workdir()?.canonicalize().ok()?;
    let below = dir.strip_prefix(top).ok()?;
    Some(below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"))
}

fn find_registry(repository: &Repository, dir: &Path) -> Result<String, StoreError> {
    let Some(mut folder) = below_root(repository, dir) else { return Ok(String::new()) };
    // The commit is read too, because a sparse checkout may omit the file.
    let head = repository.head().ok().and_then(|head| head.peel_to_tree().ok());
    loop {
        let file = if folder.is_empty() { REGISTRY_FILE.to_owned() } else { format!("{folder}/{REGISTRY_FILE}") };
        let on_disk = repository.workdir().is_some_and(|top| top.join(&file).symlink_metadata().is_ok());
        if on_disk || head.as_ref().is_some_and(|tree| tree.get_path(Path::new(&file)).is_ok()) {
            return Ok(folder);
        }
        if folder.is_empty() {
            return Err(StoreError::NoRegistry(dir.to_owned()));
        }
        folder.truncate(folder.rfind('/').unwrap_or(0));
    }
}
