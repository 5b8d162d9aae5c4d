//! Turning on libgit2's fsync. Otherwise a power failure could lose a reported commit.

use std::sync::OnceLock;

use crate::store::error::StoreError;

/// Makes libgit2 flush every written object and ref, and their folders, before it continues.
#[allow(unsafe_code)]
pub(super) fn enable() -> Result<(), StoreError> {
    static DONE: OnceLock<i32> = OnceLock::new();
    let code = *DONE.get_or_init(|| {
        // Initialises libgit2, which must come before the first option is set.
        libgit2_sys::init();
        // The check in `git_tree` is faster.
        git2::opts::strict_hash_verification(false);
        // SAFETY: this option takes one int and writes one global flag. `get_or_init` lets one thread do it, before any
        // repository is opened by this crate.
        unsafe { libgit2_sys::git_libgit2_opts(libgit2_sys::GIT_OPT_ENABLE_FSYNC_GITDIR as std::ffi::c_int, 1) }
    });
    if code == 0 { Ok(()) } else { Err(StoreError::Corrupt(format!("libgit2 did not turn fsync on (code {code})"))) }
}
