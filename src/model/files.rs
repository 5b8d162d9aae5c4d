//! The files of one tree as they are read: each is read and parsed at most once, and each folder is listed at most once.

use std::collections::HashMap;
use std::string::FromUtf8Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use serde::de::DeserializeOwned;

use super::depth::too_deep;
use super::file::FileKind;
use super::registered_model::RegisteredModel;
use super::registry::Registry;
use super::stage::Stage;
use super::strict::from_toml;
use super::tree::{Content, Entry, EntryKind, ObjectId, Tree};
use super::version::Manifest;

/// What a kind of registry file is read as.
pub trait RegistryFile: DeserializeOwned + Send + Sync + 'static {
    /// The kind.
    const KIND: FileKind;
    /// Where the files of this kind are kept.
    fn kept(kept: &mut Kept) -> &mut HashMap<String, FileRead<Self>>;
}

macro_rules! registry_files {
    ($($type:ty, $kind:ident, $field:ident;)+) => {
        $(impl RegistryFile for $type {
            const KIND: FileKind = FileKind::$kind;
            fn kept(kept: &mut Kept) -> &mut HashMap<String, FileRead<Self>> {
                &mut kept.$field
            }
        })+
    };
}

registry_files! {
    Registry, Registry, registries;
    RegisteredModel, Model, models;
    Manifest, Version, versions;
    Stage, Stage, stages;
}

/// Why a file has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotText {
    /// The file is larger than [`MAX_FILE`](super::MAX_FILE); its size in bytes.
    TooLarge(u64),
    /// The file is not UTF-8.
    NotUtf8(FromUtf8Error),
}

/// Why a text is not a registry file of its kind.
#[derive(Debug)]
pub enum NotParsed {
    /// The text nests deeper than is safe to parse, from this byte on.
    TooDeep(usize),
    /// The text is not TOML, or its keys and values are not those of the kind.
    Toml(toml::de::Error),
}

/// A file's text and its value.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The text.
    pub text: Arc<str>,
    /// The value.
    pub value: Result<Arc<T>, NotParsed>,
}

/// The text of a file, or why it has none.
pub type FileText = Result<Arc<str>, NotText>;

/// The entries of a folder, in the tree's own order. Shared, because a model can have thousands of versions.
pub type Listing = Arc<Vec<Entry>>;

/// A file that was read as `T`, or why it has no text.
pub type FileRead<T> = Result<Arc<Parsed<T>>, NotText>;

/// The files of one tree.
///
/// What is read stays in memory, because most commands ask for a few files several times. [`Keep::Nothing`] is for those
/// that read a whole registry.
pub struct Files<'t> {
    /// The tree.
    pub tree: &'t dyn Tree,
    /// Another tree that has most of its files in common with this one.
    base: Option<&'t Files<'t>>,
    kept: Mutex<Kept>,
}

/// Whether a file or a folder's list stays in memory after it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It stays.
    File,
    /// It does not; what was kept before is still used.
    Nothing,
}

/// The files and folders that are kept, by path.
#[derive(Default)]
pub struct Kept {
    folders: HashMap<String, (Option<ObjectId>, Listing)>,
    texts: HashMap<String, (Option<ObjectId>, FileText)>,
    registries: HashMap<String, FileRead<Registry>>,
    models: HashMap<String, FileRead<RegisteredModel>>,
    versions: HashMap<String, FileRead<Manifest>>,
    stages: HashMap<String, FileRead<Stage>>,
}

impl<'t> Files<'t> {
    /// Reads nothing yet.
    pub fn new(tree: &'t dyn Tree) -> Self {
        Self { tree, base: None, kept: Mutex::default() }
    }

    /// The same for the head of a change: a file that has the same git id at the same path in the base is not read again.
    pub fn of_change(base: &'t Files<'t>, head: &'t dyn Tree) -> Self {
        Self { tree: head, base: Some(base), kept: Mutex::default() }
    }

    /// The file of an entry, read as `T`. Errors are failures to read the tree.
    pub fn get<T: RegistryFile>(&self, entry: &Entry, keep: Keep) -> Result<FileRead<T>> {
        if let Some(known) = self.known(entry) {
            return Ok(known);
        }
        let text = self.text(entry, keep)?;
        let read = text.map(|text| Arc::new(Parsed { value: parse(&text).map(Arc::new), text }));
        if keep == Keep::File {
            T::kept(&mut self.lock()).insert(entry.path.clone(), read.clone());
        }
        Ok(read)
    }

    /// The value of the file at a path. None where no plain file is there or the file cannot be read as `T`.
    pub fn readable<T: RegistryFile>(&self, path: &str) -> Result<Option<Arc<T>>> {
        let Some(entry) = self.tree.find(path)?.filter(is_plain_file) else { return Ok(None) };
        Ok(self.get::<T>(&entry, Keep::File)?.ok().and_then(|parsed| parsed.value.as_ref().ok().cloned()))
    }

    /// The text of an entry's file.
    pub fn text(&self, entry: &Entry, keep: Keep) -> Result<FileText> {
        if let Some(known) = self.known_text(entry) {
            return Ok(known);
        }
        let text = match self.tree.read(entry)? {
            Content::TooLarge(size) => Err(NotText::TooLarge(size)),
            Content::Bytes(bytes) => String::from_utf8(bytes).map(Arc::from).map_err(NotText::NotUtf8),
        };
        if keep == Keep::File {
            self.lock().texts.insert(entry.path.clone(), (entry.id, text.clone()));
        }
        Ok(text)
    }

    /// The entries of a folder.
    pub fn list(&self, folder: &Entry, keep: Keep) -> Result<Listing> {
        if let Some(known) = self.known_listing(folder) {
            return Ok(known);
        }
        let listing = Arc::new(self.tree.list(folder)?);
        if keep == Keep::File {
            self.lock().folders.insert(folder.path.clone(), (folder.id, Arc::clone(&listing)));
        }
        Ok(listing)
    }

    fn known<T: RegistryFile>(&self, entry: &Entry) -> Option<FileRead<T>> {
        if let Some(own) = T::kept(&mut self.lock()).get(&entry.path) {
            return Some(own.clone());
        }
        self.bases().find_map(|base| {
            let mut kept = base.lock();
            kept.has(entry).then(|| T::kept(&mut kept).get(&entry.path).cloned()).flatten()
        })
    }

    fn known_text(&self, entry: &Entry) -> Option<FileText> {
        if let Some((_, own)) = self.lock().texts.get(&entry.path) {
            return Some(own.clone());
        }
        self.bases().find_map(|base| {
            let kept = base.lock();
            kept.has(entry).then(|| kept.texts.get(&entry.path).map(|(_, text)| text.clone())).flatten()
        })
    }

    fn known_listing(&self, folder: &Entry) -> Option<Listing> {
        if let Some((_, own)) = self.lock().folders.get(&folder.path) {
            return Some(Arc::clone(own));
        }
        self.bases().find_map(|base| {
            let kept = base.lock();
            let (id, listing) = kept.folders.get(&folder.path)?;
            (folder.id.is_some() && *id == folder.id).then(|| Arc::clone(listing))
        })
    }

    /// The base, its base, and so on.
    fn bases(&self) -> impl Iterator<Item = &Files<'t>> {
        std::iter::successors(self.base, |files| files.base)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // What is kept is whole even where another thread panicked.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Whether the same git object is kept at the path of an entry.
    fn has(&self, entry: &Entry) -> bool {
        entry.id.is_some() && self.texts.get(&entry.path).is_some_and(|(id, _)| *id == entry.id)
    }
}

/// Whether an entry is a file with a content of its own.
pub fn is_plain_file(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::File | EntryKind::Executable)
}

/// Reads a text as `T`.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, NotParsed> {
    match too_deep(text) {
        Some(at) => Err(NotParsed::TooDeep(at)),
        None => from_toml(text).map_err(NotParsed::Toml),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::tree::memory::{Counting, MemoryTree};
    use super::*;

    const MODEL: &str = "models/iris/model.toml";
    const TEXT: &str = "format = 1\nname = \"iris\"\ncreated_at = 2026-01-02T03:04:05Z\ncreated_by = \"a@b.example\"\n";

    #[test]
    fn a_file_is_read_once_and_not_at_all_where_the_base_has_it() {
        let base_tree = Counting::new(MemoryTree::default().with(MODEL, TEXT));
        let head_tree = Counting::new(base_tree.tree.clone());
        let base = Files::new(&base_tree);
        let head = Files::of_change(&base, &head_tree);
        for files in [&base, &base, &head, &head] {
            assert_eq!(files.readable::<RegisteredModel>(MODEL).unwrap().unwrap().name.as_str(), "iris");
        }
        assert_eq!((base_tree.reads(MODEL), head_tree.reads(MODEL)), (1, 0));
    }

    #[test]
    fn another_content_at_the_same_path_is_read() {
        let base_tree = MemoryTree::default().with(MODEL, TEXT);
        let head_tree = MemoryTree::default().with(MODEL, &TEXT.replace("a@b", "c@d"));
        let base = Files::new(&base_tree);
        let head = Files::of_change(&base, &head_tree);
        let by = |files: &Files<'_>| files.readable::<RegisteredModel>(MODEL).unwrap().unwrap().created_by.to_string();
        assert_eq!((by(&base), by(&head)), ("a@b.example".into(), "c@d.example".into()));
    }

    #[test]
    fn what_no_value_can_be_read_from_says_why() {
        let tree = MemoryTree::default().with("x", "format = 2\n").with("y", &"a.b.c = { ".repeat(99));
        let files = Files::new(&tree);
        let get = |path| files.get::<Stage>(&tree.find(path).unwrap().unwrap(), Keep::Nothing).unwrap().unwrap();
        assert!(matches!(get("x").value, Err(NotParsed::Toml(_))));
        assert!(matches!(get("y").value, Err(NotParsed::TooDeep(_))));
        assert!(files.readable::<Stage>("x").unwrap().is_none());
    }
}
