//! Which variables of git's a program is given.
//!
//! Git's variables can lead a program to another repository, index or set of objects than those that the command names,
//! and a hook of git's inherits many of them. So every variable that begins with `GIT_` is left out, except those that say
//! who the user is, where the settings are, how a remote is reached, and what git shall tell of its work.

use std::ffi::OsStr;
use std::process::Command;

/// The beginnings of the variables that a program is given (git(1), "Environment Variables").
const GIVEN: [&[u8]; 17] = [
    // The user and the settings.
    b"GIT_AUTHOR_",
    b"GIT_COMMITTER_",
    b"GIT_CONFIG",
    b"GIT_ATTR_",
    b"GIT_EXEC_PATH",
    // How a remote is reached.
    b"GIT_ALLOW_PROTOCOL",
    b"GIT_ASKPASS",
    b"GIT_CURL_",
    b"GIT_HTTP_",
    b"GIT_LFS_",
    b"GIT_PROTOCOL",
    b"GIT_PROXY",
    b"GIT_SMART_HTTP",
    b"GIT_SSH",
    b"GIT_SSL_",
    b"GIT_TERMINAL_PROMPT",
    // What git tells of its work.
    b"GIT_TRACE",
];

/// Leaves out what is not given, and fixes the language: some outcomes are known by their words alone.
pub(super) fn apply(command: &mut Command) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| !is_given(name)) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C");
}

fn is_given(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    !name.starts_with(b"GIT_") || GIVEN.iter().any(|given| name.starts_with(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_given_nothing_that_leads_git_elsewhere() {
        for left_out in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_COMMON_DIR",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_QUARANTINE_PATH",
            "GIT_NAMESPACE",
            "GIT_SHALLOW_FILE",
            "GIT_REPLACE_REF_BASE",
            "GIT_CEILING_DIRECTORIES",
            "GIT_LITERAL_PATHSPECS",
            "GIT_EXTERNAL_DIFF",
        ] {
            assert!(!is_given(OsStr::new(left_out)), "{left_out}");
        }
        for given in ["PATH", "HOME", "SSH_AUTH_SOCK", "GITHUB_TOKEN", "GIT_CONFIG_COUNT", "GIT_SSH_COMMAND"] {
            assert!(is_given(OsStr::new(given)), "{given}");
        }
    }
}
