//! Calls of git on a repository.

use std::ffi::OsString;
use std::path::Path;

use super::call::Call;
use super::error::ProgramError;
use super::version::{self, Version};

/// A call of git without its subcommand.
pub(in crate::store) struct Git {
    call: Call,
    version: Option<Version>,
}

impl Git {
    fn new() -> Result<Self, ProgramError> {
        let version = version::require()?;
        // `core.fsmonitor` can name a program, which the repository's settings must not choose.
        Ok(Self { call: Call::new("git", "git"), version }.setting("core.fsmonitor", "false"))
    }

    /// Git as if run by the user in a folder: with the repository's hooks and the user's credentials.
    pub(in crate::store) fn for_the_user(folder: &Path) -> Result<Self, ProgramError> {
        let Self { call, version } = Self::new()?;
        Ok(Self { call: call.arg("-C").arg(folder), version })
    }

    /// Git on a repository's git directory, without hooks.
    pub(in crate::store) fn plumbing(git_dir: &Path) -> Result<Self, ProgramError> {
        let Self { call, version } = Self::new()?.setting("core.hooksPath", "/dev/null");
        Ok(Self { call: call.arg(joined("--git-dir=", git_dir)), version })
    }

    /// Adds a setting for this call.
    pub(in crate::store) fn setting(mut self, key: &str, value: &str) -> Self {
        self.call = self.call.arg("-c").arg(format!("{key}={value}"));
        self
    }

    /// Makes git flush all written files to the disk.
    pub(in crate::store) fn durable(self) -> Self {
        match self.version {
            Some(version) if version < Version(2, 36) => self.setting("core.fsyncObjectFiles", "true"),
            _ => self.setting("core.fsync", "all"),
        }
    }

    /// Sets the top of the working tree.
    pub(in crate::store) fn work_tree(mut self, folder: &Path) -> Self {
        self.call = self.call.arg(joined("--work-tree=", folder));
        self
    }

    /// Sets the subcommand. Names that could look like options must follow `--end-of-options`.
    pub(in crate::store) fn command(self, command: &str) -> Call {
        let mut call = self.call.arg(command);
        call.name = format!("git {command}");
        call
    }
}

fn joined(option: &str, value: &Path) -> OsString {
    let mut joined = OsString::from(option);
    joined.push(value);
    joined
}
