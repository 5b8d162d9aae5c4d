//! Removing entries from an index and adding others. All other bytes stay unchanged.

use std::borrow::Cow;
use std::ops::Range;

use super::entry::{Edits, NewEntry, Slot, Stat};
use super::extensions;
use super::format::{ASSUME_VALID, EXTENDED, HEADER, Index, NAME_LENGTH, SKIP_WORKTREE, write_varint};

/// The new file in pieces, without the hash at the end. Most pieces are bytes of the old file.
pub(super) struct Rewritten<'a> {
    index: &'a Index,
    pieces: Vec<Cow<'a, [u8]>>,
    count: usize,
    /// The name of the last entry. Version 4 compresses the next name against it.
    last: Vec<u8>,
    /// Whether the next old entry was compressed against `last`.
    in_step: bool,
}

impl Index {
    /// The file with the edits. No edit may be of a path with a conflict, or clash with another entry.
    pub(super) fn rewrite<'a>(&'a self, edits: &Edits) -> Rewritten<'a> {
        let mut new =
            Rewritten { index: self, pieces: vec![Cow::Borrowed(&[])], count: 0, last: Vec::new(), in_step: true };
        let mut at = 0;
        let mut changes = extensions::Changes::default();
        for (path, edit) in edits {
            let i = self.position(path);
            let old = match self.slot(path) {
                Slot::Entry(entry) => Some(entry),
                _ => None,
            };
            new.keep(at..i);
            if let Some(entry) = edit {
                new.put(path, entry, if old.is_some() { self.flags(i) } else { (0, 0) });
            } else if old.is_some() {
                new.in_step = false;
            }
            at = i + usize::from(old.is_some());
            changes.note(path, old, edit.as_ref());
        }
        new.keep(at..self.len());
        new.pieces[0] =
            Cow::Owned([self.bytes(0..8), &u32::try_from(new.count).unwrap_or(u32::MAX).to_be_bytes()].concat());
        debug_assert_eq!(new.pieces[0].len(), HEADER);
        new.pieces.extend(
            self.extensions().iter().flat_map(|ext| changes.apply(ext.signature, self.bytes(ext.data.clone()))),
        );
        new
    }
}

impl<'a> Rewritten<'a> {
    /// The new file.
    pub(super) fn pieces(&self) -> &[Cow<'a, [u8]>] {
        &self.pieces
    }

    /// Copies old entries.
    fn keep(&mut self, entries: Range<usize>) {
        if entries.is_empty() {
            return;
        }
        self.count += entries.len();
        let mut from = entries.start;
        if self.index.version == 4 {
            if !self.in_step {
                let head = self.index.span(from..from + 1).start;
                let fixed = self.index.bytes(head..head + self.index.fixed(from)).to_vec();
                let name = self.compressed(self.index.name(from));
                self.pieces.push(Cow::Owned([fixed, name].concat()));
                from += 1;
            }
            self.last = self.index.name(entries.end - 1).to_vec();
            self.in_step = true;
        }
        self.pieces.push(Cow::Borrowed(self.index.bytes(self.index.span(from..entries.end))));
    }

    /// Adds an entry, with the user's flags of the earlier entry at the same path.
    fn put(&mut self, path: &[u8], entry: &NewEntry, (flags, extended): (u16, u16)) {
        let mut bytes = fixed_part(path.len(), entry, (flags, extended));
        if self.index.version == 4 {
            bytes.extend(self.compressed(path));
            self.last = path.to_vec();
        } else {
            append_plain_name(&mut bytes, path);
        }
        self.in_step = false;
        self.count += 1;
        self.pieces.push(Cow::Owned(bytes));
    }

    fn compressed(&self, name: &[u8]) -> Vec<u8> {
        let common = self.last.iter().zip(name).take_while(|(a, b)| a == b).count();
        [&write_varint(self.last.len() - common), &name[common..], &[0]].concat()
    }
}

/// An entry of version 2 or 3, with the user's flags of the earlier entry at the same path.
pub(super) fn plain_entry(path: &[u8], entry: &NewEntry, said: (u16, u16)) -> Vec<u8> {
    let mut bytes = fixed_part(path.len(), entry, said);
    append_plain_name(&mut bytes, path);
    bytes
}

fn append_plain_name(bytes: &mut Vec<u8>, path: &[u8]) {
    bytes.extend(path);
    bytes.resize((bytes.len() + 8) & !7, 0);
}

/// An entry up to its name.
fn fixed_part(name: usize, entry: &NewEntry, (flags, extended): (u16, u16)) -> Vec<u8> {
    // Extended flags mark entries after `git add -N` and files that are not checked out. The first flag is removed.
    let extended = extended & SKIP_WORKTREE;
    let length = u16::try_from(name).unwrap_or(NAME_LENGTH).min(NAME_LENGTH);
    let flags = flags & ASSUME_VALID | if extended == 0 { 0 } else { EXTENDED } | length;
    let mut bytes = stat_data(&entry.stat.unwrap_or_default(), entry.mode);
    bytes.extend(entry.id);
    bytes.extend(flags.to_be_bytes());
    if extended != 0 {
        bytes.extend(extended.to_be_bytes());
    }
    bytes
}

fn stat_data(stat: &Stat, mode: u32) -> Vec<u8> {
    let Stat { ctime, mtime, dev, ino, uid, gid, size } = *stat;
    [ctime.0, ctime.1, mtime.0, mtime.1, dev, ino, mode, uid, gid, size].iter().flat_map(|n| n.to_be_bytes()).collect()
}
