//! Flushing files to the disk, and reading at an offset.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::io::Errno;

/// Flushes a file's content, or a folder's names, to the disk, so that they survive a power failure.
///
/// On a Mac `fsync` leaves data in the drive's own memory. There the standard library uses `F_FULLFSYNC`, which not
/// every file system supports.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error) if cfg!(target_vendor = "apple") && lacks_full_flush(&error) => Ok(rustix::fs::fsync(file)?),
        done => done,
    }
}

fn lacks_full_flush(error: &io::Error) -> bool {
    Errno::from_io_error(error)
        .is_some_and(|errno| [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOTTY, Errno::INVAL].contains(&errno))
}

/// Flushes a folder by its path.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    sync(&File::open(folder)?)
}

/// Completes a flush of libgit2's, which calls `fsync` on every system. On a Mac `fsync` leaves data in the drive's
/// memory, and one full flush of a folder makes the drive write all of its memory.
pub(crate) fn complete_flush(folder: &Path) -> io::Result<()> {
    if cfg!(target_vendor = "apple") { sync_folder(folder) } else { Ok(()) }
}

/// Reserves disk space for a file of `length` bytes, so that writing cannot fail on a full disk. On file systems
/// without reservation, and on a Mac, writing may still fail.
pub(crate) fn reserve(file: &File, length: u64) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let reserved = rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, length);
        // Any other error means that the file system does not support reservation.
        if let Err(full @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG | Errno::IO)) = reserved {
            return Err(full.into());
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (file, length);
    Ok(())
}

/// Starts writing a part of a file to the disk without waiting. This is only advice, and does nothing on a Mac.
pub(crate) fn start_flush(file: &File, from: u64, length: u64) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let length = std::num::NonZeroU64::new(length);
        let _ = rustix::fs::fadvise(file, from, length, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (file, from, length);
}

/// Reads at an offset, independent of the file's position. Returns the number of bytes.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, from)
}

/// Like [`read_at`], until the buffer is full.
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_full_flush_that_the_file_system_lacks_is_told_from_one_that_failed() {
        for lacking in [Errno::NOTSUP, Errno::NOTTY, Errno::INVAL] {
            assert!(lacks_full_flush(&lacking.into()), "{lacking}");
        }
        for failed in [Errno::IO, Errno::NOSPC, Errno::DQUOT, Errno::BADF] {
            assert!(!lacks_full_flush(&failed.into()), "{failed}");
        }
    }

    #[test]
    fn files_and_folders_are_flushed() {
        let folder = tempfile::tempdir().unwrap();
        sync_folder(folder.path()).unwrap();
        complete_flush(folder.path()).unwrap();
        sync(&File::create(folder.path().join("file")).unwrap()).unwrap();
        assert!(sync_folder(&folder.path().join("none")).is_err());
    }
}
