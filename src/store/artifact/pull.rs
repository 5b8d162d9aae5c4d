//! Copying an artifact to where it is used.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fsync, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;

use super::beneath::{Root, digest};
use super::verify::{Mismatch, digests_of};
use super::{ArtifactError, Progress};
use crate::model::digest::Digest;
use crate::model::uri::ArtifactPath;
use crate::model::version::{Artifact, ArtifactFile};

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulled {
    /// How many files.
    pub files: usize,
    /// Bytes in all.
    pub bytes: u64,
}

/// A file to copy, and what the copy must be.
struct Wanted {
    path: ArtifactPath,
    size: Option<u64>,
    digest: Digest,
}

/// Copies the files that a version records from a local file or folder into the new folder `into`, and checks every
/// digest on the way. Files that the version does not record are left where they are. The copies are not executable.
///
/// The copy is made in a temporary folder beside `into`, which takes that name when all is there and on the disk;
/// after an error nothing is left. `into` may be an empty folder.
///
/// Errors: `into` holds something; the version records no digests, or ones that contradict each other; the source is
/// not what is recorded, or holds a symbolic link where a file should be; and what the operating system refuses.
pub fn pull(source: &Path, artifact: &Artifact, into: &Path, progress: &dyn Progress) -> Result<Pulled, ArtifactError> {
    let root = Root::open(source)?;
    let wanted = wanted(&root, artifact)?;
    let target = Target::make(into)?;
    progress.total(wanted.iter().filter_map(|file| file.size).sum());
    let mut bytes = 0;
    for file in &wanted {
        bytes += copy(&root, file, &target, progress)?;
    }
    target.settle(&wanted)?;
    Ok(Pulled { files: wanted.len(), bytes })
}

fn wanted(root: &Root, artifact: &Artifact) -> Result<Vec<Wanted>, ArtifactError> {
    let unrecorded = |missing| Err(ArtifactError::Unrecorded { path: root.path.clone(), missing });
    if artifact.files.is_empty() {
        let Some(digest) = artifact.digest.clone() else { return unrecorded("digest") };
        if root.is_folder() {
            return unrecorded("list of its files");
        }
        let (path, size) = super::scan::list(root, &[])?.remove(0);
        return Ok(vec![Wanted { path, size: artifact.size.or(Some(size)), digest }]);
    }
    let mut files: Vec<ArtifactFile> = artifact.files.clone();
    files.sort_by(|a, b| a.order().cmp(&b.order()));
    // A review looks at the digest of the whole: the list must be the one that it stands for.
    if artifact.digest.as_ref().is_some_and(|digest| !digests_of(&files).contains(digest)) {
        return Err(ArtifactError::Contradiction);
    }
    if files.len() > 1 && !root.is_folder() {
        return Err(ArtifactError::Kind { path: root.path.clone(), needed: "a folder" });
    }
    let wanted = |file: ArtifactFile| Wanted { path: file.path, size: Some(file.size), digest: file.digest };
    Ok(files.into_iter().map(wanted).collect())
}

/// Copies one file, and gives its bytes.
fn copy(root: &Root, file: &Wanted, target: &Target, progress: &dyn Progress) -> Result<u64, ArtifactError> {
    let differs = |mismatch| Err(ArtifactError::Differs { path: root.path.clone(), mismatch });
    let path = file.path.clone();
    let (mut from, metadata) = root.file(&path)?;
    // Known before a byte is copied, and once more after: the file may grow meanwhile, and then without end.
    let most = file.size.unwrap_or(metadata.len());
    if metadata.len() != most {
        return differs(Mismatch::Size { path, recorded: most, found: metadata.len() });
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
    to.sync_all().map_err(ArtifactError::io(&shown, "write"))?;
    Ok(read)
}

/// The temporary folder that becomes `into`. Dropped before that, it is removed.
struct Target {
    into: PathBuf,
    /// The folder that `into` lies in.
    parent: OwnedFd,
    /// The temporary folder, opened, and its path.
    folder: OwnedFd,
    path: PathBuf,
    settled: bool,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Target {
    fn make(into: &Path) -> Result<Self, ArtifactError> {
        let into: PathBuf = into.components().collect();
        let (Some(name), Some(above)) = (into.file_name(), into.parent()) else {
            return Err(ArtifactError::Unnamed(into));
        };
        if into.symlink_metadata().is_ok() {
            let empty = !into.is_symlink() && into.read_dir().is_ok_and(|mut entries| entries.next().is_none());
            if !empty {
                return Err(ArtifactError::Occupied(into));
            }
        }
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        let parent = openat(CWD, above, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(ArtifactError::io(&into, "create"))?;
        // What another process, or one that was killed, left under such a name is not ours to use.
        for attempt in 0..u32::MAX {
            let mut temporary = std::ffi::OsString::from(".");
            temporary.push(name);
            temporary.push(format!(".pull-{}-{attempt}", std::process::id()));
            let path = above.join(&temporary);
            match mkdirat(&parent, &temporary, Mode::from_raw_mode(0o755)) {
                Err(Errno::EXIST) => continue,
                made => made.map_err(ArtifactError::io(&path, "create"))?,
            }
            let folder = openat(&parent, &temporary, FOLDER, Mode::empty()).map_err(|errno| {
                let _ = unlinkat(&parent, &temporary, AtFlags::REMOVEDIR);
                ArtifactError::io(&path, "open")(errno)
            })?;
            return Ok(Self { into, parent, folder, path, settled: false });
        }
        Err(ArtifactError::Occupied(into))
    }

    /// Opens a folder below the temporary one, making it and those above it; none for the temporary one itself. A
    /// symbolic link that somebody puts in the way is not followed.
    fn subfolder(&self, parts: &[&str]) -> Result<Option<OwnedFd>, ArtifactError> {
        let mut folder: Option<OwnedFd> = None;
        let mut shown = self.path.clone();
        for &part in parts {
            let above = folder.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
            shown.push(part);
            match mkdirat(above, part, Mode::from_raw_mode(0o755)) {
                Err(Errno::EXIST) => {}
                made => made.map_err(ArtifactError::io(&shown, "create"))?,
            }
            let opened = openat(above, part, FOLDER, Mode::empty()).map_err(ArtifactError::io(&shown, "open"))?;
            folder = Some(opened);
        }
        Ok(folder)
    }

    /// Creates a file that was not there, for writing, and gives its path too.
    fn create(&self, path: &ArtifactPath) -> Result<(File, PathBuf), ArtifactError> {
        let shown = self.path.join(path.as_str());
        let parts = super::parts(path.as_str());
        let (name, folders) = parts.split_last().map_or(("", &parts[..]), |(name, folders)| (*name, folders));
        let folder = self.subfolder(folders)?;
        let folder = folder.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(folder, name, flags, Mode::from_raw_mode(0o644)) {
            Err(Errno::EXIST) => Err(ArtifactError::Twice(path.as_str().to_owned())),
            opened => Ok((File::from(opened.map_err(ArtifactError::io(&shown, "create"))?), shown)),
        }
    }

    /// Gives the folder its name once all of it is on the disk.
    fn settle(mut self, wanted: &[Wanted]) -> Result<(), ArtifactError> {
        let parts: Vec<_> = wanted.iter().map(|file| super::parts(file.path.as_str())).collect();
        let folders: BTreeSet<&[&str]> = parts.iter().flat_map(|parts| (1..parts.len()).map(|n| &parts[..n])).collect();
        for folder in folders {
            if let Some(opened) = self.subfolder(folder)? {
                fsync(opened).map_err(ArtifactError::io(&self.path, "write"))?;
            }
        }
        fsync(&self.folder).map_err(ArtifactError::io(&self.path, "write"))?;
        let (Some(from), Some(to)) = (self.path.file_name(), self.into.file_name()) else {
            return Err(ArtifactError::Unnamed(self.into.clone()));
        };
        // Takes the place of nothing or of an empty folder; the kernel refuses every other.
        renameat(&self.parent, from, &self.parent, to).map_err(|errno| match errno {
            Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR => ArtifactError::Occupied(self.into.clone()),
            errno => ArtifactError::io(&self.into, "create")(errno),
        })?;
        self.settled = true;
        fsync(&self.parent).map_err(ArtifactError::io(&self.into, "write"))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.settled {
            // Follows no link either. Should it fail, the error that led here is the one to tell.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
