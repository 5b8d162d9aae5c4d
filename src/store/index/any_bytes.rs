//! Any bytes as an index: reading must not panic, and a written index must be readable again.
//!
//! This is the body of the fuzz target in `tests/fuzz` and of the mutation tests here.

use std::io::Cursor;
use std::sync::Arc;

use super::entry::{Edits, Entry, MODE_FILE, NewEntry, Slot};
use super::format::{Index, Malformed, TRAILER};
use super::shared::Wanted;
use super::split::Split;

/// Paths in the seeds of the tests, above or below such paths, and missing ones.
const PATHS: [&[u8]; 8] = [b"a", b"a-b", b"a/b", b"d/e", b"d/e/f", b"new", b"z", &[0xFF, 0xFE]];

/// Reads `bytes` as an index, with `shared` as the shared file of a split index, and edits the index.
///
/// # Panics
/// If reading panics, or the written index does not have the edits.
pub fn any_bytes(bytes: &[u8], shared: &[u8]) {
    let Ok(top) = Index::parse(Arc::new(bytes.to_vec())) else { return };
    let wanted = Wanted::new(&PATHS);
    for path in PATHS {
        top.slot(path);
        top.below(path).for_each(drop);
    }
    if top.link().is_some() {
        if let Ok(split) = Split::of(top, &mut Cursor::new(shared), &wanted) {
            split_is_rewritten(&split, shared, &wanted);
        }
        return;
    }
    let edits = edits(|path| top.slot(path));
    let again = parsed(&top.rewrite(&edits).pieces().concat());
    holds(&edits, |path| again.slot(path));
    if let Ok(split) = Split::new(top, &wanted) {
        split_is_rewritten(&split, bytes, &wanted);
    }
}

fn split_is_rewritten(split: &Split, shared: &[u8], wanted: &Wanted) {
    for path in PATHS {
        split.below(path).for_each(drop);
    }
    let edits = edits(|path| split.slot(path));
    match Split::of(parsed(&split.rewrite(&edits)), &mut Cursor::new(shared), wanted) {
        Ok(again) => holds(&edits, |path| again.slot(path)),
        // The index has too many differences now.
        Err(Malformed::Worn) => {}
        Err(error) => panic!("what was written is not read: {error:?}"),
    }
}

/// An edit of each path without a conflict: every third removes an entry, the others add one.
fn edits(slot: impl Fn(&[u8]) -> Slot) -> Edits {
    let paths = PATHS.iter().enumerate().filter(|(_, path)| slot(path) != Slot::Conflict);
    paths.map(|(i, path)| (path.to_vec(), (i % 3 > 0).then_some(entry(i as u8)))).collect()
}

fn entry(number: u8) -> NewEntry {
    NewEntry { id: [number; 20], mode: MODE_FILE, stat: None }
}

fn parsed(body: &[u8]) -> Index {
    // The checksum is not tested here; an omitted checksum is read as zeros.
    match Index::parse(Arc::new([body, &[1; TRAILER]].concat())) {
        Ok(index) => index,
        Err(error) => panic!("what was written is not read: {error:?}"),
    }
}

fn holds(edits: &Edits, slot: impl Fn(&[u8]) -> Slot) {
    for (path, edit) in edits {
        match (edit, slot(path)) {
            (None, Slot::Absent) => {}
            (Some(new), Slot::Entry(Entry { id, mode, .. })) if (id, mode) == (new.id, new.mode) => {}
            (edit, slot) => panic!("{path:?}: {edit:?} was written, and {slot:?} is read"),
        }
    }
}
