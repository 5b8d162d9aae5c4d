//! Git's index, changed entry by entry.
//!
//! A commit is made without the index. Afterwards the index must agree with the commit on the touched paths, and an index of
//! 100,000 files takes git and libgit2 a quarter of a second to read, refresh and write. Here the touched entries are
//! replaced, and all other bytes are copied. The format is described in `gitformat-index(5)`.
//!
//! Writing a large index still takes tens of milliseconds, so an index of some megabytes is split as by git, unless
//! the user has set `core.splitIndex` to false. Kinds that this code does not understand, such as a sparse index, are edited by
//! the program `git`, under the same lock.

#[cfg(any(test, fuzzing))]
mod any_bytes;
mod entry;
mod error;
mod ewah;
mod extensions;
mod format;
mod git;
mod lock;
mod rewrite;
mod shared;
mod split;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fs::{self, FileTimes};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use sha1::{Digest as _, Sha1};

use crate::store::platform::disk::read_exact_at;

#[cfg(fuzzing)]
pub use any_bytes::any_bytes;
use entry::{Edits, folders};
pub use entry::{IndexEdit, MODE_FILE, NewEntry, Slot, Stat};
pub use error::IndexError;
use error::io_error;
use format::{Checksum, Index, Malformed};
use git::Listing;
use lock::Lock;
use shared::Wanted;
use split::Split;

/// The space that is reserved for a few hundred new entries before they are known, in bytes.
const ROOM: u64 = 1 << 16;

/// The size of a read or a write, in bytes.
const CHUNK: usize = 1 << 20;

/// The minimum size of an index that is split, in bytes: about 35,000 files. A smaller one is written in a few milliseconds, and
/// stays readable for programs that do not know split indexes.
const SPLIT_FROM: usize = 1 << 22;

/// An index file, and how to write it.
#[derive(Debug, Clone, Copy)]
pub struct IndexFile<'a> {
    /// The file. A missing file counts as empty.
    pub path: &'a Path,
    /// The top of the index's working tree.
    pub workdir: &'a Path,
    /// The maximum wait for the lock of another process.
    pub wait: Duration,
    /// The size from which the index is split, in bytes; none never splits.
    pub split_from: Option<usize>,
}

impl<'a> IndexFile<'a> {
    /// The index of a clone. `may_split` is the user's setting.
    pub fn new(path: &'a Path, workdir: &'a Path, wait: Duration, may_split: bool) -> Self {
        Self { path, workdir, wait, split_from: may_split.then_some(SPLIT_FROM) }
    }
}

/// The index under git's own lock, so it does not change until the value is dropped or committed.
pub struct LockedIndex {
    lock: Lock,
    path: PathBuf,
    workdir: PathBuf,
    old: Option<fs::Metadata>,
    base: Base,
}

enum Base {
    /// An index that this code reads. A thread verifies the checksum meanwhile.
    Native { index: Index, intact: JoinHandle<bool> },
    /// The same for a split index, or for a whole index that is split when it is written.
    Split { split: Split, intact: JoinHandle<bool> },
    /// An index that git reads, because this code does not understand its kind. With the bytes of the file, and whether git
    /// should write a new shared file.
    Git { listing: Listing, bytes: Arc<Vec<u8>>, share: bool },
}

impl Base {
    /// The approximate size of the new file, in bytes.
    fn size(&self) -> u64 {
        match self {
            Self::Native { index, .. } => index.size(),
            Self::Split { split, .. } => split.size(),
            // Git writes its own copy.
            Self::Git { .. } => 0,
        }
    }
}

impl LockedIndex {
    /// Locks the index of a working tree and reads it for some paths. A missing index is empty.
    ///
    /// # Errors
    /// [`IndexError::Locked`] if another process held the lock for the whole wait;
    /// [`IndexError::Corrupt`]; [`IndexError::Git`] if git was needed and failed.
    pub fn open(index: &IndexFile<'_>, paths: &[&[u8]]) -> Result<Self, IndexError> {
        let path = resolved(index.path)?;
        let lock = Lock::acquire(&path, index.wait)?;
        let (bytes, old) = match fs::File::open(&path).and_then(|file| read_open(&file)) {
            Ok((bytes, metadata)) => (Some(Arc::new(bytes)), Some(metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => (None, None),
            Err(error) => return Err(io_error("read", &path)(error)),
        };
        let base = match bytes {
            None => Base::Native { index: Index::empty(), intact: std::thread::spawn(|| true) },
            Some(bytes) => {
                // Git looks for the shared file in the folder of `index`, also if `index` is a link.
                let split = path == index.path && index.split_from.is_some_and(|from| bytes.len() >= from);
                let base = Self::understand(&path, index.workdir, bytes, split, paths)?;
                // A full disk is found here, before anything depends on the new index.
                lock.reserve(ROOM + base.size())?;
                base
            }
        };
        Ok(Self { lock, path, workdir: index.workdir.to_owned(), old, base })
    }

    fn understand(
        path: &Path,
        workdir: &Path,
        bytes: Arc<Vec<u8>>,
        split: bool,
        paths: &[&[u8]],
    ) -> Result<Base, IndexError> {
        // Hashing 10 MB takes as long as all other work, so another thread does it.
        let hashed = Arc::clone(&bytes);
        let intact = std::thread::spawn(move || format::checksum_holds(&hashed));
        let folder = path.parent().unwrap_or(Path::new(""));
        let base = match Index::parse(Arc::clone(&bytes)) {
            Ok(top) if top.link().is_some() => {
                Split::read(top, folder, &Wanted::new(paths)).map(|split| Base::Split { split, intact })
            }
            Ok(index) if split => Ok(match Split::new(index, &Wanted::new(paths)) {
                Ok(split) => Base::Split { split, intact },
                Err(index) => Base::Native { index, intact },
            }),
            Ok(index) => Ok(Base::Native { index, intact }),
            Err(error) => Err(error),
        };
        base.or_else(|error| match error {
            Malformed::Unsupported(_) | Malformed::Worn => {
                let share = error == Malformed::Worn;
                Ok(Base::Git { listing: Listing::read(path, workdir)?, bytes, share })
            }
            Malformed::Corrupt(why) => Err(IndexError::Corrupt { path: path.to_owned(), why }),
        })
    }

    /// The state of the index at one of the paths that it was opened for.
    pub fn slot(&self, path: &[u8]) -> Slot {
        let slot = match &self.base {
            Base::Native { index, .. } => index.slot(path),
            Base::Split { split, .. } => split.slot(path),
            Base::Git { listing, .. } => listing.slot(path),
        };
        if slot == Slot::Absent && self.obstructed(path, &|_| true) { Slot::Obstructed } else { slot }
    }

    /// Whether the path is a folder of entries, or is below an entry. `counts` selects the entries.
    fn obstructed(&self, path: &[u8], counts: &dyn Fn(&[u8]) -> bool) -> bool {
        let folder = [path, b"/"].concat();
        let (above, below) = match &self.base {
            Base::Native { index, .. } => {
                (folders(path).any(|above| index.has(above) && counts(above)), index.below(&folder).any(counts))
            }
            Base::Split { split, .. } => {
                (folders(path).any(|above| split.has(above) && counts(above)), split.below(&folder).any(counts))
            }
            Base::Git { listing, .. } => {
                (folders(path).any(|above| listing.has(above) && counts(above)), listing.below(&folder).any(counts))
            }
        };
        above || below
    }

    /// Writes edits of the paths that the index was opened for, and releases the lock. Of two edits of one path the later
    /// counts.
    ///
    /// # Errors
    /// The index stays unchanged. [`IndexError::Corrupt`] is possible here too, because the checksum is verified last.
    pub fn commit(self, edits: &[IndexEdit]) -> Result<(), IndexError> {
        let edits: Edits = edits.iter().map(|edit| (edit.path.clone(), edit.new)).collect();
        for (path, edit) in &edits {
            check_path(path)?;
            // An entry that clashes can be removed by the same edits, or can be added by them.
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
            Base::Split { split, intact } => {
                if let Some(index) = split.whole()
                    && split.share(&self.path).is_err()
                {
                    // On a file system without hard links, the index stays whole.
                    let rewritten = index.rewrite(&edits);
                    let pieces = rewritten.pieces();
                    return write(self.lock, &self.path, self.old.as_ref(), pieces, index.checksum(), intact);
                }
                let file = [Cow::Owned(split.rewrite(&edits))];
                let written = write(self.lock, &self.path, self.old.as_ref(), &file, split.checksum(), intact);
                if written.is_err() && split.whole().is_some() {
                    split.unshare(&self.path);
                }
                written
            }
            Base::Git { listing, bytes, share } => {
                git::update(&self.path, &self.workdir, &bytes, self.old.as_ref(), &listing, share, &edits)?;
                self.lock.release()
            }
        }
    }
}

/// Refuses a path that git does not accept in an index.
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

/// The path of the index with links resolved: git creates its lock in the folder of the link's target.
fn resolved(index: &Path) -> Result<PathBuf, IndexError> {
    match fs::symlink_metadata(index) {
        Ok(metadata) if metadata.is_symlink() => fs::canonicalize(index).map_err(io_error("resolve", index)),
        _ => Ok(index.to_owned()),
    }
}

/// The content and the metadata of a file. The metadata is read first.
fn read_open(file: &fs::File) -> io::Result<(Vec<u8>, fs::Metadata)> {
    let metadata = file.metadata()?;
    let mut bytes = vec![0; metadata.len() as usize];
    if bytes.len() < CHUNK {
        read_exact_at(file, &mut bytes, 0)?;
        return Ok((bytes, metadata));
    }
    // Most of the time is spent on new memory, page by page, so two threads are faster.
    let half = bytes.len() / 2;
    let (left, right) = bytes.split_at_mut(half);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| read_exact_at(file, right, half as u64));
        read_exact_at(file, left, 0)?;
        other.join().map_err(|_| io::Error::other("the index was not read to its end"))?
    })?;
    Ok((bytes, metadata))
}

/// Writes the pieces to the lock file and makes it the index.
///
/// The index is not fsynced: it is derived from commit and working tree, git does not sync it by default either, and
/// `git reset` makes it again after a power loss.
fn write(
    mut lock: Lock,
    path: &Path,
    old: Option<&fs::Metadata>,
    pieces: &[Cow<'_, [u8]>],
    checksum: Checksum,
    intact: JoinHandle<bool>,
) -> Result<(), IndexError> {
    let fail = io_error("write", lock.path());
    let sum = std::thread::scope(|scope| {
        let hash = scope.spawn(|| match checksum {
            Checksum::Null => [0; 20],
            Checksum::Sha1(_) => {
                pieces.iter().fold(Sha1::new(), |hash, piece| hash.chain_update(piece)).finalize().into()
            }
        });
        let written = pieces.iter().flat_map(|piece| piece.chunks(CHUNK)).try_for_each(|part| lock.write(part));
        let sum: [u8; 20] = hash.join().map_err(|_| io::Error::other("the hash was not finished"))?;
        written.map(|()| sum)
    });
    let written = sum.and_then(|sum| lock.write(&sum)).and_then(|()| lock.end()).and_then(|()| {
        let Some(old) = old else { return Ok(()) };
        lock.file().set_permissions(old.permissions())?;
        // If a file is older than the index, git takes its entry for unchanged without reading. A file that was edited
        // twice in one second would not be noticed with a newer index, so git reads such files before it writes. With the old
        // time, git still checks the same files, and this code need not read them.
        lock.file().set_times(FileTimes::new().set_modified(old.modified()?))
    });
    written.map_err(fail)?;
    if !intact.join().unwrap_or(false) {
        return Err(IndexError::Corrupt { path: path.to_owned(), why: "the checksum does not match the content" });
    }
    lock.rename_to(path)
}
