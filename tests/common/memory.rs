//! The place of the tests' temporary folders.

use std::path::{Path, PathBuf};

/// The minimum free space of the folder in memory, in bytes. Containers often have only 64 MiB.
const ENOUGH: u64 = 256 << 20;

/// A folder in memory if the system has one with enough space, or else the default folder for temporary files.
/// The program flushes every file that it writes, so tests on a disk wait for the disk most of the time.
pub fn temporary_folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map_or(0, |stat| stat.f_bavail * stat.f_frsize);
    let writable = rustix::fs::access(memory, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    if free >= ENOUGH && writable { memory.to_owned() } else { std::env::temp_dir() }
}
