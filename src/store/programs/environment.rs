//! The environment variables that programs inherit.
//!
//! Git's variables can direct a program to another repository, index or object database than those in the command, and
//! hooks inherit many of them. So all variables that begin with `GIT_` are removed, except those for the user's
//! identity, the settings, the connection to a remote, and git's own tracing.

use std::ffi::OsStr;
use std::process::Command;

/// The prefixes of the inherited variables (git(1), "Environment Variables").
const GIVEN: [&[u8]; 17] = [
    // The user and the settings.
    b"GIT_AUTHOR_",
    b"GIT_COMMITTER_",
    b"GIT_CONFIG",
    b"GIT_ATTR_",
    b"GIT_EXEC_PATH",
    // The connection to a remote.
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
    // Tracing.
    b"GIT_TRACE",
];

/// Removes the other variables, and sets the language to C, because some outcomes can only be recognized by their text.
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
