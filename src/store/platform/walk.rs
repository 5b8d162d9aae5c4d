//! The way from an opened folder to one further down, without following a symbolic link.

use std::ffi::OsStr;
use std::io::ErrorKind;

use super::folder::{Folder, Refused};

/// The folders on the way, each opened inside the one before it.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    root: &'a Folder,
    names: Vec<&'a OsStr>,
    opened: Vec<Folder>,
}

/// Where a walk stopped, and why.
#[derive(Debug)]
pub(crate) struct Stop {
    /// How many names lead to the folder that could not be opened.
    pub(crate) depth: usize,
    pub(crate) why: Refused,
}

impl<'a> Walk<'a> {
    /// A walk along the names, of which none is opened yet.
    pub(crate) fn new(root: &'a Folder, names: Vec<&'a OsStr>) -> Self {
        Self { root, names, opened: Vec::new() }
    }

    /// The innermost folder that is opened.
    pub(crate) fn last(&self) -> &Folder {
        self.opened.last().unwrap_or(self.root)
    }

    /// Whether all folders are opened.
    pub(crate) fn is_whole(&self) -> bool {
        self.opened.len() == self.names.len()
    }

    /// Opens the folders that are not opened yet; with a mode for new ones, makes those that are not there.
    pub(crate) fn descend(&mut self, make: Option<u32>) -> Result<&Folder, Stop> {
        while let Some(&name) = self.names.get(self.opened.len()) {
            let opened = self.step(name, make).map_err(|why| Stop { depth: self.opened.len() + 1, why })?;
            self.opened.push(opened);
        }
        Ok(self.last())
    }

    fn step(&self, name: &OsStr, make: Option<u32>) -> Result<Folder, Refused> {
        let above = self.last();
        match (above.folder(name), make) {
            (Err(refused), Some(mode)) if refused.is_absent() => {
                match above.make_folder(name, mode) {
                    // Another was faster.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                    made => made.map_err(Refused::failed("create"))?,
                }
                above.folder(name)
            }
            (found, _) => found,
        }
    }

    /// Removes the opened folders that are empty, the inner ones first, never the root.
    pub(crate) fn prune(&mut self) {
        while self.opened.pop().is_some() {
            // Refused for a folder that is not empty, which is how it ends.
            if self.last().remove_folder(self.names[self.opened.len()]).is_err() {
                break;
            }
        }
    }
}
