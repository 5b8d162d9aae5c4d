//! A read-only tree of files: a git commit, a folder on disk, or either with an overlay of planned edits.

use std::collections::BTreeMap;

use anyhow::Result;

use super::file::MAX_FILE;

/// A git object's id.
pub type ObjectId = [u8; 20];

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A plain file.
    File,
    /// A file with the executable bit.
    Executable,
    /// A symbolic link.
    Symlink,
    /// A folder.
    Folder,
    /// A git submodule.
    Submodule,
    /// A kind that git does not store: a socket, a device.
    Other,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path relative to the registry's folder. Bytes that are not UTF-8 are replaced by U+FFFD, which no valid path
    /// contains.
    pub path: String,
    /// Its kind.
    pub kind: EntryKind,
    /// Its git object, in a tree of git.
    pub id: Option<ObjectId>,
}

impl Entry {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == EntryKind::Folder
    }
}

/// The result of reading a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// The file is larger than [`MAX_FILE`] and was not read; its size in bytes.
    TooLarge(u64),
}

/// A tree of files. Errors are failures of the disk or the object store; a missing path is not an error.
pub trait Tree: Sync {
    /// The entry at a path; the empty path is the root.
    fn find(&self, path: &str) -> Result<Option<Entry>>;
    /// The entries of a folder, in the tree's own order.
    fn list(&self, folder: &Entry) -> Result<Vec<Entry>>;
    /// The content of a file, unless it is too large.
    fn read(&self, file: &Entry) -> Result<Content>;
}

/// Whether the entries of a folder are sorted by name, each name once.
pub fn is_by_name(entries: &[Entry]) -> bool {
    // Within a folder the order of the paths is that of the names, and is found without a search for the last slash.
    entries.is_sorted_by(|a, b| a.path < b.path)
}

/// Sorts the entries of a folder by name. Of several with one name the last stays.
pub fn sort_by_name(entries: &mut Vec<Entry>) {
    // git's own order is the same but for folders, so there is hardly ever anything to do.
    if is_by_name(entries) {
        return;
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries.dedup_by(|later, earlier| {
        let same = later.path == earlier.path;
        if same {
            std::mem::swap(later, earlier);
        }
        same
    });
}

/// A tree with edits that are not written yet.
pub struct Overlay<'a> {
    base: &'a dyn Tree,
    edits: &'a BTreeMap<String, Option<Vec<u8>>>,
}

impl<'a> Overlay<'a> {
    /// A tree with edits: by path the new content, or none for a removed file.
    pub fn new(base: &'a dyn Tree, edits: &'a BTreeMap<String, Option<Vec<u8>>>) -> Self {
        Self { base, edits }
    }

    /// The edits at or below a folder, with the rest of their paths.
    fn below<'b>(&'b self, folder: &'b str) -> impl Iterator<Item = (&'b str, &'b Option<Vec<u8>>)> {
        self.edits.iter().filter_map(move |(path, edit)| {
            let rest = path.strip_prefix(folder)?;
            let rest = if folder.is_empty() { rest } else { rest.strip_prefix('/')? };
            Some((rest, edit))
        })
    }
}

impl Tree for Overlay<'_> {
    fn find(&self, path: &str) -> Result<Option<Entry>> {
        if let Some(edit) = self.edits.get(path) {
            return Ok(edit.as_ref().map(|_| Entry { path: path.to_owned(), kind: EntryKind::File, id: None }));
        }
        if !self.below(path).any(|_| true) {
            return self.base.find(path);
        }
        let folder = Entry { path: path.to_owned(), kind: EntryKind::Folder, id: None };
        // git has no empty folders: without files, the folder does not exist. The folder is listed only where edits remove
        // files and add none, because a large folder takes long to list.
        let is_there = path.is_empty() || self.below(path).any(|(_, edit)| edit.is_some());
        Ok(if is_there || !self.list(&folder)?.is_empty() { Some(folder) } else { None })
    }

    fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
        let base = match self.base.find(&folder.path)? {
            Some(entry) if entry.is_folder() => self.base.list(&entry)?,
            _ => Vec::new(),
        };
        let mut entries = base;
        sort_by_name(&mut entries);
        let mut touched: Vec<&str> = self.below(&folder.path).filter_map(|(rest, _)| rest.split('/').next()).collect();
        touched.dedup();
        for name in touched {
            let path = if folder.path.is_empty() { name.to_owned() } else { format!("{}/{name}", folder.path) };
            let place = entries.binary_search_by(|entry| entry.path.as_str().cmp(&path));
            match (self.find(&path)?, place) {
                (Some(entry), Ok(at)) => entries[at] = entry,
                (Some(entry), Err(at)) => entries.insert(at, entry),
                (None, Ok(at)) => drop(entries.remove(at)),
                (None, Err(_)) => {}
            }
        }
        Ok(entries)
    }

    fn read(&self, file: &Entry) -> Result<Content> {
        match self.edits.get(&file.path) {
            Some(Some(bytes)) if bytes.len() as u64 > MAX_FILE => Ok(Content::TooLarge(bytes.len() as u64)),
            Some(Some(bytes)) => Ok(Content::Bytes(bytes.clone())),
            _ => self.base.read(file),
        }
    }
}

/// Trees for tests.
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod memory {
    use std::sync::Mutex;

    use super::*;

    /// A tree in memory, with the kinds of entries that tests need.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct MemoryTree(pub BTreeMap<String, (EntryKind, Vec<u8>)>);

    impl MemoryTree {
        pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
            self.0.insert(path.into(), (EntryKind::File, text.into()));
            self
        }
    }

    /// A tree in memory that counts how often each file is read and each folder is listed.
    pub(crate) struct Counting {
        pub tree: MemoryTree,
        reads: Mutex<BTreeMap<String, usize>>,
        lists: Mutex<BTreeMap<String, usize>>,
    }

    impl Counting {
        pub(crate) fn new(tree: MemoryTree) -> Self {
            Self { tree, reads: Mutex::default(), lists: Mutex::default() }
        }

        pub(crate) fn reads(&self, path: &str) -> usize {
            self.reads.lock().unwrap().get(path).copied().unwrap_or(0)
        }

        /// How often each file was read, for those that were.
        pub(crate) fn all(&self) -> BTreeMap<String, usize> {
            self.reads.lock().unwrap().clone()
        }

        /// How often each folder was listed, for those that were.
        pub(crate) fn lists(&self) -> BTreeMap<String, usize> {
            self.lists.lock().unwrap().clone()
        }
    }

    impl Tree for Counting {
        fn find(&self, path: &str) -> Result<Option<Entry>> {
            self.tree.find(path)
        }

        fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
            *self.lists.lock().unwrap().entry(folder.path.clone()).or_default() += 1;
            self.tree.list(folder)
        }

        fn read(&self, file: &Entry) -> Result<Content> {
            *self.reads.lock().unwrap().entry(file.path.clone()).or_default() += 1;
            self.tree.read(file)
        }
    }

    impl Tree for MemoryTree {
        fn find(&self, path: &str) -> Result<Option<Entry>> {
            let entry = |kind, id| Entry { path: path.to_owned(), kind, id };
            if let Some((kind, bytes)) = self.0.get(path) {
                use sha1::Digest as _;
                return Ok(Some(entry(*kind, Some(sha1::Sha1::digest(bytes).into()))));
            }
            let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
            let any = path.is_empty() || self.0.keys().any(|p| p.starts_with(&prefix));
            Ok(any.then(|| entry(EntryKind::Folder, None)))
        }

        fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
            let prefix = if folder.path.is_empty() { String::new() } else { format!("{}/", folder.path) };
            let mut names: Vec<&str> = Vec::new();
            for path in self.0.keys() {
                if let Some(name) = path.strip_prefix(&prefix).and_then(|rest| rest.split('/').next())
                    && !names.contains(&name)
                {
                    names.push(name);
                }
            }
            names.into_iter().filter_map(|name| self.find(&format!("{prefix}{name}")).transpose()).collect()
        }

        fn read(&self, file: &Entry) -> Result<Content> {
            let bytes = self.0.get(&file.path).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
            Ok(if bytes.len() as u64 > MAX_FILE {
                Content::TooLarge(bytes.len() as u64)
            } else {
                Content::Bytes(bytes)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::memory::MemoryTree;
    use super::*;

    #[test]
    fn edits_add_replace_and_remove_and_leave_no_empty_folder() {
        let base = MemoryTree::default().with("a/x", "1").with("a/y", "2").with("b/z", "3");
        let edits = BTreeMap::from([
            ("a/x".to_owned(), Some(b"9".to_vec())),
            ("b/z".to_owned(), None),
            ("c/d/e".to_owned(), Some(b"4".to_vec())),
        ]);
        let tree = Overlay::new(&base, &edits);
        let names = |path: &str| -> Vec<String> {
            let folder = tree.find(path).unwrap().unwrap();
            tree.list(&folder).unwrap().iter().map(|e| e.name().to_owned()).collect()
        };
        assert_eq!(names(""), ["a", "c"]);
        assert_eq!(names("a"), ["x", "y"]);
        assert_eq!(names("c"), ["d"]);
        assert_eq!(tree.find("b").unwrap(), None);
        let x = tree.find("a/x").unwrap().unwrap();
        assert_eq!(tree.read(&x).unwrap(), Content::Bytes(b"9".to_vec()));
    }
}
