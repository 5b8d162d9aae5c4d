//! Taking the digests of a file or a folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use walkdir::{DirEntry, WalkDir};

use super::beneath::{Root, digest, stamp};
use super::{ArtifactError, Progress, folder_digest};
use crate::model::digest::Digest;
use crate::model::uri::ArtifactPath;
use crate::model::version::ArtifactFile;
use crate::model::{Invalid, uri};

/// The most files that an artifact may have.
pub const MOST_FILES: usize = 5_000;
/// The most bytes that a file list may take in a manifest, which as a whole stays under 1 MiB.
pub const MOST_LIST_BYTES: usize = 960 * 1024;
/// What an entry of the list takes beside its path: the table's head, three keys, a size and a digest.
const ENTRY_BYTES: usize = 150;

/// What belongs to a git repository and not to the model in it: ignored at the model's root, as the OpenSSF
/// model-signing library documents for `hashing.Config`.
const IGNORED: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// An artifact's size and digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Bytes in all.
    pub size: u64,
    /// A file's own SHA-256; for a folder SHA-256 over the raw digests of its files, in the order of the list.
    pub digest: Digest,
    /// The files, sorted by [`ArtifactFile::order`]; a single file by its name.
    pub files: Vec<ArtifactFile>,
}

/// Hashes a local file or folder, all processors at once. What git keeps at a folder's root (`.git`, `.github`,
/// `.gitignore`, `.gitattributes`) is no part of the model.
///
/// Errors: a symbolic link, socket, device or named pipe; a name that a manifest cannot hold; a folder without a file
/// or with more than [`MOST_FILES`]; a file that changes meanwhile; and what the operating system refuses. Of several
/// the first in the order of the files is given.
pub fn scan(path: &Path, progress: &dyn Progress) -> Result<Scanned, ArtifactError> {
    let root = Root::open(path)?;
    let listed = list(&root, &[])?;
    if listed.is_empty() {
        return Err(ArtifactError::Empty(root.path));
    }
    let files = hash(&root, listed, progress)?;
    let size = files.iter().map(|file| file.size).sum();
    let digest = match &files[..] {
        [file] if !root.is_folder() => file.digest.clone(),
        files => folder_digest(files),
    };
    Ok(Scanned { size, digest, files })
}

/// The files of an artifact and their sizes, in the order of a manifest. What git keeps at the root is left out unless
/// `recorded` (a manifest's files) has it.
pub(super) fn list(root: &Root, recorded: &[ArtifactFile]) -> Result<Vec<(ArtifactPath, u64)>, ArtifactError> {
    if !root.is_folder() {
        let name = root.path.file_name().ok_or_else(|| ArtifactError::Unnamed(root.path.clone()))?;
        let path = artifact_path(Path::new(name), &root.path)?;
        let (_, metadata) = root.file(&path)?;
        return Ok(vec![(path, metadata.len())]);
    }
    let top = |file: &ArtifactFile| file.path.as_str().split('/').next().map(str::to_owned);
    let recorded: Vec<String> = recorded.iter().filter_map(top).filter(|name| IGNORED.contains(&&**name)).collect();
    let ignored = |entry: &DirEntry| {
        let name = entry.file_name().to_str().unwrap_or_default();
        entry.depth() == 1 && IGNORED.contains(&name) && !recorded.iter().any(|kept| kept == name)
    };
    // Sorted by name, folder by folder, which is the manifest's order: it compares paths part by part.
    let walk = WalkDir::new(&root.path).min_depth(1).follow_links(false).follow_root_links(false).sort_by_file_name();
    let mut files = Vec::new();
    let mut bytes = 0;
    for entry in walk.into_iter().filter_entry(|entry| !ignored(entry)) {
        let entry = entry.map_err(|error| walk_error(error, &root.path))?;
        let kind = entry.file_type();
        if kind.is_symlink() {
            return Err(ArtifactError::Symlink(entry.into_path()));
        } else if kind.is_dir() {
            continue;
        } else if !kind.is_file() {
            return Err(ArtifactError::Special(entry.into_path()));
        }
        let relative = entry.path().strip_prefix(&root.path).unwrap_or(entry.path());
        let path = artifact_path(relative, entry.path())?;
        bytes += path.as_str().len() + ENTRY_BYTES;
        if files.len() == MOST_FILES || bytes > MOST_LIST_BYTES {
            return Err(ArtifactError::TooMany(root.path.clone()));
        }
        let size = entry.metadata().map_err(|error| walk_error(error, &root.path))?.len();
        files.push((path, size));
    }
    Ok(files)
}

fn walk_error(error: walkdir::Error, root: &Path) -> ArtifactError {
    let path = error.path().unwrap_or(root).to_owned();
    ArtifactError::Io { path, doing: "read", source: error.into() }
}

fn artifact_path(relative: &Path, shown: &Path) -> Result<ArtifactPath, ArtifactError> {
    let refuse = |why| ArtifactError::Name { path: shown.to_owned(), why };
    let text = relative.to_str().ok_or_else(|| {
        refuse(Invalid::new("its name is not UTF-8, as a manifest is", "rename the file with characters of UTF-8"))
    })?;
    uri::ArtifactPath::new(text).map_err(|Invalid { why, .. }| refuse(Invalid::new(why, "rename the file")))
}

/// Hashes the listed files on all processors. The outcome is that of hashing one after the other.
pub(super) fn hash(
    root: &Root,
    listed: Vec<(ArtifactPath, u64)>,
    progress: &dyn Progress,
) -> Result<Vec<ArtifactFile>, ArtifactError> {
    progress.total(listed.iter().map(|(_, size)| size).sum());
    // The lowest index that failed: what follows need not be hashed, what precedes may yet fail first.
    let failed = AtomicUsize::new(usize::MAX);
    let hashed: Vec<Option<Result<ArtifactFile, ArtifactError>>> = listed
        .into_par_iter()
        .with_max_len(1)
        .enumerate()
        .map(|(index, (path, _))| {
            if index > failed.load(Ordering::Relaxed) {
                return None;
            }
            let file = hash_file(root, path, progress);
            if file.is_err() {
                failed.fetch_min(index, Ordering::Relaxed);
            }
            Some(file)
        })
        .collect();
    hashed.into_iter().flatten().collect()
}

fn hash_file(root: &Root, path: ArtifactPath, progress: &dyn Progress) -> Result<ArtifactFile, ArtifactError> {
    let shown: PathBuf = root.shown(&path);
    let (mut file, before) = root.file(&path)?;
    let (size, bytes) = digest(&mut file, &shown, before.len(), None, progress)?;
    let after = file.metadata().map_err(ArtifactError::io(&shown, "read"))?;
    // The open file shows what was written to it; only its name shows that another has taken its place.
    let named = root.file(&path).map(|(_, named)| stamp(&named));
    if size != before.len() || stamp(&before) != stamp(&after) || named.ok() != Some(stamp(&before)) {
        return Err(ArtifactError::Changed(shown));
    }
    Ok(ArtifactFile { path, size, digest: Digest::from_bytes(&bytes) })
}
