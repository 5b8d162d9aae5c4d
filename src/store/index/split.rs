//! A split index: a large shared file that stays unchanged, and a small file with the differences.
//!
//! Git writes a split index if `core.splitIndex` is on, and reads one with any setting. The file `index` then has an extension
//! `link`: the checksum that names the shared file, `sharedindex.CHECKSUM`, and two bitmaps over that file's entries,
//! one of removed entries and one of replaced entries. The replacements are the first entries of the small file, in
//! the same order and without their names; then come entries that the shared file does not have.
//!
//! So a registration in a registry of 100,000 files writes a few hundred bytes of index and not 14 MB.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::entry::{Edits, Slot};
use super::format::{Checksum, EXTENDED, HEADER, Index, Malformed, flags_of};
use super::rewrite::plain_entry;
use super::shared::{Kept, Shared, Wanted};
use super::{ewah, extensions};

/// An extension larger than this is omitted from the small file. It is the cache of trees of a large registry, which git
/// makes again at the next commit. Writing it each time would take longer than all other work.
const LARGE_EXTENSION: usize = 1 << 16;

/// If more entries differ than this number and a fifth of the shared entries, git writes a new shared file. A fifth is git's
/// rule.
const FEW: usize = 64;

/// When git writes a shared file, it removes others that were not used for two weeks, by their time.
const USED: Duration = Duration::from_secs(24 * 60 * 60);

const LINK: Malformed = Malformed::Corrupt("the link to its shared index is damaged");

/// Both files, with the entries that matter for some paths.
pub(super) struct Split {
    top: Index,
    shared: Shared,
    /// The checksum of the shared file.
    id: [u8; 20],
    /// By number in the shared file: the entry of the small file that replaces the shared one, or none if it is removed.
    changed: BTreeMap<usize, Option<usize>>,
    /// The whole index, if this write splits it.
    whole: Option<Index>,
}

/// The place of a path.
enum Place<'a> {
    /// Only in the small file.
    Added(usize),
    /// In the shared file, with the entry of the small file that replaces the shared one.
    Shared(&'a Kept, Option<usize>),
    /// In the shared file, and removed.
    Gone(usize),
    Nowhere,
}

impl Split {
    /// An index as a split one; the unchanged index if its kind should be written whole.
    pub(super) fn new(whole: Index, wanted: &Wanted) -> Result<Self, Index> {
        match whole.checksum() {
            Checksum::Sha1(id) if whole.version != 4 => {
                let shared = Shared::of(&whole, wanted);
                Ok(Self { top: Index::empty(), shared, id, changed: BTreeMap::new(), whole: Some(whole) })
            }
            _ => Err(whole),
        }
    }

    /// Reads the shared file of an index in this folder.
    pub(super) fn read(top: Index, folder: &Path, wanted: &Wanted) -> Result<Self, Malformed> {
        let mut file = File::open(shared_path(folder, &linked(&top)?))
            .map_err(|_| Malformed::Corrupt("its shared index cannot be read"))?;
        let split = Self::of(top, &mut file, wanted)?;
        if file.metadata().and_then(|m| m.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age > USED)) {
            // In a clone of another user the time cannot be set. Then git does it in that clone.
            let _ = file.set_modified(SystemTime::now());
        }
        Ok(split)
    }

    /// Reads the shared file of an index.
    pub(super) fn of(top: Index, file: &mut (impl Read + Seek), wanted: &Wanted) -> Result<Self, Malformed> {
        let (id, link) = (linked(&top)?, top.link().unwrap_or_default());
        let shared = Shared::read(file, &id, wanted)?;
        let (mut gone, mut replaced) = (Vec::new(), Vec::new());
        if link.len() > 20 {
            let (first, length) = ewah::read(&link[20..], shared.len).ok_or(LINK)?;
            gone = first;
            replaced = ewah::read(&link[20 + length..], shared.len).ok_or(LINK)?.0;
        }
        if replaced.len() != top.unnamed() {
            return Err(LINK);
        }
        let mut changed: BTreeMap<_, _> = replaced.into_iter().enumerate().map(|(i, at)| (at, Some(i))).collect();
        changed.extend(gone.into_iter().map(|at| (at, None)));
        if changed.len() + top.len() > shared.len / 5 + FEW {
            return Err(Malformed::Worn);
        }
        Ok(Self { top, shared, id, changed, whole: None })
    }

    /// Makes the earlier whole index the shared file, as a hard link to the same file.
    pub(super) fn share(&self, index: &Path) -> io::Result<()> {
        match fs::hard_link(index, self.shared_path(index)) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(e),
            _ => Ok(()),
        }
    }

    /// Undoes [`Self::share`], if the small file could not be written.
    pub(super) fn unshare(&self, index: &Path) {
        // If the file cannot be removed, it stays without effect until git removes unused shared files.
        let _ = fs::remove_file(self.shared_path(index));
    }

    fn shared_path(&self, index: &Path) -> PathBuf {
        shared_path(index.parent().unwrap_or(Path::new("")), &self.id)
    }

    /// The small file's checksum, which shows whether the user wants checksums.
    pub(super) fn checksum(&self) -> Checksum {
        self.top.checksum()
    }

    /// The small file's size, in bytes.
    pub(super) fn size(&self) -> u64 {
        self.top.size()
    }

    /// The whole index that this write splits; none if it is split already.
    pub(super) fn whole(&self) -> Option<&Index> {
        self.whole.as_ref()
    }

    fn place<'a>(&'a self, path: &'a [u8]) -> Place<'a> {
        let i = self.top.position(path);
        if i < self.top.len() && self.top.name(i) == path {
            return Place::Added(i);
        }
        let mut gone = Place::Nowhere;
        for kept in self.shared.at(path) {
            match self.changed.get(&kept.at) {
                Some(None) => gone = Place::Gone(kept.at),
                Some(&Some(i)) => return Place::Shared(kept, Some(i)),
                None => return Place::Shared(kept, None),
            }
        }
        gone
    }

    /// The state of the index at exactly this path.
    pub(super) fn slot(&self, path: &[u8]) -> Slot {
        match self.place(path) {
            Place::Added(i) | Place::Shared(_, Some(i)) => self.top.slot_at(i),
            Place::Shared(kept, None) => kept.slot(),
            Place::Gone(_) | Place::Nowhere => Slot::Absent,
        }
    }

    /// Whether the index has an entry with this name.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        self.slot(path) != Slot::Absent
    }

    /// The names that begin with a prefix, in no order.
    pub(super) fn below<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let stays = |kept: &&Kept| self.changed.get(&kept.at) != Some(&None);
        self.top.below(prefix).chain(self.shared.below(prefix).filter(stays).map(|kept| kept.name.as_slice()))
    }

    /// The small file with the edits, without the hash at the end.
    pub(super) fn rewrite(&self, edits: &Edits) -> Vec<u8> {
        let entry = |i: usize| self.top.bytes(self.top.span(i..i + 1)).to_vec();
        let mut replaced: BTreeMap<usize, Vec<u8>> =
            self.changed.iter().filter_map(|(&at, i)| Some((at, entry((*i)?)))).collect();
        let mut gone: BTreeSet<usize> = self.changed.iter().filter(|(_, i)| i.is_none()).map(|(&at, _)| at).collect();
        // The sides of a merge have one name; their order is that of the file.
        let mut added: BTreeMap<(&[u8], usize), Vec<u8>> =
            (self.top.unnamed()..self.top.len()).map(|i| ((self.top.name(i), i), entry(i))).collect();
        let mut changes = extensions::Changes::default();
        for (path, edit) in edits {
            let old = match self.slot(path) {
                Slot::Entry(entry) => Some(entry),
                _ => None,
            };
            changes.note(path, old, edit.as_ref());
            match (self.place(path), edit) {
                (Place::Added(i), edit) => {
                    added.remove(&(path, i));
                    if let Some(new) = edit {
                        added.insert((path, i), plain_entry(path, new, self.top.flags(i)));
                    }
                }
                (Place::Shared(kept, i), Some(new)) => {
                    let flags = i.map_or(kept.flags, |i| self.top.flags(i));
                    replaced.insert(kept.at, plain_entry(b"", new, flags));
                }
                (Place::Shared(kept, _), None) => {
                    replaced.remove(&kept.at);
                    gone.insert(kept.at);
                }
                (Place::Gone(at), Some(new)) => {
                    gone.remove(&at);
                    replaced.insert(at, plain_entry(b"", new, (0, 0)));
                }
                (Place::Nowhere, Some(new)) => drop(added.insert((path, usize::MAX), plain_entry(path, new, (0, 0)))),
                (Place::Gone(_) | Place::Nowhere, None) => {}
            }
        }
        let link = [&self.id[..], &ewah::write(gone.into_iter()), &ewah::write(replaced.keys().copied())].concat();
        let entries: Vec<Vec<u8>> = replaced.into_values().chain(added.into_values()).collect();
        let extended = entries.iter().any(|entry| flags_of(entry) & EXTENDED != 0);
        let (version, count) = (if extended { 3u32 } else { 2 }, entries.len() as u32);
        let mut file = [&b"DIRC"[..], &version.to_be_bytes(), &count.to_be_bytes()].concat();
        debug_assert_eq!(file.len(), HEADER);
        file.extend(entries.concat());
        file.extend([&b"link"[..], &(link.len() as u32).to_be_bytes(), &link].concat());
        // The extensions are those of the earlier file `index`.
        let source = self.whole.as_ref().unwrap_or(&self.top);
        for extension in source.extensions() {
            let pieces = changes.apply(extension.signature, source.bytes(extension.data.clone()));
            if pieces.iter().map(|piece| piece.len()).sum::<usize>() <= LARGE_EXTENSION {
                file.extend(pieces.concat());
            }
        }
        file
    }
}

/// The checksum of the shared file of an index.
fn linked(top: &Index) -> Result<[u8; 20], Malformed> {
    let id: [u8; 20] = *top.link().unwrap_or_default().first_chunk().ok_or(LINK)?;
    if top.version == 4 || id == [0; 20] {
        return Err(Malformed::Unsupported("a split index of this kind"));
    }
    Ok(id)
}

fn shared_path(folder: &Path, id: &[u8; 20]) -> PathBuf {
    let hex = base16ct::lower::encode_string(id);
    folder.join(format!("sharedindex.{hex}"))
}
