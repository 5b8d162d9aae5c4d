//! Opening the folders of a path below an opened folder, without following symbolic links.

use std::ffi::OsStr;
use std::io::ErrorKind;

use super::folder::{Folder, Refused};

/// The folders of a path, each opened inside the previous one.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    root: &'a Folder,
    names: Vec<&'a OsStr>,
    opened: Vec<Folder>,
}

/// The folder at which a walk stopped, with the reason.
#[derive(Debug)]
pub(crate) struct Stop {
    /// The number of names on the path to the folder that could not be opened.
    pub(crate) depth: usize,
    pub(crate) why: Refused,
}

impl<'a> Walk<'a> {
    /// A walk along the names. No folder is opened yet.
    pub(crate) fn new(root: &'a Folder, names: Vec<&'a OsStr>) -> Self {
        Self { root, names, opened: Vec::new() }
    }

    /// The innermost opened folder.
    pub(crate) fn last(&self) -> &Folder {
        self.opened.last().unwrap_or(self.root)
    }

    /// Whether all folders are opened.
    pub(crate) fn is_whole(&self) -> bool {
        self.opened.len() == self.names.len()
    }

    /// Opens the remaining folders. With a mode for new folders, creates missing ones.
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
                    // Another process has just created the folder.
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
            // The system refuses to remove a folder that is not empty, which ends the loop.
            if self.last().remove_folder(self.names[self.opened.len()]).is_err() {
                break;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(path: &str) -> Vec<&OsStr> {
        path.split('/').map(OsStr::new).collect()
    }

    #[test]
    fn a_walk_opens_what_is_there_and_makes_what_is_not() {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir(top.path().join("a")).unwrap();
        let root = Folder::named(top.path()).unwrap();
        let mut walk = Walk::new(&root, names("a/b/c"));
        let stop = walk.descend(None).unwrap_err();
        assert!(stop.why.is_absent() && stop.depth == 2 && !walk.is_whole());
        walk.descend(Some(0o755)).unwrap().create(OsStr::new("file"), 0o644).unwrap();
        assert!(walk.is_whole() && top.path().join("a/b/c/file").exists());
        walk.prune();
        assert!(top.path().join("a/b/c").exists(), "there is a file in it");
        fs::remove_file(top.path().join("a/b/c/file")).unwrap();
        walk.descend(None).unwrap();
        walk.prune();
        assert!(!top.path().join("a").exists() && top.path().exists());
    }

    #[test]
    fn a_walk_stops_at_a_link_wherever_it_leads() {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir_all(top.path().join("a/b")).unwrap();
        for target in ["b", "nowhere", "/"] {
            symlink(target, top.path().join("a/link")).unwrap();
            let root = Folder::named(top.path()).unwrap();
            for make in [None, Some(0o755)] {
                let stop = Walk::new(&root, names("a/link/c")).descend(make).unwrap_err();
                assert!(matches!(stop, Stop { depth: 2, why: Refused::Link }), "{target}: {stop:?}");
            }
            fs::remove_file(top.path().join("a/link")).unwrap();
        }
        fs::write(top.path().join("a/file"), "").unwrap();
        let root = Folder::named(top.path()).unwrap();
        let stop = Walk::new(&root, names("a/file/c")).descend(Some(0o755)).unwrap_err();
        assert!(matches!(stop, Stop { depth: 2, why: Refused::File }), "{stop:?}");
    }

    #[test]
    fn a_folder_that_is_swapped_for_a_link_is_not_left() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        fs::create_dir_all(at("a")).unwrap();
        fs::create_dir_all(at("outside")).unwrap();
        let root = Folder::named(top.path()).unwrap();
        let mut walk = Walk::new(&root, names("a"));
        walk.descend(None).unwrap();
        fs::rename(at("a"), at("moved")).unwrap();
        symlink(at("outside"), at("a")).unwrap();
        walk.last().create(OsStr::new("file"), 0o644).unwrap();
        assert!(at("moved/file").exists() && !at("outside/file").exists());
    }

    #[test]
    fn a_name_that_leads_further_is_no_name() {
        let top = tempfile::tempdir().unwrap();
        let root = Folder::named(top.path()).unwrap();
        for bad in ["..", ".", "", "/", "a/b", "a/", "/etc"] {
            let name = OsStr::new(bad);
            assert_eq!(root.create(name, 0o644).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad:?}");
            assert!(root.look(name).is_err() && root.open(name).is_err() && root.folder(name).is_err(), "{bad:?}");
            assert!(root.rename(OsStr::new("x"), name).is_err() && root.remove_folder(name).is_err(), "{bad:?}");
        }
    }
}
