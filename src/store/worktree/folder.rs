//! Files of the working tree: what is in a file's place, replacing it, removing it. No symbolic link is ever followed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};

use sha1::{Digest as _, Sha1};

use crate::model::ObjectId;
use crate::store::index::Stat;
use crate::store::platform::folder::{FILE_MODE, FOLDER_MODE, Folder, Kind, Refused, Status};
use crate::store::platform::walk::Walk;
use crate::store::platform::{mode, names};

/// The end of a temporary file's name. Its beginning is a dot and the name of the file that it becomes, so that the
/// next run finds what a killed one has left.
pub const TEMPORARY: &str = ".modelreg-tmp";

/// What stands where a file should be.
#[derive(Debug)]
pub(super) enum InPlace {
    /// Nothing.
    Absent,
    /// A file.
    File(Seen),
    /// A symbolic link, here or on the way.
    Link,
    /// A folder or a device; or a file where a folder should be.
    Other,
}

/// A file as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The blob that its content would be.
    pub(super) id: ObjectId,
    /// Its stat data.
    pub(super) stat: Stat,
    status: Status,
}

/// A file, and the folders that lead to it.
pub(super) struct Place<'a> {
    walk: Walk<'a>,
    name: &'a OsStr,
    /// What stood in the way.
    blocked: Option<InPlace>,
}

impl<'a> Place<'a> {
    /// Opens as many of the folders as there are.
    pub(super) fn open(root: &'a Folder, path: &'a [u8]) -> io::Result<Self> {
        let mut parts: Vec<&OsStr> = path.split(|&b| b == b'/').map(names::from_bytes).collect();
        let name = parts.pop().unwrap_or_default();
        let mut place = Self { walk: Walk::new(root, parts), name, blocked: None };
        place.descend(None)?;
        Ok(place)
    }

    fn descend(&mut self, make: Option<u32>) -> io::Result<()> {
        match self.walk.descend(make).map(drop).map_err(|stop| stop.why) {
            Ok(()) => {}
            Err(refused) if refused.is_absent() => {}
            Err(Refused::Link) => self.blocked = Some(InPlace::Link),
            Err(Refused::File | Refused::Special) => self.blocked = Some(InPlace::Other),
            Err(Refused::Failed { source, .. }) => return Err(source),
        }
        Ok(())
    }

    fn folder(&self) -> &Folder {
        self.walk.last()
    }

    /// Looks at the file and hashes it.
    pub(super) fn look(&self) -> io::Result<InPlace> {
        match self.blocked {
            Some(InPlace::Link) => return Ok(InPlace::Link),
            Some(_) => return Ok(InPlace::Other),
            None if !self.walk.is_whole() => return Ok(InPlace::Absent),
            None => {}
        }
        match self.folder().open(self.name) {
            Ok((_, Status { kind: Kind::Folder, .. })) | Err(Refused::File | Refused::Special) => Ok(InPlace::Other),
            Ok((mut file, status)) => {
                Ok(InPlace::File(Seen { id: blob_id(&mut file)?, stat: Stat::from(&status), status }))
            }
            Err(Refused::Link) => Ok(InPlace::Link),
            Err(refused) if refused.is_absent() => Ok(InPlace::Absent),
            Err(Refused::Failed { source, .. }) => Err(source),
        }
    }

    /// Opens the file for reading.
    pub(super) fn reader(&self) -> io::Result<File> {
        match self.folder().open(self.name) {
            Ok((file, _)) => Ok(file),
            Err(Refused::Failed { source, .. }) => Err(source),
            Err(Refused::Link | Refused::File | Refused::Special) => Err(changed()),
        }
    }

    /// Writes the file: a temporary one beside it takes its place at once. `before` is what [`Self::look`] saw; a file
    /// that is replaced hands its permissions on.
    ///
    /// # Errors
    /// The file is then as it was, and no temporary one is left. [`ErrorKind::ResourceBusy`] says that the file is not
    /// any more what was seen.
    pub(super) fn write(&mut self, content: &[u8], before: Option<&Seen>) -> io::Result<Stat> {
        let result = self.try_write(content, before);
        if result.is_err() {
            self.walk.prune();
        }
        result
    }

    fn try_write(&mut self, content: &[u8], before: Option<&Seen>) -> io::Result<Stat> {
        self.descend(Some(FOLDER_MODE))?;
        if self.blocked.is_some() {
            return Err(changed());
        }
        let temporary = self.temporary();
        let mut file = self.folder().create(&temporary, FILE_MODE)?;
        let written = file.write_all(content).and_then(|()| {
            if let Some(seen) = before {
                mode::set(&file, seen.status.mode)?;
            }
            self.unchanged(before)?;
            // Not synced: the content is in the commit, from which `git restore` takes it after a power cut.
            self.folder().rename(&temporary, self.name)
        });
        if let Err(error) = written {
            // The first error is the one that tells.
            let _ = self.folder().remove_file(&temporary);
            return Err(error);
        }
        // Renaming changed the inode's time, so the stat data are read now.
        Ok(Stat::from(&Status::from(&file.metadata()?)))
    }

    fn temporary(&self) -> OsString {
        let mut temporary = OsString::from(".");
        temporary.push(self.name);
        temporary.push(TEMPORARY);
        temporary
    }

    /// Removes the temporary file that a killed run has left. The lock on the index is ours, so no other run is at
    /// work.
    pub(super) fn clear(&self) {
        if self.blocked.is_none() && self.walk.is_whole() {
            // It is hardly ever there. Where it is and cannot be removed, writing says why.
            let _ = self.folder().remove_file(&self.temporary());
        }
    }

    /// Removes the file that was seen, and the folders that have become empty, as git does.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub(super) fn remove(&mut self, before: &Seen) -> io::Result<()> {
        self.unchanged(Some(before))?;
        self.folder().remove_file(self.name)?;
        self.walk.prune();
        Ok(())
    }

    /// Compares with what was seen, for an editor can save at any time. What is left between this and the rename
    /// is a few microseconds.
    fn unchanged(&self, before: Option<&Seen>) -> io::Result<()> {
        let now = self.folder().look(self.name)?;
        if now == before.map(|seen| seen.status) { Ok(()) } else { Err(changed()) }
    }
}

fn changed() -> io::Error {
    io::Error::new(ErrorKind::ResourceBusy, "another program changed the file at the same moment")
}

/// The id of the blob with the file's content as it is, without any filter or change of line ends.
fn blob_id(file: &mut File) -> io::Result<ObjectId> {
    let size = file.metadata()?.len();
    let mut hash = Sha1::new().chain_update(format!("blob {size}\0"));
    let mut buffer = vec![0; usize::try_from(size).unwrap_or(usize::MAX).clamp(1, 1 << 16)];
    loop {
        match file.read(&mut buffer) {
            // Had the size changed meanwhile, the id would be no blob's, and so no clean file's.
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Numbers are cut to 32 bits, as the index has them.
impl From<&Status> for Stat {
    fn from(status: &Status) -> Self {
        Self {
            ctime: (status.ctime.0 as u32, status.ctime.1 as u32),
            mtime: (status.mtime.0 as u32, status.mtime.1 as u32),
            dev: status.dev as u32,
            ino: status.ino as u32,
            uid: status.uid,
            gid: status.gid,
            size: status.size as u32,
        }
    }
}
