//! The files from which git's settings are read. Git's environment variables can name other files than the usual ones,
//! but libgit2 ignores these variables.

use std::ffi::OsString;
use std::path::Path;

use git2::{Config, ConfigLevel, Repository};

use super::store::Store;
use crate::store::error::StoreError;

/// An empty settings file.
const NOTHING: &str = "/dev/null";

/// The files that replace the usual ones, as git's environment variables name them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsFiles {
    /// `GIT_CONFIG_GLOBAL`: replaces both of the user's files.
    pub global: Option<OsString>,
    /// `GIT_CONFIG_SYSTEM`: replaces the system's file.
    pub system: Option<OsString>,
    /// `GIT_CONFIG_NOSYSTEM`: the system's file is not read.
    pub no_system: bool,
}

impl Store {
    /// Reads the user's and the system's settings from these files, in every thread's handle of the repository. An
    /// `includeIf` with a condition on the repository's folder is ignored.
    pub fn with_settings(self, files: &SettingsFiles) -> Result<Self, StoreError> {
        Ok(Self { handles: self.handles.with_settings(files)?, ..self })
    }
}

impl SettingsFiles {
    /// Makes a handle read these files.
    pub(in crate::store) fn apply(&self, git: &Repository) -> Result<(), StoreError> {
        let failed = |e| StoreError::git("reading git's configuration", e);
        // This configuration is the handle's own, not a copy.
        let mut config = git.config().map_err(failed)?;
        if let Some(global) = &self.global {
            replace(&mut config, ConfigLevel::Global, Path::new(global)).map_err(failed)?;
            replace(&mut config, ConfigLevel::XDG, Path::new(NOTHING)).map_err(failed)?;
        }
        match &self.system {
            _ if self.no_system => replace(&mut config, ConfigLevel::System, Path::new(NOTHING)).map_err(failed)?,
            Some(system) => replace(&mut config, ConfigLevel::System, Path::new(system)).map_err(failed)?,
            None => {}
        }
        Ok(())
    }
}

fn replace(config: &mut Config, level: ConfigLevel, file: &Path) -> Result<(), git2::Error> {
    config.add_file(if file.as_os_str().is_empty() { Path::new(NOTHING) } else { file }, level, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_reads_the_settings_that_are_named() {
        let folder = tempfile::tempdir().unwrap();
        Repository::init(folder.path().join("r")).unwrap();
        let settings = folder.path().join("settings");
        std::fs::write(&settings, "[gpg \"ssh\"]\n\trevocationFile = /revoked\n").unwrap();
        let files = SettingsFiles { global: Some(settings.into()), ..SettingsFiles::default() };
        let store = Store::in_folder(&folder.path().join("r"), "").unwrap().with_settings(&files).unwrap();
        let revoked = |store: &Store| {
            store.git().unwrap().config().unwrap().snapshot().unwrap().get_string("gpg.ssh.revocationFile").unwrap()
        };
        assert_eq!(revoked(&store), "/revoked");
        std::thread::scope(|scope| {
            scope.spawn(|| assert_eq!(revoked(&store), "/revoked"));
        });
    }
}
