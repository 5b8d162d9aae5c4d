//! A clone in a temporary folder, for tests that compare with the real git.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use sha1::{Digest as _, Sha1};

use super::index::{IndexEdit, IndexError, IndexFile, LockedIndex};
use super::memory;
use crate::model::ObjectId;

pub(super) struct Clone {
    dir: tempfile::TempDir,
}

impl Clone {
    /// A repository without a commit.
    pub(super) fn empty() -> Self {
        let clone = Self { dir: tempfile::tempdir_in(memory::temporary_folder()).unwrap() };
        clone.git(&["init", "-q", "-b", "main"]);
        clone
    }

    /// A repository with one commit of these files.
    pub(super) fn with(files: &[(&str, &str)]) -> Self {
        let clone = Self::empty();
        for (path, text) in files {
            clone.write(path, text);
        }
        clone.git(&["add", "-A"]);
        clone.git(&["commit", "-q", "-m", "first"]);
        clone
    }

    pub(super) fn dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(super) fn index(&self) -> PathBuf {
        self.path(".git/index")
    }

    /// Works on an index file without waiting for a lock.
    pub(super) fn at_index<T>(&self, file: &str, split_from: Option<usize>, act: impl FnOnce(&IndexFile) -> T) -> T {
        let (path, workdir) = (self.path(file), self.dir());
        act(&IndexFile { path: &path, workdir: &workdir, wait: Duration::ZERO, split_from })
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    pub(super) fn git(&self, args: &[&str]) -> String {
        self.git_with(".git/index", args, b"")
    }

    /// Runs git on another index, with input.
    pub(super) fn git_with(&self, index: &str, args: &[&str], input: &[u8]) -> String {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        let mut child = command
            .current_dir(self.dir.path())
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "gc.auto=0"])
            .args(args)
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")])
            .env("HOME", self.dir.path())
            .env("GIT_INDEX_FILE", self.path(index))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "git {args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Puts a blob into the object database.
    pub(super) fn blob(&self, text: &str) -> ObjectId {
        self.git_with(".git/index", &["hash-object", "-w", "--stdin"], text.as_bytes());
        blob_id(text)
    }

    /// Moves the branch to a commit with changed or removed files, without updating index and working tree.
    pub(super) fn commit_behind(&self, files: &[(&str, Option<&str>)]) {
        fs::remove_file(self.path(".git/index.behind")).ok();
        let behind = |args: &[&str], input: &str| self.git_with(".git/index.behind", args, input.as_bytes());
        if !self.git(&["for-each-ref"]).is_empty() {
            behind(&["read-tree", "HEAD"], "");
        }
        for (path, text) in files {
            let line = match text {
                Some(text) => format!("100644 {} 0\t{path}\n", hex(&self.blob(text))),
                None => format!("0 {} 0\t{path}\n", "0".repeat(40)),
            };
            behind(&["update-index", "--index-info"], &line);
        }
        let tree = behind(&["write-tree"], "");
        let mut args = vec!["commit-tree", "-m", "behind", tree.trim()];
        let head = self.git(&["for-each-ref", "--format=%(objectname)", "refs/heads/main"]);
        if !head.is_empty() {
            args.extend(["-p", head.trim()]);
        }
        let commit = self.git(&args);
        self.git(&["update-ref", "refs/heads/main", commit.trim()]);
    }

    pub(super) fn status(&self) -> String {
        self.git(&["--no-optional-locks", "status", "--porcelain", "-uall"])
    }
}

pub(super) fn blob_id(text: &str) -> ObjectId {
    Sha1::digest(format!("blob {}\0{text}", text.len())).into()
}

pub(super) fn hex(id: &ObjectId) -> String {
    base16ct::lower::encode_string(id)
}

/// Changes entries of an index.
pub(super) fn update(index: &IndexFile<'_>, edits: &[IndexEdit]) -> Result<(), IndexError> {
    let paths: Vec<&[u8]> = edits.iter().map(|edit| edit.path.as_slice()).collect();
    LockedIndex::open(index, &paths)?.commit(edits)
}
