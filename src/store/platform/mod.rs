//! Differences between operating systems. No other file names a system or uses a function that only one system has,
//! except tests; `tests/layers/main.rs` checks this rule.
//!
//! # Linux
//! The program is built and tested on Linux.
//!
//! # macOS
//! `.ci/types-on-a-mac`, a step of `.ci/run`, type-checks and lints library, binary, tests and benches for
//! `x86_64-apple-darwin` and `aarch64-apple-darwin`. It runs on Linux. Nothing is linked or run, and the C parts (libgit2,
//! `ring`) are not compiled, because all of that needs Apple's SDK. The step adds the two targets with `rustup` where they
//! are missing, and fails where that is impossible: it never passes without having checked.
//!
//! The program handles these differences. Tests on Linux cover their logic:
//! - **Flushing.** `fsync` leaves the bytes in the drive's own memory. Files and folders are flushed with
//!   `F_FULLFSYNC`, or
//!   with `fsync` where the file system lacks it. A flush by libgit2 is only `fsync`, and is completed ([`disk`]).
//! - **File names.** Names that differ in case, or in composed and decomposed accents, are one name ([`names`]). The
//!   names in
//!   an artifact's manifest are composed. `pull` names the two files that it cannot copy side by side. After a commit, files
//!   that it removed are removed before the others are written. Names of models that differ only in case are an error on
//!   every system.
//! - **Links above a folder.** `/tmp` and `/var` are links. A link above what the user named is followed. Paths are
//!   compared
//!   with each other only after both were resolved.
//! - **Processes.** `/proc` is missing; signal 0 shows whether a process is alive ([`process`]).
//! - **Missing calls.** Disk space is not reserved, writing to the disk does not start early ([`disk`]), and clients
//!   that have
//!   stopped reading are not disconnected, because `TCP_USER_TIMEOUT` is missing ([`server`]).
//! - **Watching.** `notify` uses FSEvents. It reports resolved paths, a moment later than on Linux, and may report
//!   changes
//!   from shortly before the watch began; then a page is rendered again without need.
//! - **Temporary files.** They all have names; `O_TMPFILE` is not needed.
//!
//! Not covered: whether the program links, whether the tests pass on a Mac, and how fast the program is there. Files of
//! an artifact in two folders whose names differ only in case end up in one folder, and `verify` then reports them.
//!
//! # Windows
//! The program does not compile for Windows. What is missing:
//! - [`folder`] and [`walk`]: opening below a folder (`cap-std` has it, see there), reparse points as links, and the
//!   device and file number of an opened file (`nightly` in the standard library, `file-id` elsewhere)
//! - flushing a folder's names, which Windows does not offer; a rename over an open file, which it refuses
//! - locks on folders: `LockFileEx` locks files only, so [`folder::Folder::try_lock`] and the writers' lock need a file
//! - permission bits ([`mode`]): hooks must run without them, and copies of artifacts must not be executable
//! - ending a process with its child processes ([`process`]): a job object
//! - names ([`names`]): bytes are not UTF-16; `file:///C:/..`; reserved names, `:` and a final dot or space in the
//!   names
//!   of artifacts' files
//! - the end of a service ([`server`]); Windows has no limit of open files
//! - tests that create links and set permission bits, which need a counterpart or an `ignore`

pub(crate) mod disk;
pub(crate) mod folder;
pub(crate) mod mode;
pub(crate) mod names;
pub(crate) mod process;
pub(crate) mod server;
pub(crate) mod walk;
