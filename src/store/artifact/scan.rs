//! Computing the digests of a file or a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use walkdir::{DirEntry, WalkDir};

use super::beneath::{Root, digest, stamp};
use super::error::{MOST_FILES, MOST_LIST_BYTES};
use super::{ArtifactError, Progress, folder_digest};
use crate::model::digest::Digest;
use crate::model::uri::ArtifactPath;
use crate::model::version::ArtifactFile;
use crate::model::{Invalid, uri};
use crate::store::platform::folder::Status;
use crate::store::platform::names::{self, FORMS_ARE_ONE};

/// The size of an entry of the list without its path: the table's head, three keys, a size and a digest.
const ENTRY_BYTES: usize = 150;

/// Git's own files, which are not part of the model: ignored at the model's root, as the OpenSSF model-signing library
/// documents for `hashing.Config`.
const IGNORED: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// An artifact's size and digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The number of bytes.
    pub size: u64,
    /// The SHA-256 of a single file; for a folder, the SHA-256 over the raw digests of its files in the order of the
    /// list.
    pub digest: Digest,
    /// The files, sorted by [`ArtifactFile::order`]. A single file has its name as path.
    pub files: Vec<ArtifactFile>,
}

/// Hashes a local file or folder on all processors. Git's own files at a folder's root (`.git`, `.github`,
/// `.gitignore`, `.gitattributes`) are ignored.
///
/// Errors: a symbolic link, socket, device or named pipe; a name that a manifest does not allow; a folder without files
/// or with more than `MOST_FILES`; a file that changes meanwhile; an error of the operating system. Of several
/// errors, the first in the order of the files is returned.
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

/// The files of an artifact with their sizes, in the order of a manifest. Git's own files at the root are ignored,
/// unless `recorded` (a manifest's files) lists them.
pub(super) fn list(root: &Root, recorded: &[ArtifactFile]) -> Result<Vec<(ArtifactPath, u64)>, ArtifactError> {
    list_on(root, recorded, FORMS_ARE_ONE)
}

/// Like [`list`]. `forms_are_one`: whether the file system treats composed and decomposed names as equal.
fn list_on(
    root: &Root,
    recorded: &[ArtifactFile],
    forms_are_one: bool,
) -> Result<Vec<(ArtifactPath, u64)>, ArtifactError> {
    if !root.is_folder() {
        let name = root.path.file_name().ok_or_else(|| ArtifactError::Unnamed(root.path.clone()))?;
        let path = artifact_path(Path::new(name), &root.path)?;
        let (_, status) = root.file(&path)?;
        return Ok(vec![(path, status.size)]);
    }
    let forms = if forms_are_one { other_forms(recorded) } else { BTreeMap::new() };
    let top = |file: &ArtifactFile| file.path.as_str().split('/').next().map(str::to_owned);
    let recorded: Vec<String> = recorded.iter().filter_map(top).filter(|name| IGNORED.contains(&&**name)).collect();
    let ignored = |entry: &DirEntry| {
        let name = entry.file_name().to_str().unwrap_or_default();
        entry.depth() == 1 && IGNORED.contains(&name) && !recorded.iter().any(|kept| kept == name)
    };
    // Sorted, so that the first error is the same in each run.
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
        let mut path = artifact_path(relative, entry.path())?;
        if forms_are_one && !path.as_str().is_ascii() {
            let composed = names::composed(path.as_str());
            path = match forms.get(&*composed) {
                Some(recorded) => recorded.clone(),
                None => artifact_path(Path::new(&*composed), entry.path())?,
            };
        }
        bytes += path.as_str().len() + ENTRY_BYTES;
        if files.len() == MOST_FILES || bytes > MOST_LIST_BYTES {
            return Err(ArtifactError::TooMany(root.path.clone()));
        }
        let size = entry.metadata().map_err(|error| walk_error(error, &root.path))?.len();
        files.push((path, size));
    }
    // The walk is in the manifest's order already, except for names that were composed.
    files.sort_by(|(a, _), (b, _)| super::parts(a.as_str()).cmp(&super::parts(b.as_str())));
    Ok(files)
}

/// The recorded paths that are not composed, by their composed form.
fn other_forms(recorded: &[ArtifactFile]) -> BTreeMap<String, ArtifactPath> {
    let composed = recorded.iter().map(|file| (names::composed(file.path.as_str()).into_owned(), file.path.clone()));
    composed.filter(|(composed, path)| composed != path.as_str()).collect()
}

fn walk_error(error: walkdir::Error, root: &Path) -> ArtifactError {
    let path = error.path().unwrap_or(root).to_owned();
    ArtifactError::Io { path, doing: "read", source: error.into() }
}

fn artifact_path(relative: &Path, shown: &Path) -> Result<ArtifactPath, ArtifactError> {
    let refuse = |why| ArtifactError::Name { path: shown.to_owned(), why };
    let text = relative
        .to_str()
        .ok_or_else(|| refuse(Invalid::new("the name is not UTF-8", "rename the file to a UTF-8 name")))?;
    uri::ArtifactPath::new(text).map_err(|Invalid { why, .. }| {
        refuse(Invalid::new(why, "rename the file, or remove the file from the artifact"))
    })
}

/// Hashes the listed files on all processors. The outcome is the same as that of sequential hashing.
pub(super) fn hash(
    root: &Root,
    listed: Vec<(ArtifactPath, u64)>,
    progress: &dyn Progress,
) -> Result<Vec<ArtifactFile>, ArtifactError> {
    progress.total(listed.iter().map(|(_, size)| size).sum());
    // The lowest index that failed. Later files need no hash; an earlier file may still fail.
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
    let (size, bytes) = digest(&mut file, &shown, before.size, None, progress)?;
    let after = Status::from(&file.metadata().map_err(ArtifactError::io(&shown, "read"))?);
    // The open file's metadata show writes; the path's metadata show that another file has replaced it.
    let named = root.file(&path).map(|(_, named)| stamp(&named));
    if size != before.size || stamp(&before) != stamp(&after) || named.ok() != Some(stamp(&before)) {
        return Err(ArtifactError::Changed(shown));
    }
    Ok(ArtifactFile { path, size, digest: Digest::from_bytes(&bytes) })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::AtomicU64;

    use super::super::tests::{Meddler, write};
    use super::*;

    fn refusal(path: &Path) -> String {
        let error = scan(path, &()).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
        error.to_string()
    }

    #[test]
    fn a_folder_has_the_digest_of_the_model_signing_library() {
        let folder = tempfile::tempdir().unwrap();
        let long = "x".repeat(100_000);
        let files = [
            ("a-b", "dash"),
            ("a/b", "slash"),
            ("a.b/c", "dot"),
            ("empty", ""),
            ("nested/deep/er/x.bin", long.as_str()),
            ("B", "upper"),
            ("a/Z", "z"),
            ("üml", "umlaut"),
            ("a b", "space"),
            ("sub/.gitignore", "kept"),
        ];
        write(folder.path(), &files);
        // From PyPI's model-signing 1.0.1: `hashing.Config().hash(folder)`, and SHA-256 over its resource descriptors.
        let digest = "sha256:bd20dc7db8dceb54e78e06a7afa8bbd4500a4c4c3d3aa0ae4695e4c867d2420d";
        let order =
            ["B", "a/Z", "a/b", "a b", "a-b", "a.b/c", "empty", "nested/deep/er/x.bin", "sub/.gitignore", "üml"];
        let before = scan(folder.path(), &()).unwrap();
        assert_eq!(before.digest.as_str(), digest);
        assert_eq!(before.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), order);
        assert!(before.files.is_sorted_by(|a, b| a.order() < b.order()));
        assert_eq!(before.size, files.iter().map(|(_, content)| content.len() as u64).sum::<u64>());

        let git = [(".git/HEAD", "h"), (".gitattributes", "a"), (".github/w.yml", "w"), (".gitignore", "i")];
        write(folder.path(), &git);
        symlink("/", folder.path().join(".git/link")).unwrap();
        assert_eq!(scan(folder.path(), &()).unwrap(), before, "what git keeps at the root is no part of the model");
    }

    #[test]
    fn a_file_has_its_own_digest() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("m.pkl", "abc")]);
        let scanned = scan(&folder.path().join("m.pkl"), &()).unwrap();
        // FIPS 180-4's example of SHA-256.
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((scanned.size, scanned.digest.as_str()), (3, abc));
        assert_eq!((scanned.files[0].path.as_str(), scanned.files[0].digest.as_str()), ("m.pkl", abc));
        assert_eq!(scanned.files.len(), 1);
    }

    #[test]
    fn what_is_no_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write(folder.path(), &[("m/x", "x"), ("l/x", "x"), ("s/x", "x")]);
        symlink("x", at("l/link")).unwrap();
        assert!(refusal(&at("l")).ends_with("l/link` is a symbolic link"));
        symlink("m", at("top")).unwrap();
        assert!(refusal(&at("top")).ends_with("top` is a symbolic link"));
        assert!(refusal(&at("top/")).ends_with("top` is a symbolic link"));
        let _socket = std::os::unix::net::UnixListener::bind(at("s/socket")).unwrap();
        assert!(refusal(&at("s")).ends_with("s/socket` is neither a file nor a folder"));
        assert!(refusal(&at("s/socket")).ends_with("is neither a file nor a folder"));
        assert!(refusal(Path::new("/dev/null")).ends_with("is neither a file nor a folder"));
        assert!(refusal(&at("none")).contains("No such file"));
        std::fs::create_dir_all(at("e/.git/objects")).unwrap();
        assert!(refusal(&at("e")).ends_with("has no files"));
    }

    #[test]
    fn names_that_a_manifest_cannot_hold_are_refused_and_shown_safely() {
        for name in [&b"a\\b"[..], b"\x1b[2J", b"not-utf8-\xff", b"C:x", b".GIT", b"git~1"] {
            // A Mac's file system refuses names that are not UTF-8.
            if cfg!(target_os = "macos") && str::from_utf8(name).is_err() {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(OsStr::from_bytes(name)), "").unwrap();
            let refusal = refusal(folder.path());
            assert!(refusal.contains("cannot be recorded") && !refusal.contains('\u{1b}'), "{refusal:?}");
        }
    }

    #[test]
    fn on_a_mac_names_are_composed_unless_the_manifest_has_them_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        // As HFS+ gives them back. Decomposed, `é` comes before `f`.
        let (decomposed, composed) = ("e\u{301}t/we\u{301}ights", "\u{e9}t/w\u{e9}ights");
        write(folder.path(), &[(decomposed, "x"), ("f", "y")]);
        let root = Root::open(folder.path()).unwrap();
        let paths = |recorded: &[ArtifactFile], forms_are_one| -> Vec<String> {
            let listed = list_on(&root, recorded, forms_are_one).unwrap();
            listed.into_iter().map(|(path, _)| path.as_str().to_owned()).collect()
        };
        assert_eq!(paths(&[], false), [decomposed, "f"]);
        assert_eq!(paths(&[], true), ["f", composed]);
        let recorded = scan(folder.path(), &()).unwrap().files;
        assert_eq!(paths(&recorded, true), [decomposed, "f"]);
    }

    #[test]
    fn a_repository_below_the_root_is_refused_for_its_hooks_would_be_pulled() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("vendored/.git/hooks/post-checkout", "x"), ("vendored/.gitignore", "x")]);
        assert!(refusal(folder.path()).contains("a part `.git`"));
    }

    #[test]
    fn a_list_that_no_manifest_could_hold_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..MOST_FILES {
            std::fs::write(folder.path().join(n.to_string()), "").unwrap();
        }
        assert_eq!(scan(folder.path(), &()).unwrap().files.len(), MOST_FILES);
        write(folder.path(), &[("one-more", "")]);
        assert!(matches!(scan(folder.path(), &()), Err(ArtifactError::TooMany(_))));

        let long = tempfile::tempdir().unwrap();
        let deep = long.path().join("d".repeat(200)).join("e".repeat(200));
        std::fs::create_dir_all(&deep).unwrap();
        for n in 0..2_000 {
            std::fs::write(deep.join(n.to_string()), "").unwrap();
        }
        assert!(matches!(scan(long.path(), &()), Err(ArtifactError::TooMany(_))));
    }

    #[test]
    fn a_file_that_changes_while_it_is_hashed_is_refused() {
        type Change = fn(&Path);
        let change: [(&str, Change); 4] = [
            ("grows", |path| {
                std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap();
            }),
            ("shrinks", |path| std::fs::write(path, "").unwrap()),
            ("is replaced", |path| {
                let other = path.with_extension("new");
                std::fs::write(&other, "y".repeat(300_000)).unwrap();
                std::fs::rename(other, path).unwrap();
            }),
            ("is removed", |path| drop(std::fs::remove_file(path))),
        ];
        for (what, change) in change {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("m.bin");
            std::fs::write(&path, "x".repeat(300_000)).unwrap();
            let meddler = Meddler(|| change(&path));
            let outcome = scan(folder.path(), &meddler);
            assert!(matches!(&outcome, Err(ArtifactError::Changed(p)) if *p == path), "{what}: {outcome:?}");
        }
    }

    #[test]
    fn of_several_errors_the_first_file_s_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<String> = (0..64).map(|n| format!("f{n:02}")).collect();
        for _ in 0..20 {
            for file in &files {
                std::fs::write(folder.path().join(file), "x".repeat(1_000)).unwrap();
            }
            let root = Root::open(folder.path()).unwrap();
            let listed = list(&root, &[]).unwrap();
            for gone in ["f07", "f08", "f40", "f63"] {
                std::fs::remove_file(folder.path().join(gone)).unwrap();
            }
            let error = hash(&root, listed, &()).unwrap_err();
            assert!(matches!(&error, ArtifactError::Io { path, .. } if path.ends_with("f07")), "{error}");
        }
    }

    #[test]
    fn progress_adds_up_to_its_total() {
        #[derive(Default)]
        struct Sum(AtomicU64, AtomicU64);
        impl Progress for Sum {
            fn total(&self, bytes: u64) {
                self.0.fetch_add(bytes, Ordering::Relaxed);
            }
            fn advance(&self, bytes: u64) {
                self.1.fetch_add(bytes, Ordering::Relaxed);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("a", &"x".repeat(400_000)), ("b/c", "y"), ("d", "")]);
        let sum = Sum::default();
        scan(folder.path(), &sum).unwrap();
        assert_eq!((sum.0.into_inner(), sum.1.into_inner()), (400_001, 400_001));
    }
}
