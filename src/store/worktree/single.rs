//! Reading and writing a single checked-out file outside of the registry, such as `CODEOWNERS`. No link is followed.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::folder::{InPlace, Place};
use crate::model::MAX_FILE;
use crate::store::error::StoreError;
use crate::store::platform::folder::Folder;

/// The text of a file, by its path from the top of the working tree; none if the file does not exist.
///
/// # Errors
/// The path leads to a link or a folder, or the file has more than [`MAX_FILE`] bytes or is not UTF-8.
pub fn read_file(top: &Path, path: &str) -> Result<Option<String>, StoreError> {
    let failed = |e| StoreError::io("reading", &top.join(path), e);
    let root = Folder::named(top).map_err(failed)?;
    let place = Place::open(&root, path.as_bytes()).map_err(failed)?;
    match place.look().map_err(failed)? {
        InPlace::Absent => return Ok(None),
        InPlace::File(_) => {}
        other => return Err(failed(in_the_way(&other))),
    }
    let mut text = String::new();
    let read = place.reader().and_then(|file: File| file.take(MAX_FILE + 1).read_to_string(&mut text));
    if read.map_err(failed)? as u64 > MAX_FILE {
        return Err(failed(io::Error::new(
            ErrorKind::FileTooLarge,
            format!("the file has more than the maximum of {MAX_FILE} bytes"),
        )));
    }
    Ok(Some(text))
}

/// Writes a file, by its path from the top of the working tree, and creates missing folders.
pub fn write_file(top: &Path, path: &str, text: &str) -> Result<(), StoreError> {
    let failed = |e| StoreError::io("writing", &top.join(path), e);
    let root = Folder::named(top).map_err(failed)?;
    let mut place = Place::open(&root, path.as_bytes()).map_err(failed)?;
    let before = match place.look().map_err(failed)? {
        InPlace::Absent => None,
        InPlace::File(seen) => Some(seen),
        other => return Err(failed(in_the_way(&other))),
    };
    place.write(text.as_bytes(), before.as_ref()).map(drop).map_err(failed)
}

fn in_the_way(found: &InPlace) -> io::Error {
    let why = if matches!(found, InPlace::Link) {
        "the path leads through a symbolic link"
    } else {
        "the path does not lead to a plain file"
    };
    io::Error::new(ErrorKind::InvalidInput, why)
}
