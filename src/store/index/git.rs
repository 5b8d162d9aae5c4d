//! The kinds of index that only the program `git` edits: some split indexes, and sparse ones.
//!
//! This program holds `index.lock` meanwhile, so git works on a copy, which then replaces the index.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, FileTimes, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::entry::{Edits, Entry, Slot};
use super::error::{IndexError, io_error};
use crate::model::ObjectId;
use crate::store::programs::{Git, ProgramError};

/// All paths of an index with their entries, from `git ls-files`; no entry for a path with a conflict.
pub(super) struct Listing(BTreeMap<Vec<u8>, Option<Entry>>);

impl Listing {
    /// Runs `git ls-files`.
    pub(super) fn read(index: &Path, workdir: &Path) -> Result<Self, IndexError> {
        let output = run("ls-files", &["-z", "--stage", "-v", "--full-name"], index, index, workdir, &[])?;
        let lines = output.split(|&b| b == 0).filter(|line| !line.is_empty());
        let entries = lines.map(parse_line).collect::<Option<BTreeMap<_, _>>>();
        entries.map(Self).ok_or_else(|| {
            let message = "the output does not have the documented form".into();
            ProgramError::Failed { call: "git ls-files".into(), message }.into()
        })
    }

    /// The state of the index at exactly this path.
    pub(super) fn slot(&self, path: &[u8]) -> Slot {
        match self.0.get(path) {
            None => Slot::Absent,
            Some(None) => Slot::Conflict,
            Some(Some(entry)) => Slot::Entry(*entry),
        }
    }

    /// Whether the index has an entry with this name.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        self.0.contains_key(path)
    }

    /// The names that begin with a prefix.
    pub(super) fn below<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .range(prefix.to_vec()..)
            .map(|(name, _)| name.as_slice())
            .take_while(move |name| name.starts_with(prefix))
    }
}

/// A line such as `H 100644 0123... 0<TAB>path`. The tag is a small letter if the user marked the file as unchanged,
/// and S if the file is not checked out. A file after `git add -N` has the id of the empty blob.
fn parse_line(line: &[u8]) -> Option<(Vec<u8>, Option<Entry>)> {
    let tab = line.iter().position(|&b| b == b'\t')?;
    let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let tag = words.next()?;
    let mode = u32::from_str_radix(words.next()?, 8).ok()?;
    let id = parse_id(words.next()?)?;
    let entry = Entry {
        id,
        mode,
        assume_valid: tag.bytes().all(|b| b.is_ascii_lowercase()),
        skip_worktree: tag.eq_ignore_ascii_case("S"),
        intent_to_add: false,
    };
    Some((line[tab + 1..].to_vec(), (words.next()? == "0").then_some(entry)))
}

fn parse_id(hex: &str) -> Option<ObjectId> {
    let mut id = ObjectId::default();
    let read = base16ct::lower::decode(hex, &mut id).ok()?.len();
    (read == id.len()).then_some(id)
}

/// Makes the edits with git. On request, git then writes a new shared index with all entries.
pub(super) fn update(
    index: &Path,
    workdir: &Path,
    bytes: &[u8],
    old: Option<&fs::Metadata>,
    listing: &Listing,
    share: bool,
    edits: &Edits,
) -> Result<(), IndexError> {
    let copy = Copy::make(index, bytes, old)?;
    let mut lines = Vec::new();
    let (mut skip, mut assume) = (Vec::new(), Vec::new());
    for (path, edit) in edits {
        let (mode, id) = edit.map_or((0, [0; 20]), |new| (new.mode, new.id));
        let hex = base16ct::lower::encode_string(&id);
        lines.extend(format!("{mode:o} {hex} 0\t").into_bytes());
        lines.extend(path.iter().chain(&[0]));
        // Git replaces the entry and loses the user's flags, so the flags are set again.
        if let (Some(_), Slot::Entry(entry)) = (edit, listing.slot(path)) {
            for (said, paths) in [(entry.skip_worktree, &mut skip), (entry.assume_valid, &mut assume)] {
                if said {
                    paths.extend(path.iter().chain(&[0]));
                }
            }
        }
    }
    let on_copy = |args: &[&str], input: &[u8]| run("update-index", args, &copy.path, index, workdir, input);
    on_copy(&["-z", "--index-info"], &lines)?;
    for (flag, paths) in [("--skip-worktree", skip), ("--assume-unchanged", assume)] {
        if !paths.is_empty() {
            on_copy(&["-z", flag, "--stdin"], &paths)?;
        }
    }
    if share {
        on_copy(&["--split-index"], &[])?;
    }
    if let Some(old) = old {
        fs::set_permissions(&copy.path, old.permissions()).map_err(io_error("set the mode of", &copy.path))?;
    }
    fs::rename(&copy.path, index).map_err(io_error("replace", index))
}

/// The copy that git works on. It is removed unless it becomes the index.
struct Copy {
    path: PathBuf,
    lock: PathBuf,
}

impl Copy {
    fn make(index: &Path, bytes: &[u8], old: Option<&fs::Metadata>) -> Result<Self, IndexError> {
        let beside = |suffix: &str| {
            let mut name = OsString::from(index);
            name.push(suffix);
            PathBuf::from(name)
        };
        let copy = Self { path: beside(".modelreg-tmp"), lock: beside(".modelreg-tmp.lock") };
        // A killed run can leave both files behind. Only this program creates them, and only under the lock.
        copy.remove();
        let mut file =
            OpenOptions::new().write(true).create_new(true).open(&copy.path).map_err(io_error("create", &copy.path))?;
        let written = file.write_all(bytes).and_then(|()| match old {
            // The copy gets the index's time, so that git checks the same files again as with the index itself.
            Some(old) => file.set_times(FileTimes::new().set_modified(old.modified()?)),
            None => Ok(()),
        });
        written.map_err(io_error("write", &copy.path))?;
        Ok(copy)
    }

    fn remove(&self) {
        for path in [&self.path, &self.lock] {
            // The file is usually missing. If it cannot be removed, its creation fails with the reason.
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Runs git with another index file than the clone's own.
fn run(
    command: &'static str,
    args: &[&str],
    index: &Path,
    own_index: &Path,
    workdir: &Path,
    input: &[u8],
) -> Result<Vec<u8>, IndexError> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(io_error("resolve", path));
    let folder = absolute(own_index)?.parent().map(Path::to_owned).unwrap_or_default();
    let git = Git::plumbing(&folder)?.work_tree(&absolute(workdir)?).command(command).args(args);
    let git = git.env("GIT_INDEX_FILE", absolute(index)?).current_dir(workdir).input(input);
    Ok(git.run()?.success()?.stdout)
}
