//! Copying an artifact to a folder.

use std::path::Path;

use super::beneath::{Root, digest};
use super::mismatch::Mismatch;
use super::target::Target;
use super::verify::digests_of;
use super::{ArtifactError, Progress};
use crate::model::digest::Digest;
use crate::model::uri::ArtifactPath;
use crate::model::version::{Artifact, ArtifactFile};
use crate::store::platform::disk::sync;
use crate::store::platform::names::folded;

/// The size of the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulled {
    /// The number of files.
    pub files: usize,
    /// The number of bytes.
    pub bytes: u64,
}

/// A file to copy, with its recorded size and digest.
struct Wanted {
    path: ArtifactPath,
    size: Option<u64>,
    digest: Digest,
}

/// Copies the files that a version records from a local file or folder into the new folder `into`, and checks every
/// digest on the way. Files that the version does not record are not copied. The copies are not executable.
///
/// The files are copied to a temporary folder beside `into`, which is renamed when all files are on the disk. After an
/// error the temporary folder is removed; the folder of a killed run is removed by the next run. `into` may be an empty
/// folder.
///
/// Errors: `into` exists and is not an empty folder; the version records no digests, or contradictory ones; the source
/// differs from the record, or has a symbolic link in place of a file; an error of the operating system.
pub fn pull(source: &Path, artifact: &Artifact, into: &Path, progress: &dyn Progress) -> Result<Pulled, ArtifactError> {
    let root = Root::open(source)?;
    let wanted = wanted(&root, artifact)?;
    let target = Target::make(into)?;
    progress.total(wanted.iter().filter_map(|file| file.size).sum());
    let mut bytes = 0;
    for (done, file) in wanted.iter().enumerate() {
        bytes +=
            copy(&root, file, &target, progress).map_err(|error| one_name(&wanted[..done], file).unwrap_or(error))?;
    }
    target.settle(wanted.iter().map(|file| &file.path))?;
    Ok(Pulled { files: wanted.len(), bytes })
}

fn wanted(root: &Root, artifact: &Artifact) -> Result<Vec<Wanted>, ArtifactError> {
    let unrecorded = |missing| Err(ArtifactError::Unrecorded { path: root.path.clone(), missing });
    if artifact.files.is_empty() {
        let Some(digest) = artifact.digest.clone() else { return unrecorded("the digest") };
        if root.is_folder() {
            return unrecorded("the list of files");
        }
        let (path, size) = super::scan::list(root, &[])?.remove(0);
        return Ok(vec![Wanted { path, size: artifact.size.or(Some(size)), digest }]);
    }
    let mut files: Vec<ArtifactFile> = artifact.files.clone();
    files.sort_by(|a, b| a.order().cmp(&b.order()));
    // After sorting, a path that is also a folder comes directly before the files in the folder.
    let clash =
        |pair: &&[ArtifactFile]| super::parts(pair[1].path.as_str()).starts_with(&super::parts(pair[0].path.as_str()));
    if let Some(pair) = files.windows(2).find(clash) {
        return Err(ArtifactError::Twice(pair[0].path.to_string()));
    }
    // Reviewers approve the digest of the whole, so the list must match this digest.
    if artifact.digest.as_ref().is_some_and(|digest| !digests_of(&files).contains(digest)) {
        return Err(ArtifactError::Contradiction);
    }
    if files.len() > 1 && !root.is_folder() {
        return Err(ArtifactError::Kind { path: root.path.clone(), needed: "a folder" });
    }
    let wanted = |file: ArtifactFile| Wanted { path: file.path, size: Some(file.size), digest: file.digest };
    Ok(files.into_iter().map(wanted).collect())
}

/// The error if the file system treats a file's name as that of a file before.
fn one_name(before: &[Wanted], file: &Wanted) -> Option<ArtifactError> {
    let second = folded(file.path.as_str());
    let second = super::parts(&second);
    before.iter().find_map(|other| {
        let first = folded(other.path.as_str());
        let first = super::parts(&first);
        (first.starts_with(&second) || second.starts_with(&first))
            .then(|| ArtifactError::OneName { first: other.path.to_string(), second: file.path.to_string() })
    })
}

/// Copies one file. Returns the number of bytes.
fn copy(root: &Root, file: &Wanted, target: &Target, progress: &dyn Progress) -> Result<u64, ArtifactError> {
    let differs = |mismatch| Err(ArtifactError::Differs { path: root.path.clone(), mismatch });
    let path = file.path.clone();
    let (mut from, status) = root.file(&path)?;
    // The size is checked before and after copying, because the file may grow meanwhile, possibly without end.
    let most = file.size.unwrap_or(status.size);
    if status.size != most {
        return differs(Mismatch::Size { path, recorded: most, found: status.size });
    }
    let (mut to, shown) = target.create(&path)?;
    let (read, found) = digest(&mut from, &root.shown(&path), most, Some((&mut to, &shown)), progress)?;
    if read != most {
        return differs(Mismatch::Size { path, recorded: most, found: read });
    }
    let found = Digest::from_bytes(&found);
    if found != file.digest {
        return differs(Mismatch::Digest { path, recorded: file.digest.clone(), found });
    }
    sync(&to).map_err(ArtifactError::io(&shown, "write"))?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::super::tests::{Meddler, names, recorded, write};
    use super::super::{Verdict, verify};
    use super::*;

    /// A folder with a model, an empty `outside`, and what a version records of the model.
    fn scene() -> (tempfile::TempDir, Artifact) {
        let scene = tempfile::tempdir().unwrap();
        write(scene.path(), &[("model/a.bin", "aaa"), ("model/sub/deep/b.bin", "bb"), ("model/empty", "")]);
        std::fs::create_dir(scene.path().join("outside")).unwrap();
        let artifact = recorded(&scene.path().join("model"));
        (scene, artifact)
    }

    fn refused(scene: &Path, artifact: &Artifact) -> ArtifactError {
        refused_with(scene, artifact, &())
    }

    /// Pulls, and sees that it fails and leaves nothing behind.
    fn refused_with(scene: &Path, artifact: &Artifact, progress: &dyn Progress) -> ArtifactError {
        let before = names(scene);
        let error = pull(&scene.join("model"), artifact, &scene.join("copy"), progress).unwrap_err();
        assert_eq!(names(scene), before, "{error}");
        assert!(names(&scene.join("outside")).is_empty(), "{error}");
        error
    }

    #[test]
    fn a_pull_copies_what_is_recorded_and_nothing_else() {
        let (scene, artifact) = scene();
        let copy = scene.path().join("copy");
        write(scene.path(), &[("model/later.bin", "not recorded")]);
        let script = scene.path().join("model/a.bin");
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        let pulled = pull(&scene.path().join("model"), &artifact, &copy, &()).unwrap();
        assert_eq!(pulled, Pulled { files: 3, bytes: 5 });
        assert_eq!(verify(&copy, &artifact, &()).unwrap(), Verdict::Same { files: 3, bytes: 5 });
        assert_eq!(names(scene.path()), ["copy", "model", "outside"]);
        assert_eq!(copy.join("a.bin").metadata().unwrap().permissions().mode() & 0o111, 0, "no copy is a program");
        let again = pull(&scene.path().join("model"), &artifact, &copy, &()).unwrap_err();
        assert!(matches!(again, ArtifactError::Occupied(_)), "{again}");
    }

    #[test]
    fn an_empty_folder_may_be_filled_and_no_other() {
        let (scene, artifact) = scene();
        let at = |name: &str| scene.path().join(name);
        std::fs::create_dir(at("copy")).unwrap();
        pull(&at("model"), &artifact, &at("copy/"), &()).unwrap();
        assert_eq!(names(&at("copy")), ["a.bin", "empty", "sub"]);
        symlink(at("outside"), at("link")).unwrap();
        symlink("nowhere", at("broken")).unwrap();
        for occupied in ["link", "link/", "broken", "model/a.bin", "model"] {
            let error = pull(&at("model"), &artifact, &at(occupied), &()).unwrap_err();
            assert!(matches!(error, ArtifactError::Occupied(_)), "{occupied}: {error}");
        }
        assert!(names(&at("outside")).is_empty());
        for unnamed in ["/", "..", "."] {
            let error = pull(&at("model"), &artifact, Path::new(unnamed), &()).unwrap_err();
            assert!(matches!(error, ArtifactError::Unnamed(_)), "{unnamed}: {error}");
        }
        let error = pull(&at("model"), &artifact, &at("no/such/copy"), &()).unwrap_err();
        assert!(error.hint().unwrap().contains("create the parent folder"), "{error}");
    }

    #[test]
    fn a_pulled_file_cannot_leave_its_folder() {
        for bad in ["../../.ssh/authorized_keys", "/etc/passwd", "a/../../b", "..", "a\\..\\b", "C:/x"] {
            let entry = serde_json::json!({ "path": bad, "size": 0, "digest": format!("sha256:{}", "0".repeat(64)) });
            assert!(serde_json::from_value::<ArtifactFile>(entry).is_err(), "{bad}");
        }
        // A link that is planted where the next file's folder, or the file itself, is about to be made.
        for planted in ["sub", "sub/deep", "sub/deep/b.bin", "empty"] {
            let (scene, artifact) = scene();
            let outside = scene.path().join("outside");
            let meddler = Meddler(|| {
                let hidden = names(scene.path()).into_iter().find(|name| name.starts_with('.'));
                let link = scene.path().join(hidden.unwrap()).join(planted);
                std::fs::create_dir_all(link.parent().unwrap()).unwrap();
                let target = if planted.ends_with(['n', 'y']) { outside.join("new") } else { outside.clone() };
                let _ = symlink(target, link);
            });
            match refused_with(scene.path(), &artifact, &meddler) {
                ArtifactError::Symlink(path) | ArtifactError::Occupied(path) => {
                    assert!(path.ends_with(planted), "{}", path.display());
                }
                other => panic!("{planted}: {other}"),
            }
        }
    }

    #[test]
    fn a_link_in_the_source_is_not_followed() {
        for (planted, target) in [("a.bin", "../secret"), ("sub", "../away"), ("sub/deep", "../../away/deep")] {
            let (scene, artifact) = scene();
            // The link leads to the very content that is recorded, so that only the link is wrong.
            write(scene.path(), &[("secret", "aaa"), ("away/deep/b.bin", "bb")]);
            let link = scene.path().join("model").join(planted);
            let _ = std::fs::remove_file(&link).or_else(|_| std::fs::remove_dir_all(&link));
            symlink(target, &link).unwrap();
            let error = refused(scene.path(), &artifact);
            assert!(matches!(&error, ArtifactError::Symlink(path) if *path == link), "{planted}: {error}");
        }
    }

    #[test]
    fn a_wrong_digest_leaves_nothing_behind() {
        let (scene, artifact) = scene();
        write(scene.path(), &[("model/sub/deep/b.bin", "bc")]);
        let error = refused(scene.path(), &artifact);
        assert!(error.to_string().contains("`sub/deep/b.bin` has the digest sha256:"), "{error}");
        write(scene.path(), &[("model/sub/deep/b.bin", "bbb")]);
        let error = refused(scene.path(), &artifact);
        assert!(error.to_string().contains("has 3 bytes instead of the recorded 2"), "{error}");
        std::fs::remove_file(scene.path().join("model/sub/deep/b.bin")).unwrap();
        assert!(matches!(refused(scene.path(), &artifact), ArtifactError::Io { .. }));
    }

    #[test]
    fn a_source_that_grows_is_not_copied_without_end() {
        let (scene, artifact) = scene();
        let meddler = Meddler(|| write(scene.path(), &[("model/a.bin", "aaaa")]));
        refused_with(scene.path(), &artifact, &meddler);
    }

    #[test]
    fn what_a_killed_pull_left_is_removed_and_what_another_fills_is_not() {
        let (scene, artifact) = scene();
        let kept = [".copy.pull-x-0", ".copy.pull-1", ".copy2.pull-1-0", ".copy.pull-3-0", ".copy.pull-4-0"];
        write(scene.path(), &[(".copy.pull-1-0/sub/a.bin", "a"), (".copy.pull-999999-12/b.bin", "b")]);
        write(scene.path(), &[(".copy.pull-x-0/a.bin", "a"), (".copy.pull-1/a.bin", "a"), (".copy2.pull-1-0/a", "a")]);
        // What an abandoned folder links to is not its own, and a link is no such folder.
        symlink(scene.path().join("outside"), scene.path().join(".copy.pull-1-0/link")).unwrap();
        symlink(scene.path().join("outside"), scene.path().join(".copy.pull-3-0")).unwrap();
        write(scene.path(), &[("outside/mine", "mine"), (".copy.pull-4-0/a.bin", "a")]);
        let living = std::fs::File::open(scene.path().join(".copy.pull-4-0")).unwrap();
        living.lock().unwrap();
        // Two at once: the one that began first is not disturbed.
        let meddler = Meddler(|| {
            let _ = pull(&scene.path().join("model"), &artifact, &scene.path().join("copy"), &());
        });
        let first = pull(&scene.path().join("model"), &artifact, &scene.path().join("copy"), &meddler).unwrap_err();
        assert!(matches!(&first, ArtifactError::Occupied(path) if path.ends_with("copy")), "{first}");
        let mut expected = [&kept[..], &["copy", "model", "outside"]].concat();
        expected.sort_unstable();
        assert_eq!(names(scene.path()), expected);
        assert_eq!(names(&scene.path().join("outside")), ["mine"]);
    }

    #[test]
    fn names_that_a_mac_takes_for_one_are_named_in_the_error() {
        let wanted = |path: &str| Wanted {
            path: ArtifactPath::new(path).unwrap(),
            size: None,
            digest: Digest::new(format!("sha256:{}", "0".repeat(64))).unwrap(),
        };
        let before = ["a/x", "caf\u{e9}", "b"].map(wanted);
        for (path, first) in [("A/X", "a/x"), ("a", "a/x"), ("A/x/y", "a/x"), ("CAFE\u{301}", "caf\u{e9}")] {
            let error = one_name(&before, &wanted(path)).unwrap();
            assert!(matches!(&error, ArtifactError::OneName { first: f, second } if f == first && second == path));
        }
        for path in ["a/y", "A/y", "b.x", "cafe"] {
            assert!(one_name(&before, &wanted(path)).is_none(), "{path}");
        }
    }

    #[test]
    fn a_panic_of_the_progress_leaves_nothing_behind() {
        let (scene, artifact) = scene();
        let before = names(scene.path());
        let meddler = Meddler(|| panic!("a progress that fails"));
        let (model, copy) = (scene.path().join("model"), scene.path().join("copy"));
        let pulled =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pull(&model, &artifact, &copy, &meddler)));
        assert!(pulled.is_err());
        assert_eq!(names(scene.path()), before);
    }

    #[test]
    fn a_list_that_is_not_its_digest_s_is_refused() {
        let (scene, mut artifact) = scene();
        let mut last = artifact.files.pop().unwrap();
        assert!(matches!(refused(scene.path(), &artifact), ArtifactError::Contradiction));
        artifact.files.extend([last.clone(), last.clone()]);
        assert!(matches!(refused(scene.path(), &artifact), ArtifactError::Twice(_)));
        last.path = ArtifactPath::new("empty/below").unwrap();
        *artifact.files.last_mut().unwrap() = last;
        assert!(matches!(refused(scene.path(), &artifact), ArtifactError::Twice(path) if path == "empty"));
    }

    #[test]
    fn a_single_file_needs_only_its_digest() {
        let (scene, folder) = scene();
        let file = scene.path().join("model/a.bin");
        let mut artifact = Artifact { files: Vec::new(), size: None, ..recorded(&file) };
        pull(&file, &artifact, &scene.path().join("one"), &()).unwrap();
        assert_eq!(names(&scene.path().join("one")), ["a.bin"]);
        assert!(matches!(refused(scene.path(), &artifact), ArtifactError::Unrecorded { .. }), "a folder needs a list");
        artifact.digest = folder.digest;
        let wrong = pull(&file, &artifact, &scene.path().join("two"), &()).unwrap_err();
        assert!(matches!(wrong, ArtifactError::Differs { .. }));
        artifact.digest = None;
        assert!(matches!(refused(scene.path(), &artifact), ArtifactError::Unrecorded { .. }));
    }
}
