//! Permission bits.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;

/// Readable by all, writable by nobody, as git's objects.
pub(crate) fn read_only() -> Permissions {
    Permissions::from_mode(0o444)
}

/// Whether the file's owner may run the file, which is the only permission that git records.
pub(crate) fn owner_may_run(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o100 != 0
}

/// Whether everybody may run the file.
pub(crate) fn all_may_run(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o111 == 0o111
}

/// Makes the file executable for everybody, and writable for its owner only.
pub(crate) fn make_program(file: &File) -> io::Result<()> {
    set(file, 0o755)
}

/// Sets the permission bits.
pub(crate) fn set(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}
