//! What differs from one operating system to another. No other file of the program names one, and a test says so.
//!
//! # Linux
//! Where the program is built and tested.
//!
//! # Mac
//! Library, binary, tests and benches are type-checked for both of Apple's targets by `.ci/run`; nothing is linked or run
//! there, for that takes Apple's SDK. The C parts (libgit2, ring) are not compiled at all. So what follows is written
//! from the systems' manuals, and where it is logic it has tests that run on Linux:
//! - flushing: `F_FULLFSYNC`, and `fsync` where the file system lacks it; libgit2's own `fsync` is completed ([`disk`])
//! - names that differ in case, or in composed and decomposed accents ([`names`])
//! - temporary folders behind links (`/tmp`, `/var`): a link above a folder that the user names is followed, and a path is
//!   compared with another one only when both are resolved
//! - no `/proc`: processes are asked by signal 0 ([`process`])
//! - no reserving of disk space, no early flush, no `TCP_USER_TIMEOUT`: the program goes without ([`disk`], [`server`])
//! - watching: `notify` uses FSEvents, which tells of resolved paths, a moment later than Linux does, and may tell again of
//!   what was changed just before the watch began; a page is then made once more for nothing
//!
//! Nothing here needs `O_TMPFILE`; a temporary file always has a name.
//!
//! Not covered: whether the program links, whether the tests pass there, and how fast it is.
//!
//! # Windows
//! It does not compile there. What is missing:
//! - [`folder`] and [`walk`]: opening below a folder (`cap-std` has it, see there), reparse points as links, and the
//!   device and file number of an opened file (`nightly` in the standard library, `file-id` elsewhere)
//! - flushing a folder's names, which Windows does not offer; a rename over an open file, which it refuses
//! - locks on folders: `LockFileEx` locks files only, so [`folder::Folder::try_lock`] and the writers' lock need a file
//! - permission bits ([`mode`]): hooks that run without one, and copies of artifacts that are no programs
//! - ending a process with what it has started ([`process`]): a job object
//! - names ([`names`]): bytes are not UTF-16; `file:///C:/..`; reserved names, `:` and a final dot or space in the names
//!   of artifacts' files
//! - a service's end ([`server`]), and the limit of open files, which there is none of
//! - tests that make links and set permission bits, which need a twin or an `ignore` there

pub(crate) mod disk;
pub(crate) mod folder;
pub(crate) mod mode;
pub(crate) mod names;
pub(crate) mod process;
pub(crate) mod server;
pub(crate) mod walk;
