//! Which files git's settings are read from. git's environment can name others than the usual ones; libgit2 does not ask
//! it.

use std::ffi::OsString;
use std::path::Path;

use git2::{Config, ConfigLevel};

use super::error::StoreError;
use super::repository::Store;

/// A file without settings.
const NOTHING: &str = "/dev/null";

/// The files that stand in for the usual ones, as git's variables name them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsFiles {
    /// `GIT_CONFIG_GLOBAL`: instead of both of the user's own files.
    pub global: Option<OsString>,
    /// `GIT_CONFIG_SYSTEM`: instead of the machine's.
    pub system: Option<OsString>,
    /// `GIT_CONFIG_NOSYSTEM`: none of the machine's.
    pub no_system: bool,
}

impl Store {
    /// Reads the user's and the machine's settings from these files, in this thread's handle of the repository: identity
    /// and signing are asked of that one. An `includeIf` in them that asks for the repository's folder counts for nothing.
    pub fn with_settings(self, files: &SettingsFiles) -> Result<Self, StoreError> {
        let failed = |e| StoreError::git("reading git's configuration", e);
        // The handle's own, not a copy.
        let mut config = self.git()?.config().map_err(failed)?;
        if let Some(global) = &files.global {
            replace(&mut config, ConfigLevel::Global, Path::new(global)).map_err(failed)?;
            replace(&mut config, ConfigLevel::XDG, Path::new(NOTHING)).map_err(failed)?;
        }
        match &files.system {
            _ if files.no_system => replace(&mut config, ConfigLevel::System, Path::new(NOTHING)).map_err(failed)?,
            Some(system) => replace(&mut config, ConfigLevel::System, Path::new(system)).map_err(failed)?,
            None => {}
        }
        Ok(self)
    }
}

fn replace(config: &mut Config, level: ConfigLevel, file: &Path) -> Result<(), git2::Error> {
    config.add_file(if file.as_os_str().is_empty() { Path::new(NOTHING) } else { file }, level, true)
}
