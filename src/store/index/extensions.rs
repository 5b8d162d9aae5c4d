//! The update of an index's extensions after a change of entries.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::entry::{Entry, NewEntry, folders};
use super::format::read_varint;

/// The changes that matter for extensions.
#[derive(Default)]
pub(super) struct Changes {
    /// The folders whose trees have changed; the root is the empty path.
    folders: BTreeSet<Vec<u8>>,
    /// Whether a path was added or removed.
    paths: bool,
}

impl Changes {
    /// Records an edit.
    pub(super) fn note(&mut self, path: &[u8], old: Option<Entry>, new: Option<&NewEntry>) {
        // An entry after `git add -N` is in no tree, so its folder's tree changes when it gets its content.
        let old_content = old.filter(|old| !old.intent_to_add).map(|old| (old.id, old.mode));
        if old_content != new.map(|new| (new.id, new.mode)) || old.is_some() != new.is_some() {
            self.folders.insert(Vec::new());
            self.folders.extend(folders(path).map(<[u8]>::to_vec));
        }
        self.paths |= old.is_some() != new.is_some();
    }

    /// The extension after the changes, with its header; empty if it is removed.
    pub(super) fn apply<'a>(&self, signature: [u8; 4], data: &'a [u8]) -> Vec<Cow<'a, [u8]>> {
        let pieces = match &signature {
            b"TREE" => tree(data, &self.folders).unwrap_or_default(),
            // The resolved conflicts, by path, which stay valid.
            b"REUC" => vec![Cow::Borrowed(data)],
            // The untracked files by folder, which are valid until a path is added or removed.
            b"UNTR" if !self.paths => vec![Cow::Borrowed(data)],
            b"UNTR" => untracked(data).unwrap_or_default(),
            // EOIE and IEOT are offsets into the file. FSMN refers to entries by number, and would mark a
            // file as unchanged that is written now. Unknown extensions may depend on either. Git makes these extensions
            // again when it needs them.
            _ => Vec::new(),
        };
        let size = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        if size == 0 {
            return Vec::new();
        }
        let header = [signature, u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes()].concat();
        std::iter::once(Cow::Owned(header)).chain(pieces).collect()
    }
}

/// The cache of trees, with the nodes of changed folders marked as invalid: a count of -1 and no id. None if
/// it is malformed.
///
/// A node is its name, NUL, the count of entries, space, the count of nodes below it, newline and, unless the count
/// of entries is negative, an id; then come the nodes below it.
fn tree<'a>(data: &'a [u8], changed: &BTreeSet<Vec<u8>>) -> Option<Vec<Cow<'a, [u8]>>> {
    let mut pieces = Vec::new();
    let (mut at, mut kept) = (0, 0);
    // For each open node: the number of child nodes to come, and its path with a slash if the node is changed.
    let mut open: Vec<(usize, Option<Vec<u8>>)> = Vec::new();
    while at < data.len() {
        let rest = &data[at..];
        let name = &rest[..rest.iter().position(|&b| b == 0)?];
        let line = &rest[name.len() + 1..];
        let line = &line[..line.iter().position(|&b| b == b'\n')?];
        let space = line.iter().position(|&b| b == b' ')?;
        let valid = line.first() != Some(&b'-');
        let below: usize = std::str::from_utf8(&line[space + 1..]).ok()?.parse().ok()?;
        let end = at + name.len() + 1 + line.len() + 1 + if valid { 20 } else { 0 };
        if end > data.len() {
            return None;
        }
        while open.last().is_some_and(|(left, _)| *left == 0) {
            open.pop();
        }
        let path = match open.last_mut() {
            None => Some(name.to_vec()),
            Some((left, parent)) => {
                *left -= 1;
                parent.as_ref().map(|parent| [parent, name].concat())
            }
        };
        let path = path.filter(|path| changed.contains(path));
        if path.is_some() && valid {
            pieces.push(Cow::Borrowed(&data[kept..at]));
            pieces.push(Cow::Owned([name, b"\0-1 ", &line[space + 1..], b"\n"].concat()));
            kept = end;
        }
        let inside = path.map(|mut path| {
            if !path.is_empty() {
                path.push(b'/');
            }
            path
        });
        open.push((below, inside));
        at = end;
    }
    pieces.push(Cow::Borrowed(&data[kept..]));
    Some(pieces)
}

/// The untracked cache with its settings and without its folders: enabled and empty. None
/// if it is malformed.
fn untracked(data: &[u8]) -> Option<Vec<Cow<'_, [u8]>>> {
    /// Two times stat data, one time flags, two hashes.
    const SETTINGS: usize = 2 * 36 + 4 + 2 * 20;
    let (length, varint) = read_varint(data)?;
    let from = varint.checked_add(length)?.checked_add(SETTINGS)?;
    let exclude_file = data.get(from..)?;
    let end = from + exclude_file.iter().position(|&b| b == 0)? + 1;
    // No folders, and the NUL at the end.
    Some(vec![Cow::Borrowed(&data[..end]), Cow::Borrowed(&[0, 0])])
}
