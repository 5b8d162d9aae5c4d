//! Reading the large file of a split index once, from front to back, with a small buffer.
//!
//! Only the numbers of a few paths' entries are needed. Keeping the whole file in memory would take longer than reading
//! it, because the system clears new memory page by page.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use super::entry::folders;
use super::entry::{Entry, Slot};
use super::format::{
    EXTENDED, EntrySize, HEADER, Index, Malformed, STAGE, TRAILER, check_after, entry_of, entry_size, flags_of, header,
};

/// The size of a read, in bytes: small enough for the processor's cache.
const BUFFER: usize = 1 << 18;

/// The entries that matter for the wanted paths.
pub(super) struct Shared {
    /// The number of all entries.
    pub(super) len: usize,
    kept: Vec<Kept>,
}

/// An entry and its number.
pub(super) struct Kept {
    /// The number, from 0.
    pub(super) at: usize,
    /// The name.
    pub(super) name: Vec<u8>,
    /// The flags and the extended flags.
    pub(super) flags: (u16, u16),
    entry: Entry,
}

impl Kept {
    fn new(at: usize, entry: &[u8], name: &[u8]) -> Self {
        let flags = flags_of(entry);
        let extended = if flags & EXTENDED == 0 { 0 } else { u16::from_be_bytes([entry[62], entry[63]]) };
        Self { at, name: name.to_vec(), flags: (flags, extended), entry: entry_of(entry, (flags, extended)) }
    }

    /// The sort key of entries.
    fn key(&self) -> (&[u8], u16) {
        (&self.name, self.flags.0 & STAGE)
    }

    /// The state of the entry's path.
    pub(super) fn slot(&self) -> Slot {
        Slot::of(self.entry, self.flags.0)
    }
}

/// The entries that matter for some paths: those at the paths, at the folders that contain them, and below them.
pub(super) struct Wanted {
    names: Vec<Vec<u8>>,
    below: Vec<Vec<u8>>,
}

impl Wanted {
    pub(super) fn new(paths: &[&[u8]]) -> Self {
        let names: BTreeSet<&[u8]> = paths.iter().flat_map(|path| folders(path).chain([*path])).collect();
        let below: BTreeSet<Vec<u8>> = paths.iter().map(|path| [path, &b"/"[..]].concat()).collect();
        Self { names: names.into_iter().map(<[u8]>::to_vec).collect(), below: below.into_iter().collect() }
    }

    /// Whether a name is wanted. The calls must be in the order of names, as in the index.
    fn has(&self, name: &[u8], cursor: &mut Cursor) -> bool {
        // Most names are before the next wanted one.
        let next = |list: &[Vec<u8>], at: usize| list.get(at).is_some_and(|wanted| wanted.as_slice() <= name);
        if !next(&self.names, cursor.names) && !next(&self.below, cursor.below) {
            return false;
        }
        while self.names.get(cursor.names).is_some_and(|wanted| wanted.as_slice() < name) {
            cursor.names += 1;
        }
        while self.below.get(cursor.below).is_some_and(|folder| folder.as_slice() < name && !name.starts_with(folder)) {
            cursor.below += 1;
        }
        self.names.get(cursor.names).is_some_and(|wanted| wanted == name)
            || self.below.get(cursor.below).is_some_and(|folder| name.starts_with(folder))
    }
}

/// The first wanted name that the next call can match.
#[derive(Default)]
struct Cursor {
    names: usize,
    below: usize,
}

impl Shared {
    /// Finds the entries in an index in memory.
    pub(super) fn of(index: &Index, wanted: &Wanted) -> Self {
        let mut cursor = Cursor::default();
        let found = (0..index.len()).filter(|&at| wanted.has(index.name(at), &mut cursor));
        let kept =
            found.map(|at| Kept { at, name: index.name(at).to_vec(), flags: index.flags(at), entry: index.entry(at) });
        Self { kept: kept.collect(), len: index.len() }
    }

    /// Finds the entries in a file that ends with this checksum.
    pub(super) fn read(file: &mut (impl Read + Seek), id: &[u8; TRAILER], wanted: &Wanted) -> Result<Self, Malformed> {
        const UNREADABLE: Malformed = Malformed::Corrupt("its shared index cannot be read");
        const OTHER: Malformed = Malformed::Corrupt("its shared index has another checksum");
        let size = file.seek(SeekFrom::End(0)).map_err(|_| UNREADABLE)?;
        file.rewind().map_err(|_| UNREADABLE)?;
        let mut window = Window { file, left: size as usize, buffer: Vec::with_capacity(2 * BUFFER) };
        window.fill(0).map_err(|_| UNREADABLE)?;
        let mut shared = Self { len: header(&window.buffer)?, kept: Vec::new() };
        let (mut number, mut at, mut cursor) = (0, HEADER, Cursor::default());
        while number < shared.len {
            let ahead = window.buffer.get(at..).unwrap_or_default();
            match entry_size(ahead)?.filter(|size| size.end <= ahead.len()) {
                Some(EntrySize { name, end }) => {
                    if wanted.has(&ahead[name.clone()], &mut cursor) {
                        let kept = Kept::new(number, &ahead[..end], &ahead[name]);
                        // Only the names that are used are compared.
                        if let Some(before) = shared.kept.last() {
                            check_after(before.key(), kept.key())?;
                        }
                        shared.kept.push(kept);
                    }
                    number += 1;
                    at += end;
                }
                None if window.left == 0 => {
                    return Err(Malformed::Corrupt("its shared index is truncated"));
                }
                None => {
                    window.fill(at).map_err(|_| UNREADABLE)?;
                    at = 0;
                }
            }
        }
        let tail = window.tail().map_err(|_| UNREADABLE)?;
        if tail != *id {
            return Err(OTHER);
        }
        Ok(shared)
    }

    /// The entries at a path. Several are the sides of a merge.
    pub(super) fn at<'a>(&'a self, path: &'a [u8]) -> impl Iterator<Item = &'a Kept> {
        self.kept.iter().filter(move |kept| kept.name == path)
    }

    /// The entries whose names begin with a prefix.
    pub(super) fn below<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = &'a Kept> {
        self.kept.iter().filter(move |kept| kept.name.starts_with(prefix))
    }
}

/// A part of a file.
struct Window<'f, F> {
    file: &'f mut F,
    /// The number of bytes that are not read yet.
    left: usize,
    buffer: Vec<u8>,
}

impl<F: Read + Seek> Window<'_, F> {
    /// Drops the processed bytes and reads more.
    fn fill(&mut self, done: usize) -> io::Result<()> {
        self.buffer.drain(..done);
        let (from, more) = (self.buffer.len(), BUFFER.min(self.left));
        self.buffer.resize(from + more, 0);
        self.file.read_exact(&mut self.buffer[from..])?;
        self.left -= more;
        Ok(())
    }

    /// The checksum at the file's end.
    fn tail(&mut self) -> io::Result<[u8; TRAILER]> {
        let mut tail = [0; TRAILER];
        self.file.seek(SeekFrom::End(-(TRAILER as i64)))?;
        self.file.read_exact(&mut tail)?;
        Ok(tail)
    }
}
