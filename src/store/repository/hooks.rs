//! A repository's hooks: finding their folder, and writing a hook without replacing a foreign one.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use git2::ConfigLevel;

use super::store::Store;
use crate::store::error::StoreError;
use crate::store::platform::{disk, mode};

/// The folder from which git runs a repository's hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksFolder {
    /// The folder, which may not exist yet.
    pub path: PathBuf,
    /// Whether `core.hooksPath` names the folder; otherwise the folder is git's default.
    pub named: bool,
}

/// The outcome of writing a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookWritten {
    /// The hook is new.
    New,
    /// The hook of modelreg existed with another text and was replaced.
    Updated,
    /// The hook existed with the same text.
    Same,
    /// A hook of another program exists and was not changed.
    Foreign,
}

impl Store {
    /// Whether the repository has no working tree.
    pub fn is_bare(&self) -> Result<bool, StoreError> {
        Ok(self.git()?.is_bare())
    }

    /// The folder of the hooks. `core.hooksPath` may name any folder if the user's or the system's settings set it. The
    /// repository's own settings may only name a folder inside of the repository, because a foreign repository must not
    /// choose where on this machine a program is written.
    pub fn hooks_folder(&self) -> Result<HooksFolder, StoreError> {
        let git = self.git()?;
        let failed = |e| StoreError::git("reading git's configuration", e);
        let mut config = git.config().map_err(failed)?;
        let snapshot = config.snapshot().map_err(failed)?;
        let entry = match snapshot.get_entry("core.hooksPath") {
            Ok(entry) if entry.has_value() => entry,
            Ok(_) => return Ok(HooksFolder { path: git.commondir().join("hooks"), named: false }),
            Err(e) if e.code() == git2::ErrorCode::NotFound => {
                return Ok(HooksFolder { path: git.commondir().join("hooks"), named: false });
            }
            Err(e) => return Err(failed(e)),
        };
        let named = snapshot.get_path("core.hooksPath").map_err(failed)?;
        // A relative path starts where git runs hooks: at the top of the working tree, or in the bare repository.
        let top = git.workdir().unwrap_or(git.path());
        let path: PathBuf = top.join(named).components().collect();
        if matches!(entry.level(), ConfigLevel::Local | ConfigLevel::Worktree | ConfigLevel::App) {
            let inside = [Some(top), Some(git.commondir())].into_iter().flatten().any(|root| is_below(&path, root));
            if !inside {
                return Err(StoreError::HooksElsewhere(path));
            }
        }
        Ok(HooksFolder { path, named: true })
    }
}

/// Whether a path is inside a folder, after links in its existing part are resolved.
fn is_below(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let climbs = path.components().any(|part| part == std::path::Component::ParentDir);
    let existing = path.ancestors().find_map(|part| part.canonicalize().ok());
    !climbs && existing.is_some_and(|existing| existing.starts_with(folder))
}

/// Writes a hook atomically, if none exists or the existing one contains the line `marker`.
pub fn write_hook(path: &Path, text: &str, marker: &str) -> Result<HookWritten, StoreError> {
    let io = |doing| move |e| StoreError::io(doing, path, e);
    let written = match fs::symlink_metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => HookWritten::New,
        Err(e) => return Err(io("reading")(e)),
        // The target of a link may be shared with other repositories.
        Ok(found) if !found.is_file() => return Ok(HookWritten::Foreign),
        Ok(found) => {
            let old = fs::read(path).map_err(io("reading"))?;
            let runs = mode::all_may_run(&found);
            match String::from_utf8(old) {
                Ok(old) if old == text && runs => return Ok(HookWritten::Same),
                Ok(old) if old.lines().any(|line| line == marker) => HookWritten::Updated,
                _ => return Ok(HookWritten::Foreign),
            }
        }
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(io("creating the folder of"))?;
    let mut file = tempfile::Builder::new()
        .prefix(".modelreg-tmp")
        .tempfile_in(folder)
        .map_err(io("creating a temporary file beside"))?;
    file.write_all(text.as_bytes()).map_err(io("writing"))?;
    mode::make_program(file.as_file()).map_err(io("making executable"))?;
    disk::sync(file.as_file()).map_err(io("writing"))?;
    if written == HookWritten::New {
        // A hook that another program created meanwhile stays.
        file.persist_noclobber(path).map_err(|e| io("writing")(e.error))?;
    } else {
        file.persist(path).map_err(|e| io("writing")(e.error))?;
    }
    Ok(written)
}
