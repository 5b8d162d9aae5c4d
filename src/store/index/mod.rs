//! Git's index, changed entry by entry.
//!
//! A commit is made without the index. Afterwards the index has to agree with it on the touched paths, and an index of
//! 100,000 files takes git and libgit2 a quarter of a second to read, refresh and write. Here the touched entries
//! are cut out and put in, and every other byte is copied. The format is that of git's manual page `gitformat-index(5)`.
//!
//! What is not understood (a split or a sparse index) is left to the `git` program, under the same lock.

mod error;
mod extensions;
mod format;
mod git;
mod lock;
mod rewrite;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, FileTimes};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use sha1::{Digest as _, Sha1};

use crate::model::ObjectId;

pub use error::IndexError;
use error::io_error;
use format::{Checksum, Index, Malformed};
use git::Listing;
use lock::Lock;

/// The mode of a plain file in the index.
pub const MODE_FILE: u32 = 0o100_644;

/// What `lstat` said of a file when it was last seen to hold its entry's content. Git compares it to see without
/// reading that a file is unchanged. Each number is cut to its low 32 bits, as the format wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stat {
    /// Seconds and nanoseconds of the last change of the inode.
    pub ctime: (u32, u32),
    /// Seconds and nanoseconds of the last change of the content.
    pub mtime: (u32, u32),
    /// The device.
    pub dev: u32,
    /// The inode.
    pub ino: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// The size in bytes.
    pub size: u32,
}

/// An entry to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEntry {
    /// The blob.
    pub id: ObjectId,
    /// The mode, as in [`MODE_FILE`].
    pub mode: u32,
    /// The file's stat data; without it git compares the content the next time it looks.
    pub stat: Option<Stat>,
}

/// What shall stand at a path: an entry, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEdit {
    /// The path from the top of the working tree, with `/` between the parts.
    pub path: Vec<u8>,
    /// The entry, or none where it goes.
    pub new: Option<NewEntry>,
}

/// An entry that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The blob.
    pub id: ObjectId,
    /// The mode.
    pub mode: u32,
    /// The user told git not to look at the file (`git update-index --assume-unchanged`).
    pub assume_valid: bool,
    /// The file is not checked out (`git sparse-checkout`).
    pub skip_worktree: bool,
    /// The user announced the file without adding it (`git add -N`).
    pub intent_to_add: bool,
}

/// What the index has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Nothing.
    Absent,
    /// An entry.
    Entry(Entry),
    /// The sides of a merge that is not resolved.
    Conflict,
    /// Nothing, and nothing fits: the path is a folder of other entries, or lies below an entry.
    Obstructed,
}

/// Space for new entries that is made sure of before they are known, in bytes: a few hundred of them.
const ROOM: u64 = 1 << 16;

/// How much is read or written at once, in bytes.
const CHUNK: usize = 1 << 20;

type Edits = BTreeMap<Vec<u8>, Option<NewEntry>>;

/// The index under git's own lock. What it says holds until the value is dropped or committed.
pub struct LockedIndex {
    lock: Lock,
    path: PathBuf,
    workdir: PathBuf,
    old: Option<fs::Metadata>,
    base: Base,
}

enum Base {
    /// Read here. The thread checks the checksum meanwhile.
    Native { index: Index, intact: JoinHandle<bool> },
    /// Read by git, for it is of a kind that is not understood here; with the bytes of the file.
    Git { listing: Listing, bytes: Arc<Vec<u8>> },
}

impl LockedIndex {
    /// Locks and reads the index of a working tree. A missing one is empty.
    ///
    /// # Errors
    /// [`IndexError::Locked`] when another program held the lock all the time that was given to wait;
    /// [`IndexError::Corrupt`]; [`IndexError::Git`] when git was needed and failed.
    pub fn open(index: &Path, workdir: &Path, wait: Duration) -> Result<Self, IndexError> {
        let path = resolved(index)?;
        let lock = Lock::acquire(&path, wait)?;
        let (bytes, old) = match read(&path) {
            Ok((bytes, metadata)) => (Some(Arc::new(bytes)), Some(metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => (None, None),
            Err(error) => return Err(io_error("read", &path)(error)),
        };
        let base = match bytes {
            None => Base::Native { index: Index::empty(), intact: std::thread::spawn(|| true) },
            Some(bytes) => {
                // A full disk shows now, before anything depends on the index being written.
                lock.reserve(bytes.len() as u64 + ROOM)?;
                Self::understand(&path, workdir, bytes)?
            }
        };
        Ok(Self { lock, path, workdir: workdir.to_owned(), old, base })
    }

    fn understand(path: &Path, workdir: &Path, bytes: Arc<Vec<u8>>) -> Result<Base, IndexError> {
        // The hash of 10 MB takes as long as all the rest, so another core does it.
        let hashed = Arc::clone(&bytes);
        let intact = std::thread::spawn(move || format::checksum_holds(&hashed));
        match Index::parse(Arc::clone(&bytes)) {
            Ok(index) => Ok(Base::Native { index, intact }),
            Err(Malformed::Unsupported(_)) => Ok(Base::Git { listing: Listing::read(path, workdir)?, bytes }),
            Err(Malformed::Corrupt(why)) => Err(IndexError::Corrupt { path: path.to_owned(), why }),
        }
    }

    /// What the index has at a path.
    pub fn slot(&self, path: &[u8]) -> Slot {
        let slot = match &self.base {
            Base::Native { index, .. } => index.slot(path),
            Base::Git { listing, .. } => listing.slot(path),
        };
        if slot == Slot::Absent && self.obstructed(path, &|_| true) { Slot::Obstructed } else { slot }
    }

    /// Whether the path is a folder of entries, or lies below one, of those that count.
    fn obstructed(&self, path: &[u8], counts: &dyn Fn(&[u8]) -> bool) -> bool {
        let folder = [path, b"/"].concat();
        let (above, below) = match &self.base {
            Base::Native { index, .. } => {
                (folders(path).any(|above| index.has(above) && counts(above)), index.below(&folder).any(counts))
            }
            Base::Git { listing, .. } => {
                (folders(path).any(|above| listing.has(above) && counts(above)), listing.below(&folder).any(counts))
            }
        };
        above || below
    }

    /// Writes the edits and lets go of the lock. Of two edits of one path the later counts.
    ///
    /// # Errors
    /// Leaves the index as it was. [`IndexError::Corrupt`] comes here too: the checksum is looked at last.
    pub fn commit(self, edits: &[IndexEdit]) -> Result<(), IndexError> {
        let edits: Edits = edits.iter().map(|edit| (edit.path.clone(), edit.new)).collect();
        for (path, edit) in &edits {
            check_path(path)?;
            // What stands in the way may go with the same edits, and another edit may put it there.
            let stays = |other: &[u8]| edits.get(other) != Some(&None);
            let comes = |folder: &[u8]| matches!(edits.get(folder), Some(Some(_)));
            let obstructed = edit.is_some() && (self.obstructed(path, &stays) || folders(path).any(comes));
            if obstructed || self.slot(path) == Slot::Conflict {
                return Err(IndexError::Clash { path: String::from_utf8_lossy(path).into_owned() });
            }
        }
        if edits.is_empty() {
            return self.lock.release();
        }
        match self.base {
            Base::Native { index, intact } => {
                let rewritten = index.rewrite(&edits);
                write(self.lock, &self.path, self.old.as_ref(), rewritten.pieces(), index.checksum(), intact)
            }
            Base::Git { listing, bytes } => {
                git::update(&self.path, &self.workdir, &bytes, self.old.as_ref(), &listing, &edits)?;
                self.lock.release()
            }
        }
    }
}

/// Changes entries of an index: [`LockedIndex::open`] and [`LockedIndex::commit`] in one.
///
/// # Errors
/// As both. The index is then what it was.
pub fn update(index: &Path, workdir: &Path, edits: &[IndexEdit], wait: Duration) -> Result<(), IndexError> {
    LockedIndex::open(index, workdir, wait)?.commit(edits)
}

/// Refuses a path that git would not take into an index.
///
/// # Errors
/// [`IndexError::Path`].
pub fn check_path(path: &[u8]) -> Result<(), IndexError> {
    let bad = |part: &[u8]| part.is_empty() || part == b"." || part == b".." || part.eq_ignore_ascii_case(b".git");
    if path.contains(&0) || path.split(|&b| b == b'/').any(bad) {
        return Err(IndexError::Path { path: String::from_utf8_lossy(path).into_owned() });
    }
    Ok(())
}

/// Git keeps its lock beside the file that a link leads to, so that is the path that counts.
fn resolved(index: &Path) -> Result<PathBuf, IndexError> {
    match fs::symlink_metadata(index) {
        Ok(metadata) if metadata.is_symlink() => fs::canonicalize(index).map_err(io_error("resolve", index)),
        _ => Ok(index.to_owned()),
    }
}

fn read(path: &Path) -> io::Result<(Vec<u8>, fs::Metadata)> {
    use std::os::unix::fs::FileExt as _;
    let file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    let mut bytes = vec![0; metadata.len() as usize];
    if bytes.len() < CHUNK {
        file.read_exact_at(&mut bytes, 0)?;
        return Ok((bytes, metadata));
    }
    // Most of the time goes into fresh memory, page by page, and two cores share it well.
    let half = bytes.len() / 2;
    let (left, right) = bytes.split_at_mut(half);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| file.read_exact_at(right, half as u64));
        file.read_exact_at(left, 0)?;
        other.join().map_err(|_| io::Error::other("the index was not read to its end"))?
    })?;
    Ok((bytes, metadata))
}

/// The proper prefixes of a path that end before a slash: the folders it lies in.
fn folders(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|&(_, &b)| b == b'/').map(|(at, _)| &path[..at])
}

/// Writes the pieces to the lock file and makes it the index.
///
/// The index is not fsynced: it is derived from commit and working tree, git does not sync it by default either, and
/// `git reset` makes it anew after a power cut.
fn write(
    mut lock: Lock,
    path: &Path,
    old: Option<&fs::Metadata>,
    pieces: &[std::borrow::Cow<'_, [u8]>],
    checksum: Checksum,
    intact: JoinHandle<bool>,
) -> Result<(), IndexError> {
    let fail = io_error("write", lock.path());
    let sum = std::thread::scope(|scope| {
        let hash = scope.spawn(|| match checksum {
            Checksum::Null => [0; 20],
            Checksum::Sha1 => pieces.iter().fold(Sha1::new(), |hash, piece| hash.chain_update(piece)).finalize().into(),
        });
        let written = pieces.iter().flat_map(|piece| piece.chunks(CHUNK)).try_for_each(|part| lock.write(part));
        let sum: [u8; 20] = hash.join().map_err(|_| io::Error::other("the hash was not finished"))?;
        written.map(|()| sum)
    });
    let written = sum.and_then(|sum| lock.write(&sum)).and_then(|()| lock.end()).and_then(|()| {
        let Some(old) = old else { return Ok(()) };
        lock.file().set_permissions(old.permissions())?;
        // Git takes an entry for unchanged, unread, when its file is older than the index. A file that was edited
        // twice in one second would hide behind a newer index, so git looks into such files before it writes. The old
        // time keeps every doubt where it was, without looking.
        lock.file().set_times(FileTimes::new().set_modified(old.modified()?))
    });
    written.map_err(fail)?;
    if !intact.join().unwrap_or(false) {
        return Err(IndexError::Corrupt { path: path.to_owned(), why: "its checksum does not match its content" });
    }
    lock.rename_to(path)
}
