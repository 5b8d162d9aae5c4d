//! Reading an index file of version 2, 3 or 4, as `gitformat-index(5)` describes it.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use sha1::{Digest as _, Sha1};

use super::entry::{Entry, Slot};

/// Signature, version and the number of entries.
pub(super) const HEADER: usize = 12;
/// The hash at the end.
pub(super) const TRAILER: usize = 20;
/// The stat data of an entry, up to its object id.
pub(super) const STAT: usize = 40;
/// An entry up to its name, without the extended flags.
const FIXED: usize = STAT + 20 + 2;
/// The flags of an entry.
pub(super) const ASSUME_VALID: u16 = 1 << 15;
pub(super) const EXTENDED: u16 = 1 << 14;
pub(super) const STAGE: u16 = 3 << 12;
/// The bits of the flags for the name's length. All names of this length or more have this value.
pub(super) const NAME_LENGTH: u16 = 0xFFF;
/// The extended flags.
pub(super) const SKIP_WORKTREE: u16 = 1 << 14;
const INTENT_TO_ADD: u16 = 1 << 13;

/// Why an index file cannot be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// The file is damaged.
    Corrupt(&'static str),
    /// Only git can edit this kind of index.
    Unsupported(&'static str),
    /// The index is split and has so many differences that git should write a new shared file.
    Worn,
}

use Malformed::{Corrupt, Unsupported};

/// The hash at the end of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checksum {
    /// The hash of everything before it.
    Sha1([u8; TRAILER]),
    /// Zeros: the user set `index.skipHash`.
    Null,
}

/// Whether the hash at the end is right, or is omitted.
pub(super) fn checksum_holds(bytes: &[u8]) -> bool {
    let Some((body, trailer)) = bytes.split_last_chunk::<TRAILER>() else { return false };
    *trailer == [0; TRAILER] || <[u8; TRAILER]>::from(Sha1::digest(body)) == *trailer
}

/// An index file, read far enough to find every entry and extension.
pub(super) struct Index {
    bytes: Arc<Vec<u8>>,
    pub(super) version: u32,
    /// The start of each entry, and the end of the last one.
    starts: Vec<u32>,
    /// Version 4 only: the names, which the file has only compressed, and the end of each name.
    names: Option<(Vec<u8>, Vec<u32>)>,
    /// The first entries of a split index, which replace others and have no names.
    unnamed: usize,
    extensions: Vec<Extension>,
}

/// An extension's place in the file.
pub(super) struct Extension {
    pub(super) signature: [u8; 4],
    pub(super) data: Range<usize>,
}

impl Index {
    /// An index without entries.
    pub(super) fn empty() -> Self {
        let header = [&b"DIRC"[..], &2u32.to_be_bytes(), &0u32.to_be_bytes(), &[1; TRAILER]].concat();
        Self {
            bytes: Arc::new(header),
            version: 2,
            starts: vec![HEADER as u32],
            names: None,
            unnamed: 0,
            extensions: Vec::new(),
        }
    }

    /// Finds entries and extensions. Does not verify the checksum: see [`checksum_holds`].
    pub(super) fn parse(bytes: Arc<Vec<u8>>) -> Result<Self, Malformed> {
        let body = bytes.len().checked_sub(TRAILER).and_then(|end| bytes.get(..end));
        let body =
            body.filter(|body| body.len() >= HEADER).ok_or(Corrupt("the file is shorter than an index's header"))?;
        if u32::try_from(body.len()).is_err() {
            return Err(Unsupported("an index of 4 GiB"));
        }
        if &body[..4] != b"DIRC" {
            return Err(Corrupt("the file does not begin with `DIRC`"));
        }
        let version = be32(body, 4).unwrap_or_default();
        if !(2..=4).contains(&version) {
            return Err(Unsupported("an index version other than 2, 3 and 4"));
        }
        let count = be32(body, 8).unwrap_or_default() as usize;
        let (starts, names, unnamed) = if version == 4 { compressed(body, count)? } else { plain(body, count)? };
        let extensions = extensions(body, starts.last().map_or(HEADER, |&end| end as usize))?;
        let index = Self { version, starts, names, unnamed, extensions, bytes };
        if unnamed > 0 && index.link().is_none() {
            return Err(UNSORTED);
        }
        Ok(index)
    }

    /// The number of entries without a name: the first entries of a split index, which replace shared entries.
    pub(super) fn unnamed(&self) -> usize {
        self.unnamed
    }

    /// The extension `link` of a split index.
    pub(super) fn link(&self) -> Option<&[u8]> {
        let link = self.extensions.iter().find(|extension| &extension.signature == b"link")?;
        Some(&self.bytes[link.data.clone()])
    }

    /// The kind of hash at the end of the file.
    pub(super) fn checksum(&self) -> Checksum {
        match self.bytes.last_chunk::<TRAILER>() {
            Some(trailer) if *trailer != [0; TRAILER] => Checksum::Sha1(*trailer),
            _ => Checksum::Null,
        }
    }

    /// The file's size, in bytes.
    pub(super) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The extensions, in the file's order.
    pub(super) fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// A part of the file.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    /// The bytes of some entries in the file.
    pub(super) fn span(&self, entries: Range<usize>) -> Range<usize> {
        self.starts[entries.start] as usize..self.starts[entries.end] as usize
    }

    /// The name of an entry.
    pub(super) fn name(&self, i: usize) -> &[u8] {
        match &self.names {
            Some((names, ends)) => &names[i.checked_sub(1).map_or(0, |i| ends[i] as usize)..ends[i] as usize],
            None => plain_name(&self.bytes, self.starts[i] as usize),
        }
    }

    /// The flags and the extended flags of an entry.
    pub(super) fn flags(&self, i: usize) -> (u16, u16) {
        let start = self.starts[i] as usize;
        let flags = be16(&self.bytes, start + FIXED - 2);
        (flags, if flags & EXTENDED == 0 { 0 } else { be16(&self.bytes, start + FIXED) })
    }

    /// The length of an entry up to its name, or up to the number before the name in version 4.
    pub(super) fn fixed(&self, i: usize) -> usize {
        FIXED + if self.flags(i).0 & EXTENDED == 0 { 0 } else { 2 }
    }

    /// The first entry whose name is not before the given one.
    pub(super) fn position(&self, name: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.name(middle) < name { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The entry at an index.
    pub(super) fn entry(&self, i: usize) -> Entry {
        entry_of(&self.bytes[self.starts[i] as usize..], self.flags(i))
    }

    /// The state of the index at exactly this path.
    pub(super) fn slot(&self, path: &[u8]) -> Slot {
        let i = self.position(path);
        if i == self.len() || self.name(i) != path { Slot::Absent } else { self.slot_at(i) }
    }

    /// The state of the entry's path.
    pub(super) fn slot_at(&self, i: usize) -> Slot {
        Slot::of(self.entry(i), self.flags(i).0)
    }

    /// Whether the index has an entry with this name.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        self.slot(path) != Slot::Absent
    }

    /// The names that begin with a prefix.
    pub(super) fn below<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        (self.position(prefix)..self.len()).map(|i| self.name(i)).take_while(move |name| name.starts_with(prefix))
    }
}

impl Slot {
    /// The state of a path whose entry has these flags.
    pub(super) fn of(entry: Entry, flags: u16) -> Self {
        if flags & STAGE == 0 { Self::Entry(entry) } else { Self::Conflict }
    }
}

/// An entry from its bytes, with its flags and extended flags.
pub(super) fn entry_of(bytes: &[u8], (flags, extended): (u16, u16)) -> Entry {
    let mut id = [0; 20];
    id.copy_from_slice(&bytes[STAT..STAT + 20]);
    Entry {
        id,
        mode: be32(bytes, 24).unwrap_or_default(),
        assume_valid: flags & ASSUME_VALID != 0,
        skip_worktree: extended & SKIP_WORKTREE != 0,
        intent_to_add: extended & INTENT_TO_ADD != 0,
    }
}

/// The number of entries in the header of a file of version 2 or 3.
pub(super) fn header(bytes: &[u8]) -> Result<usize, Malformed> {
    match (bytes.get(..4), be32(bytes, 4), be32(bytes, 8)) {
        (Some(b"DIRC"), Some(2 | 3), Some(count)) => Ok(count as usize),
        (Some(b"DIRC"), Some(4), Some(_)) => Err(Unsupported("a shared index of version 4")),
        _ => Err(Corrupt("the header of its shared index is damaged")),
    }
}

/// The place of the name in an entry, and the end of the entry.
pub(super) struct EntrySize {
    pub(super) name: Range<usize>,
    pub(super) end: usize,
}

/// The size of an entry of version 2 or 3; none if more bytes must be read.
#[inline]
pub(super) fn entry_size(bytes: &[u8]) -> Result<Option<EntrySize>, Malformed> {
    let Ok((from, flags)) = head(bytes, 0) else { return Ok(None) };
    let length = match flags & NAME_LENGTH {
        NAME_LENGTH => match until_nul(&bytes[from..]) {
            Some(name) => name.len(),
            None => return Ok(None),
        },
        length => usize::from(length),
    };
    match bytes.get(from + length) {
        Some(0) | None => Ok(Some(EntrySize { name: from..from + length, end: (from + length + 8) & !7 })),
        Some(_) => Err(CUT),
    }
}

/// The flags in an entry's bytes.
pub(super) fn flags_of(entry: &[u8]) -> u16 {
    be16(entry, FIXED - 2)
}

fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

const CUT: Malformed = Corrupt("the file ends within an entry");
const UNSORTED: Malformed = Corrupt("the entries are not sorted");
const MERGED: Malformed = Corrupt("one path has both a file and the sides of a merge");

/// The start of an entry's name, and its flags.
fn head(body: &[u8], start: usize) -> Result<(usize, u16), Malformed> {
    if body.len() < start + FIXED + 2 {
        return Err(CUT);
    }
    let flags = be16(body, start + FIXED - 2);
    Ok((start + FIXED + if flags & EXTENDED == 0 { 0 } else { 2 }, flags))
}

fn until_nul(bytes: &[u8]) -> Option<&[u8]> {
    bytes.iter().position(|&b| b == 0).map(|end| &bytes[..end])
}

fn plain_name(bytes: &[u8], start: usize) -> &[u8] {
    let Ok((from, flags)) = head(bytes, start) else { return &[] };
    match flags & NAME_LENGTH {
        NAME_LENGTH => until_nul(&bytes[from..]).unwrap_or_default(),
        length => &bytes[from..from + usize::from(length)],
    }
}

/// The entries of versions 2 and 3: a whole name, then one to eight NULs up to a multiple of eight bytes.
fn plain(body: &[u8], count: usize) -> Result<Entries, Malformed> {
    let mut starts = Vec::with_capacity(count.min(body.len() / FIXED) + 1);
    let (mut at, mut unnamed) = (HEADER, 0);
    let mut before: (&[u8], u16) = (&[], 0);
    for i in 0..count {
        let entry = &body[at..];
        let EntrySize { name, end } = entry_size(entry)?.filter(|size| size.end <= entry.len()).ok_or(CUT)?;
        let (name, flags, end) = (&entry[name], flags_of(entry), at + end);
        check_order(i, unnamed, before, (name, flags & STAGE))?;
        unnamed += usize::from(name.is_empty());
        before = (name, flags & STAGE);
        starts.push(at as u32);
        at = end;
    }
    starts.push(at as u32);
    Ok((starts, None, unnamed))
}

/// The starts of the entries, the compressed names, and the number of entries without a name.
type Entries = (Vec<u32>, Option<(Vec<u8>, Vec<u32>)>, usize);

/// The most bytes that the names of version 4 may take together: so many, and so many more for each byte of the file. In a
/// made-up file, each of a million entries can repeat a name of megabytes. It is not left to git, whose list would be as
/// long. No real index comes near: an entry has more than 64 bytes, so its names would be 1 KiB long on average.
const MOST_NAMES: usize = 1 << 24;
const MOST_NAMES_PER_BYTE: usize = 16;

/// The entries of version 4: the number of bytes to remove from the previous name, the bytes to append, and one NUL.
fn compressed(body: &[u8], count: usize) -> Result<Entries, Malformed> {
    let most = count.min(body.len() / FIXED);
    let (mut starts, mut ends) = (Vec::with_capacity(most + 1), Vec::with_capacity(most));
    let mut names = Vec::with_capacity(body.len());
    let (mut at, mut last, mut last_stage, mut unnamed) = (HEADER, 0..0, 0, 0);
    for i in 0..count {
        let (from, flags) = head(body, at)?;
        let (strip, varint) = read_varint(body.get(from..).ok_or(CUT)?).ok_or(CUT)?;
        let rest = body.get(from + varint..).and_then(until_nul).ok_or(CUT)?;
        let keep = last
            .len()
            .checked_sub(strip)
            .ok_or(Corrupt("a compressed path removes more bytes than the path before it has"))?;
        let begin = names.len();
        let end = begin + keep + rest.len();
        if end > MOST_NAMES + MOST_NAMES_PER_BYTE * body.len() {
            return Err(Corrupt("its names are far too long for its size"));
        }
        if u32::try_from(end).is_err() {
            return Err(Unsupported("4 GiB of names"));
        }
        names.extend_from_within(last.start..last.start + keep);
        names.extend_from_slice(rest);
        check_order(i, unnamed, (&names[last.clone()], last_stage), (&names[begin..], flags & STAGE))?;
        unnamed += usize::from(names.len() == begin);
        (last, last_stage) = (begin..names.len(), flags & STAGE);
        starts.push(at as u32);
        ends.push(names.len() as u32);
        at = from + varint + rest.len() + 1;
    }
    starts.push(at as u32);
    Ok((starts, Some((names, ends)), unnamed))
}

/// Refuses an entry that cannot follow another, by their names and stages.
pub(super) fn check_after(before: (&[u8], u16), this: (&[u8], u16)) -> Result<(), Malformed> {
    check_order(1, 0, before, this)
}

/// Names are in ascending order; entries without a name can precede them.
fn check_order(i: usize, unnamed: usize, before: (&[u8], u16), this: (&[u8], u16)) -> Result<(), Malformed> {
    match before.cmp(&this) {
        _ if this.0.is_empty() && unnamed == i => Ok(()),
        // Git refuses it too: a merge is resolved, or it is not.
        Ordering::Less if before.0 == this.0 && before.1 == 0 && i > 0 => Err(MERGED),
        Ordering::Less => Ok(()),
        _ if i == 0 && !this.0.is_empty() => Ok(()),
        _ => Err(UNSORTED),
    }
}

fn extensions(body: &[u8], mut at: usize) -> Result<Vec<Extension>, Malformed> {
    let mut found = Vec::new();
    while at < body.len() {
        let cut = Corrupt("the file ends within an extension");
        let signature: [u8; 4] = *body[at..].first_chunk().ok_or(cut)?;
        let size = be32(body, at + 4).ok_or(cut)? as usize;
        let data = at + 8..at + 8 + size;
        if data.end > body.len() {
            return Err(cut);
        }
        match &signature {
            b"link" => {}
            b"sdir" => return Err(Unsupported("a sparse index")),
            // Git's rule: a reader must understand every extension that does not begin with a capital.
            [first, ..] if !first.is_ascii_uppercase() => return Err(Unsupported("an unknown extension")),
            _ => {}
        }
        at = data.end;
        found.push(Extension { signature, data });
    }
    Ok(found)
}

/// A number in git's encoding, and its length in bytes: seven bits a byte, highest first, one added at each continuation.
pub(super) fn read_varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0usize;
    for (i, &byte) in bytes.iter().enumerate().take(9) {
        value = (value << 7) | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Some((value, i + 1));
        }
        value += 1;
    }
    None
}

/// The reverse of [`read_varint`].
pub(super) fn write_varint(mut value: usize) -> Vec<u8> {
    let mut bytes = vec![(value & 0x7F) as u8];
    while value > 0x7F {
        value = (value >> 7) - 1;
        bytes.push((value & 0x7F) as u8 | 0x80);
    }
    bytes.reverse();
    bytes
}
