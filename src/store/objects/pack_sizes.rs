//! The size of a packed object, without reading the object.
//!
//! For the size, libgit2 follows the object's whole chain of deltas, because it returns the type too: for a hundred
//! thousand small files this is a fifth of all work. The size alone is in the object's own entry of the pack. Formats:
//! git's `gitformat-pack(5)`. For any unexpected content this module returns none, and the caller asks libgit2.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::{Decompress, FlushDecompress};
use git2::Oid;
use thread_local::ThreadLocal;

use crate::store::platform::disk::read_at;

/// The number of lookups from which reading the packs' indexes pays off.
const MANY: usize = 500;
/// The header of an index of version 2, and its table of 256 counts.
const FANOUT: usize = 8;
const IDS: usize = FANOUT + 256 * 4;

/// The sizes of a repository's packed objects.
#[derive(Default)]
pub(in crate::store) struct Sizes {
    asked: AtomicUsize,
    packs: OnceLock<Vec<Pack>>,
    inflater: ThreadLocal<RefCell<Option<Decompress>>>,
}

impl Sizes {
    /// The size of an object in bytes; none before [`MANY`] lookups, and for objects outside of the packs that existed
    /// then.
    pub(in crate::store) fn get(&self, objects: &Path, id: Oid) -> Option<u64> {
        if self.asked.fetch_add(1, Ordering::Relaxed) < MANY {
            return None;
        }
        let packs = self.packs.get_or_init(|| open(&objects.join("pack")).unwrap_or_default());
        packs.iter().find_map(|pack| Some((pack, pack.offset(id)?))).and_then(|(pack, at)| self.read(pack, at))
    }

    /// Reads the size of the entry at an offset.
    fn read(&self, pack: &Pack, at: u64) -> Option<u64> {
        let mut bytes = [0; 512];
        let count = read_at(&pack.data, &mut bytes, at).ok()?;
        let mut rest = &bytes[..count];
        let first = next(&mut rest)?;
        // Four bits of the size, then seven in each byte that follows.
        let mut size = u64::from(first & 15);
        if first & 128 != 0 {
            size |= varint(&mut rest)?.checked_mul(16)?;
        }
        match first >> 4 & 7 {
            1..=4 => Some(size),
            6 => {
                while next(&mut rest)? & 128 != 0 {}
                self.of_delta(rest)
            }
            7 => self.of_delta(rest.get(20..)?),
            _ => None,
        }
    }

    /// A delta begins with the sizes of its base and of its result.
    fn of_delta(&self, packed: &[u8]) -> Option<u64> {
        let mut inflater = self.inflater.get_or_default().borrow_mut();
        let inflater = inflater.get_or_insert_with(|| Decompress::new(true));
        inflater.reset(true);
        let mut head = [0; 20];
        inflater.decompress(packed, &mut head, FlushDecompress::None).ok()?;
        let mut rest = &head[..usize::try_from(inflater.total_out()).ok()?];
        varint(&mut rest)?;
        varint(&mut rest)
    }
}

/// A pack and its index.
struct Pack {
    index: Vec<u8>,
    count: usize,
    data: File,
}

fn open(folder: &Path) -> io::Result<Vec<Pack>> {
    let mut packs = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "idx") {
            packs.extend(Pack::new(fs::read(&path)?, File::open(path.with_extension("pack"))?));
        }
    }
    Ok(packs)
}

impl Pack {
    fn new(index: Vec<u8>, data: File) -> Option<Self> {
        let right = index.starts_with(b"\xfftOc\0\0\0\x02");
        let count = usize::try_from(number(&index, IDS - 4)?).ok()?;
        (right && index.len() >= IDS + count * 28).then_some(Self { index, count, data })
    }

    /// The offset of an object in the pack.
    fn offset(&self, id: Oid) -> Option<u64> {
        let id = id.as_bytes();
        let first = usize::from(id[0]);
        let from = if first == 0 { 0 } else { number(&self.index, FANOUT + (first - 1) * 4)? };
        let to = number(&self.index, FANOUT + first * 4)?;
        let (mut low, mut high) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?.min(self.count));
        while low < high {
            let middle = low.midpoint(high);
            match self.index.get(IDS + middle * 20..IDS + middle * 20 + 20)?.cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let at = number(&self.index, IDS + self.count * 24 + middle * 4)?;
                    // With the highest bit set, the offset is in a second table, which only packs above 2 GiB have.
                    return (at < 1 << 31).then_some(u64::from(at));
                }
            }
        }
        None
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn next(bytes: &mut &[u8]) -> Option<u8> {
    let (&first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(first)
}

/// A number with seven bits in each byte, lowest first. The highest bit of a byte means that another byte follows.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0_u64, 0);
    loop {
        let byte = next(bytes)?;
        if shift > 56 {
            return None;
        }
        value |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            return Some(value);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use git2::Repository;

    use super::*;

    fn git(dir: &Path, args: &[&str]) {
        let done = Command::new("git").args(["-c", "gc.auto=0"]).args(args).current_dir(dir).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    #[test]
    fn sizes_are_what_libgit2_says_in_chains_of_deltas_and_out_of_them() {
        let dir = tempfile::tempdir().unwrap();
        git(dir.path(), &["init", "-q"]);
        let repository = Repository::open(dir.path()).unwrap();
        let odb = repository.odb().unwrap();
        let mut ids = Vec::new();
        for n in 0_usize..60 {
            let text: String = (0..20 * n + n % 3).map(|line| format!("line {line} of a file\n")).collect();
            ids.push(repository.blob(text.as_bytes()).unwrap());
        }
        ids.push(repository.blob(&vec![7; 3 << 20]).unwrap());
        let tree = {
            let mut tree = repository.treebuilder(None).unwrap();
            ids.iter().enumerate().for_each(|(n, &id)| drop(tree.insert(format!("f{n:02}"), id, 0o100_644).unwrap()));
            tree.write().unwrap()
        };
        repository.reference("refs/tags/kept", tree, false, "").unwrap();
        git(dir.path(), &["repack", "-adfq", "--depth=20"]);
        let objects = repository.path().join("objects");
        odb.refresh().unwrap();
        let sizes = Sizes { asked: MANY.into(), ..Sizes::default() };
        for &id in &ids {
            assert_eq!(sizes.get(&objects, id), Some(odb.read_header(id).unwrap().0 as u64), "{id}");
        }
        let packs = fs::read_dir(objects.join("pack")).unwrap().map(|entry| entry.unwrap().path());
        let index = packs.filter(|path| path.extension().is_some_and(|end| end == "idx"));
        let deltas = Command::new("git").args(["verify-pack", "-v"]).args(index).output().unwrap();
        assert!(String::from_utf8_lossy(&deltas.stdout).contains("chain length = 2"), "there are chains in it");
        assert_eq!(sizes.get(&objects, Oid::hash_object(git2::ObjectType::Blob, b"not there").unwrap()), None);
    }

    #[test]
    fn a_pack_that_is_cut_off_gives_no_size_and_no_panic() {
        let dir = tempfile::tempdir().unwrap();
        let mut index = vec![0; IDS + 28];
        index[..8].copy_from_slice(b"\xfftOc\0\0\0\x02");
        for table in 0..256 {
            index[FANOUT + table * 4 + 3] = 1;
        }
        fs::write(dir.path().join("pack-a.idx"), &index).unwrap();
        for cut in [&b""[..], &[0xff], &[0x6f, 0xff], &[0x6f, 1, 2], &[0x7f; 9], &[0xff; 400], &[0x3f]] {
            fs::write(dir.path().join("pack-a.pack"), cut).unwrap();
            let sizes = Sizes::default();
            let packs = open(dir.path()).unwrap();
            let at = packs[0].offset(Oid::from_bytes(&[0; 20]).unwrap()).unwrap();
            let read = sizes.read(&packs[0], at);
            assert_eq!(read, (cut == [0x3f]).then_some(15), "{cut:?}");
        }
        for length in 0..index.len() {
            fs::write(dir.path().join("pack-a.idx"), &index[..length]).unwrap();
            assert_eq!(open(dir.path()).unwrap().len(), 0, "{length}");
        }
    }
}
