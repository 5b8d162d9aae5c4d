//! Indexes by git, damaged in many ways. Reading must not panic, and if the index is still readable,
//! the edited index must be readable too.

use std::fs;
use std::io::Cursor;
use std::sync::Arc;

use sha1::{Digest as _, Sha1};

use super::dice::Dice;
use super::{apply, gone, put, sorted_oddly};
use crate::store::index::any_bytes::any_bytes;
use crate::store::index::format::{Index, Malformed};
use crate::store::index::rewrite::plain_entry;
use crate::store::index::shared::Wanted;
use crate::store::index::split::Split;
use crate::store::index::{MODE_FILE, NewEntry};
use crate::store::test_clone::{Clone, hex};

/// The number of damaged versions of each seed.
const ROUNDS: usize = 3_000;

/// Indexes by git, each with its shared file if it is split.
fn seeds() -> Vec<(Vec<u8>, Vec<u8>)> {
    let read = |clone: &Clone| {
        let shared = clone.git(&["rev-parse", "--shared-index-path"]);
        let shared = if shared.is_empty() { Vec::new() } else { fs::read(clone.path(shared.trim())).unwrap() };
        (fs::read(clone.index()).unwrap(), shared)
    };
    let mut seeds = Vec::new();
    for version in ["2", "3", "4"] {
        let clone = sorted_oddly();
        clone.git(&["update-index", "--index-version", version]);
        seeds.push(read(&clone));
        clone.git(&["update-index", "--skip-worktree", "a.b"]);
        clone.write("new", "later");
        clone.git(&["add", "-N", "new"]);
        clone.git(&["update-index", "--force-untracked-cache"]);
        clone.git(&["status"]);
        seeds.push(read(&clone));
        for key in ["index.recordEndOfIndexEntries", "index.recordOffsetTable"] {
            clone.git(&["config", key, "true"]);
        }
        let id = hex(&clone.blob("side"));
        let sides: String = (1..4).map(|side| format!("100644 {id} {side}\tz\n")).collect();
        let lines = format!("0 {} 0\tz\n{sides}", "0".repeat(40));
        clone.git_with(".git/index", &["update-index", "--index-info"], lines.as_bytes());
        seeds.push(read(&clone));
    }
    let clone = sorted_oddly();
    clone.git(&["update-index", "--split-index"]);
    seeds.push(read(&clone));
    apply(&clone, &[put("b", clone.blob("1")), put("a/b", clone.blob("2")), gone("z")]).unwrap();
    seeds.push(read(&clone));
    seeds
}

/// Damages bytes in one of the basic ways of a fuzzer.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.roll(bytes.len().max(1));
    let end = (at + dice.roll(12)).min(bytes.len());
    match dice.roll(7) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] ^= 1 << dice.roll(8),
        2 if at < bytes.len() => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][dice.roll(5)],
        3 => drop(bytes.drain(at..end)),
        4 => {
            let copy = bytes[at..end].to_vec();
            let to = dice.roll(bytes.len() + 1);
            drop(bytes.splice(to..to, copy));
        }
        5 if at + 4 <= bytes.len() => {
            let number = [0, 1, 0xFFFF, 0x7FFF_FFFF, u32::MAX][dice.roll(5)];
            bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
        }
        _ => drop(bytes.splice(at..at, [0; 3])),
    }
}

/// Sets the matching hash at the end of the bytes.
fn sign(bytes: &mut [u8]) {
    if let Some((body, trailer)) = bytes.split_last_chunk_mut::<20>() {
        trailer.copy_from_slice(&Sha1::digest(&*body));
    }
}

#[test]
fn no_damage_makes_reading_panic_and_an_edited_index_is_readable() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for (index, shared) in seeds() {
        any_bytes(&index, &shared);
        for _ in 0..ROUNDS {
            let (mut index, mut shared) = (index.clone(), shared.clone());
            for _ in 0..=dice.roll(3) {
                let of_shared = !shared.is_empty() && dice.roll(2) == 0;
                damage(if of_shared { &mut shared } else { &mut index }, &mut dice);
            }
            if dice.roll(2) == 0 {
                sign(&mut index);
            }
            any_bytes(&index, &shared);
        }
    }
}

#[test]
fn no_short_bytes_make_reading_panic() {
    let mut dice = Dice(0x1234_5678_9ABC_DEF1);
    for _ in 0..20_000 {
        let mut bytes = b"DIRC\0\0\0".to_vec();
        bytes.push(2 + dice.roll(3) as u8);
        bytes.extend((0..dice.roll(200)).map(|_| [0, 0, 1, 0x40, 0xFF, b'a', b'/'][dice.roll(7)]));
        any_bytes(&bytes, &bytes);
    }
}

/// The bytes of an entry at a stage of a merge.
fn entry(name: &str, stage: u8) -> Vec<u8> {
    let new = NewEntry { id: [7; 20], mode: MODE_FILE, stat: None };
    let mut entry = plain_entry(name.as_bytes(), &new, (0, 0));
    // The flags are after the stat data and the id, and the stage is in their upper byte.
    entry[60] |= stage << 4;
    entry
}

/// An index of these entries, and of one extension.
fn file(entries: &[Vec<u8>], extension: &[u8]) -> Arc<Vec<u8>> {
    let head = [&b"DIRC"[..], &2u32.to_be_bytes(), &(entries.len() as u32).to_be_bytes()].concat();
    Arc::new([&head, &entries.concat(), extension, &[9; 20]].concat())
}

#[test]
fn a_path_has_a_file_or_the_sides_of_a_merge() {
    let read = |stages: &[u8]| {
        let entries: Vec<Vec<u8>> = stages.iter().map(|&stage| entry("z", stage)).collect();
        Index::parse(file(&entries, b"")).map(|index| index.len())
    };
    assert_eq!((read(&[0]), read(&[1, 2, 3]), read(&[2, 3])), (Ok(1), Ok(3), Ok(2)));
    for wrong in [&[0, 1][..], &[0, 0], &[1, 1], &[2, 1]] {
        assert!(matches!(read(wrong), Err(Malformed::Corrupt(_))), "{wrong:?}");
    }
}

/// An index of version 4 whose first name has so many bytes; each of the others has one byte more than the one before.
fn growing_names(first: usize, count: usize) -> Arc<Vec<u8>> {
    let fixed = &entry("", 0)[..62];
    let head = [&b"DIRC"[..], &4u32.to_be_bytes(), &(count as u32).to_be_bytes()].concat();
    let entries = (0..count).map(|i| [fixed, b"\0", &vec![b'a'; if i == 0 { first } else { 1 }], b"\0"].concat());
    Arc::new([head, entries.collect::<Vec<_>>().concat(), vec![9; 20]].concat())
}

#[test]
fn names_that_repeat_each_other_take_no_more_memory_than_some_times_the_file() {
    let read = |first, count| Index::parse(growing_names(first, count)).map(|index| index.len());
    // In total 16.9 MB, and 20.4 MB.
    assert_eq!(read(16_384, 1_000), Ok(1_000));
    assert!(matches!(read(16_384, 1_200), Err(Malformed::Corrupt(_))));
    // Two thousand names of the maximum length of a path are valid.
    assert_eq!(read(4_095, 2_000), Ok(2_000));
}

#[test]
fn a_shared_index_with_unsorted_entries_is_corrupt() {
    let link = [&b"link"[..], &20u32.to_be_bytes(), &[9; 20]].concat();
    let read = |names: &[&str]| {
        let entries: Vec<Vec<u8>> = names.iter().map(|name| entry(name, 0)).collect();
        let top = Index::parse(file(&[], &link)).unwrap_or_else(|_| panic!());
        let mut shared = Cursor::new(file(&entries, b"").to_vec());
        Split::of(top, &mut shared, &Wanted::new(&[b"b", b"b/c"])).map(|split| split.has(b"b"))
    };
    assert_eq!(read(&["a", "b", "c"]), Ok(true));
    assert!(matches!(read(&["a", "b", "b"]), Err(Malformed::Corrupt(_))));
}
