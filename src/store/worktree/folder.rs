//! Reading, replacing and removing files of the working tree. No symbolic link is ever followed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};

use sha1::{Digest as _, Sha1};

use crate::model::ObjectId;
use crate::store::index::Stat;
use crate::store::platform::folder::{FILE_MODE, FOLDER_MODE, Folder, Kind, Refused, Status};
use crate::store::platform::walk::Walk;
use crate::store::platform::{mode, names};

/// The end of a temporary file's name, after a dot and the name of the final file. By this name the next run finds the
/// temporary file of a killed run.
pub const TEMPORARY: &str = ".modelreg-tmp";

/// The entry at a file's path.
#[derive(Debug)]
pub(super) enum InPlace {
    /// No entry.
    Absent,
    /// A file.
    File(Seen),
    /// A symbolic link, or a path that leads through one.
    Link,
    /// A folder or a device, or a path that leads through a file.
    Other,
}

/// The observed state of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The blob id of the content.
    pub(super) id: ObjectId,
    /// The stat data.
    pub(super) stat: Stat,
    status: Status,
}

/// A file's path, with its opened folders.
pub(super) struct Place<'a> {
    walk: Walk<'a>,
    name: &'a OsStr,
    /// The entry that blocks the path.
    blocked: Option<InPlace>,
}

impl<'a> Place<'a> {
    /// Opens the existing folders of the path.
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

    /// Reads the file's state, with the hash of its content.
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

    /// Replaces the file atomically by a temporary file. `before` is the result of [`Self::look`]; the new file gets
    /// the old file's permissions.
    ///
    /// # Errors
    /// The file is unchanged, and no temporary file is left. [`ErrorKind::ResourceBusy`] means that the file has changed since
    /// `before`.
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
            // Not synced: after a power failure `git restore` takes the content from the commit.
            self.folder().rename(&temporary, self.name)
        });
        if let Err(error) = written {
            // The first error is the relevant one.
            let _ = self.folder().remove_file(&temporary);
            return Err(error);
        }
        // Renaming changes the inode's time, so the stat data are read afterwards.
        Ok(Stat::from(&Status::from(&file.metadata()?)))
    }

    fn temporary(&self) -> OsString {
        let mut temporary = OsString::from(".");
        temporary.push(self.name);
        temporary.push(TEMPORARY);
        temporary
    }

    /// Removes the temporary file of a killed run. This run has the lock on the index, so no other run is writing.
    pub(super) fn clear(&self) {
        if self.blocked.is_none() && self.walk.is_whole() {
            // The file rarely exists. If it cannot be removed, writing reports the error.
            let _ = self.folder().remove_file(&self.temporary());
        }
    }

    /// Removes the file, if unchanged since `before`, and folders that are empty then, as git does.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub(super) fn remove(&mut self, before: &Seen) -> io::Result<()> {
        self.unchanged(Some(before))?;
        self.folder().remove_file(self.name)?;
        self.walk.prune();
        Ok(())
    }

    /// Checks that the file has not changed since `before`, because an editor can save at any time. Only a few
    /// microseconds remain between this check and the rename.
    fn unchanged(&self, before: Option<&Seen>) -> io::Result<()> {
        let now = self.folder().look(self.name)?;
        if now == before.map(|seen| seen.status) { Ok(()) } else { Err(changed()) }
    }
}

fn changed() -> io::Error {
    io::Error::new(ErrorKind::ResourceBusy, "another program changed the file at the same moment")
}

/// The id of the blob with the file's content, without any filter or change of line ends.
fn blob_id(file: &mut File) -> io::Result<ObjectId> {
    let size = file.metadata()?.len();
    let mut hash = Sha1::new().chain_update(format!("blob {size}\0"));
    let mut buffer = vec![0; usize::try_from(size).unwrap_or(usize::MAX).clamp(1, 1 << 16)];
    loop {
        match file.read(&mut buffer) {
            // If the size has changed meanwhile, the id matches no blob, so the file does not count as clean.
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Numbers are truncated to 32 bits, as in the index.
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
