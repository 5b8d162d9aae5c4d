//! Turning on libgit2's fsync: without it, an acknowledged commit could be lost with the power.

use std::sync::OnceLock;

use crate::store::error::StoreError;

/// Makes libgit2 flush every object and ref it writes, and the folders that hold them, before it goes on.
#[allow(unsafe_code)]
pub(super) fn enable() -> Result<(), StoreError> {
    static DONE: OnceLock<i32> = OnceLock::new();
    let code = *DONE.get_or_init(|| {
        // Initialises libgit2, which must come before the first option is set.
        libgit2_sys::init();
        // Ours is faster, see `git_tree`.
        git2::opts::strict_hash_verification(false);
        // SAFETY: this option takes one int and writes one global flag. `get_or_init` lets one thread do it, before any
        // repository is opened by this crate.
        unsafe { libgit2_sys::git_libgit2_opts(libgit2_sys::GIT_OPT_ENABLE_FSYNC_GITDIR as std::ffi::c_int, 1) }
    });
    if code == 0 { Ok(()) } else { Err(StoreError::Corrupt(format!("libgit2 did not turn fsync on (code {code})"))) }
}
