//! Git's hooks of a repository: where they lie, and writing them without ever replacing somebody else's.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use git2::ConfigLevel;

use super::store::Store;
use crate::store::error::StoreError;
use crate::store::platform::{disk, mode};

/// The folder that git runs a repository's hooks from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksFolder {
    /// The folder; it need not exist yet.
    pub path: PathBuf,
    /// Whether `core.hooksPath` names it, rather than git's own default.
    pub named: bool,
}

/// What writing a hook did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookWritten {
    /// There was none.
    New,
    /// Ours was there, in another form.
    Updated,
    /// Ours was there, the same.
    Same,
    /// Somebody else's is there; it was left alone.
    Foreign,
}

impl Store {
    /// Whether the repository has no working tree.
    pub fn is_bare(&self) -> Result<bool, StoreError> {
        Ok(self.git()?.is_bare())
    }

    /// The folder of the hooks. `core.hooksPath` counts where the user or the machine sets it; where the repository's
    /// own settings do, only inside of the repository: a repository that somebody else made must not choose where on
    /// this machine a program is written.
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
        // Git takes a relative path from where it runs hooks: the top of the working tree, else its own folder.
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

/// Whether a path lies in a folder, by what its existing part really is.
fn is_below(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let climbs = path.components().any(|part| part == std::path::Component::ParentDir);
    let existing = path.ancestors().find_map(|part| part.canonicalize().ok());
    !climbs && existing.is_some_and(|existing| existing.starts_with(folder))
}

/// Writes a hook whole, where there is none or one that has the line `marker`.
pub fn write_hook(path: &Path, text: &str, marker: &str) -> Result<HookWritten, StoreError> {
    let io = |doing| move |e| StoreError::io(doing, path, e);
    let written = match fs::symlink_metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => HookWritten::New,
        Err(e) => return Err(io("reading")(e)),
        // What a link points to may be shared with others.
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
    fs::create_dir_all(folder).map_err(io("making the folder of"))?;
    let mut file =
        tempfile::Builder::new().prefix(".modelreg-tmp").tempfile_in(folder).map_err(io("making a file beside"))?;
    file.write_all(text.as_bytes()).map_err(io("writing"))?;
    mode::make_program(file.as_file()).map_err(io("making executable"))?;
    disk::sync(file.as_file()).map_err(io("writing"))?;
    if written == HookWritten::New {
        // Another's hook that came into being meanwhile stays.
        file.persist_noclobber(path).map_err(|e| io("writing")(e.error))?;
    } else {
        file.persist(path).map_err(|e| io("writing")(e.error))?;
    }
    Ok(written)
}
