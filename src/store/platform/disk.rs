//! Getting bytes to the disk, and reading them at a place.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::io::Errno;

/// Flushes a file's content, or a folder's names, to the disk, so that they outlive a power cut.
///
/// On a Mac `fsync` leaves them in the drive's own memory; the standard library asks for `F_FULLFSYNC` there, which not
/// every file system has.
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

/// Flushes a folder that is named by its path.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    sync(&File::open(folder)?)
}

/// Completes a flush of libgit2's, which calls `fsync` on every system: on a Mac that leaves the bytes in the drive's
/// memory, and one full flush of the folder has the drive write all that it holds.
pub(crate) fn complete_flush(folder: &Path) -> io::Result<()> {
    if cfg!(target_vendor = "apple") { sync_folder(folder) } else { Ok(()) }
}

/// Takes the disk space for a file of so many bytes, so that writing them cannot fail for want of it. Where the file
/// system cannot do that (a Mac's has another call for it), writing may still fail.
pub(crate) fn reserve(file: &File, length: u64) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let reserved = rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, length);
        // Any other error says that this file system cannot reserve.
        if let Err(full @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG | Errno::IO)) = reserved {
            return Err(full.into());
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (file, length);
    Ok(())
}

/// Starts writing a part of a file to the disk, and does not wait. It is advice only, and none on a Mac.
pub(crate) fn start_flush(file: &File, from: u64, length: u64) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let length = std::num::NonZeroU64::new(length);
        let _ = rustix::fs::fadvise(file, from, length, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (file, from, length);
}

/// Reads at a place of the file, whatever its position is. Gives the bytes read.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, from)
}

/// As [`read_at`], until the buffer is full.
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
