//! The entries of an index, as they are read and as they are to be written.

use std::collections::BTreeMap;

use crate::model::ObjectId;

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

/// The changes of an index, by path; none removes the entry.
pub(super) type Edits = BTreeMap<Vec<u8>, Option<NewEntry>>;

/// The proper prefixes of a path that end before a slash: the folders it lies in.
pub(super) fn folders(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|&(_, &b)| b == b'/').map(|(at, _)| &path[..at])
}
