//! A registry's files on disk, to validate them while the user edits them.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use anyhow::Result;

use crate::model::{Content, Entry, EntryKind, MAX_FILE, Tree};
use crate::store::error::StoreError;
use crate::store::platform::folder::open_named;
use crate::store::platform::mode::owner_may_run;
use crate::store::worktree::TEMPORARY;

/// A registry's files on disk. Links are reported, never followed.
pub struct FolderTree {
    root: PathBuf,
}

impl FolderTree {
    /// The registry in a folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

/// Whether a file is a temporary or backup file of an editor or file manager, which is never part of the registry.
fn is_left_by_a_tool(name: &str) -> bool {
    name == ".DS_Store"
        || name.ends_with('~')
        || name.ends_with(TEMPORARY)
        || name.starts_with(".#")
        || (name.starts_with('.') && [".swp", ".swo", ".swx"].iter().any(|end| name.ends_with(end)))
}

fn kind(metadata: &fs::Metadata) -> EntryKind {
    let file_type = metadata.file_type();
    if file_type.is_symlink() {
        EntryKind::Symlink
    } else if file_type.is_dir() {
        EntryKind::Folder
    } else if file_type.is_file() {
        if owner_may_run(metadata) { EntryKind::Executable } else { EntryKind::File }
    } else {
        EntryKind::Other
    }
}

impl Tree for FolderTree {
    fn find(&self, path: &str) -> Result<Option<Entry>> {
        // Every part of the path is checked, so that no link is followed.
        let mut at = self.root.clone();
        let mut kind_of_last = EntryKind::Folder;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if kind_of_last != EntryKind::Folder {
                return Ok(None);
            }
            at.push(part);
            let metadata = match at.symlink_metadata() {
                Ok(metadata) => metadata,
                Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
                Err(e) => return Err(StoreError::io("reading", &at, e).into()),
            };
            kind_of_last = kind(&metadata);
        }
        Ok(Some(Entry { path: path.to_owned(), kind: kind_of_last, id: None }))
    }

    fn list(&self, folder: &Entry) -> Result<Vec<Entry>> {
        let at = self.root.join(&folder.path);
        let mut entries = Vec::new();
        for found in fs::read_dir(&at).map_err(|e| StoreError::io("reading", &at, e))? {
            let found = found.map_err(|e| StoreError::io("reading", &at, e))?;
            let name = found.file_name().to_string_lossy().into_owned();
            if is_left_by_a_tool(&name) || (folder.path.is_empty() && name == ".git") {
                continue;
            }
            let metadata = found.metadata().map_err(|e| StoreError::io("reading", &found.path(), e))?;
            let path = if folder.path.is_empty() { name } else { format!("{}/{name}", folder.path) };
            entries.push(Entry { path, kind: kind(&metadata), id: None });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn read(&self, file: &Entry) -> Result<Content> {
        let at = self.root.join(&file.path);
        let failed = |e: std::io::Error| StoreError::io("reading", &at, e);
        let (opened, status) = open_named(&at).map_err(|refused| failed(refused.into()))?;
        let size = status.size;
        if size > MAX_FILE {
            return Ok(Content::TooLarge(size));
        }
        let mut bytes = Vec::with_capacity(size as usize);
        opened.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_FILE {
            return Ok(Content::TooLarge(bytes.len() as u64));
        }
        Ok(Content::Bytes(bytes))
    }
}
