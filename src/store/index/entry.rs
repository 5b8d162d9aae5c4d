//! The entries of an index: those that are read, and those to write.

use std::collections::BTreeMap;

use crate::model::ObjectId;

/// The mode of a plain file in the index.
pub const MODE_FILE: u32 = 0o100_644;

/// The result of `lstat` when the file last had its entry's content. Git compares it to find without
/// reading that a file is unchanged. Each number has only the low 32 bits, as in the format.
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

/// An entry to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEntry {
    /// The blob.
    pub id: ObjectId,
    /// The mode, as in [`MODE_FILE`].
    pub mode: u32,
    /// The file's stat data; none makes git compare the content next time.
    pub stat: Option<Stat>,
}

/// The wanted state of a path: an entry, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEdit {
    /// The path from the top of the working tree, with `/` between the parts.
    pub path: Vec<u8>,
    /// The entry; none removes the path.
    pub new: Option<NewEntry>,
}

/// An existing entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The blob.
    pub id: ObjectId,
    /// The mode.
    pub mode: u32,
    /// The user marked the file as unchanged (`git update-index --assume-unchanged`).
    pub assume_valid: bool,
    /// The file is not checked out (`git sparse-checkout`).
    pub skip_worktree: bool,
    /// The user announced the file without adding it (`git add -N`).
    pub intent_to_add: bool,
}

/// The state of the index at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// No entry.
    Absent,
    /// An entry.
    Entry(Entry),
    /// The sides of a merge that is not resolved.
    Conflict,
    /// No entry, and none is possible: the path is a folder of other entries, or is below an entry.
    Obstructed,
}

/// The changes of an index, by path; none removes the entry.
pub(super) type Edits = BTreeMap<Vec<u8>, Option<NewEntry>>;

/// The folders that contain a path: its proper prefixes that end before a slash.
pub(super) fn folders(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|&(_, &b)| b == b'/').map(|(at, _)| &path[..at])
}
