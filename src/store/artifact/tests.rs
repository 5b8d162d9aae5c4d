//! What the tests of this folder share: files to write, manifests to hold them against, and a progress that interferes.

use std::path::Path;

use super::{Progress, Scanned, file_uri, scan};
use crate::model::version::Artifact;

/// Writes files, and the folders that they lie in.
pub(super) fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, content) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

/// What a version would record of the file or folder.
pub(super) fn recorded(path: &Path) -> Artifact {
    let Scanned { size, digest, files } = scan(path, &()).unwrap();
    Artifact { uri: file_uri(path).unwrap(), flavor: None, size: Some(size), digest: Some(digest), files }
}

/// Does something each time that bytes were read.
pub(super) struct Meddler<F: Fn() + Sync>(pub F);

impl<F: Fn() + Sync> Progress for Meddler<F> {
    fn total(&self, _: u64) {}
    fn advance(&self, _: u64) {
        (self.0)();
    }
}

/// The names in a folder, sorted.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
