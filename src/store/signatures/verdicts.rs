//! A cache of verdicts about signatures, in the user's own cache folder, because a cache in the repository could be
//! forged. If writing the cache fails, the next run verifies again.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The maximum size of the file, in bytes: more than a hundred thousand verdicts. A larger file is replaced by a new
/// one.
const LARGEST: u64 = 16 << 20;

/// Valid, or the reason why not.
type Verdict = Result<(), String>;

/// Verdicts by the digest of their inputs. A line of the file is a digest and `good`, or a digest, `bad` and the
/// reason. A truncated line is ignored.
#[derive(Debug, Default)]
pub struct Verdicts {
    file: Option<PathBuf>,
    known: Mutex<Option<HashMap<String, Verdict>>>,
}

impl Verdicts {
    /// The cache in a folder, which may not exist yet. Without a folder the cache is in memory only.
    pub fn in_folder(folder: Option<&Path>) -> Self {
        Self { file: folder.map(|folder| folder.join("verified")), known: Mutex::default() }
    }

    /// The cached verdict for a digest.
    pub(in crate::store) fn recall(&self, digest: &str) -> Option<Verdict> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_with(|| self.read()).get(digest).cloned()
    }

    /// Adds a verdict to the cache.
    pub(in crate::store) fn keep(&self, digest: String, verdict: &Verdict) {
        let line = match verdict {
            Ok(()) => format!("{digest} good\n"),
            Err(why) => format!("{digest} bad {}\n", why.replace(['\n', '\r'], " ")),
        };
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            known.insert(digest, verdict.clone());
        }
        let Some(file) = &self.file else { return };
        let _ = file.parent().map(fs::create_dir_all);
        let anew = fs::metadata(file).is_ok_and(|m| m.len() > LARGEST);
        let mut options = OpenOptions::new();
        options.create(true).append(!anew).write(true).truncate(anew);
        // A single short write does not mix with the writes of other processes.
        let _ = options.open(file).and_then(|mut file| file.write_all(line.as_bytes()));
    }

    fn read(&self) -> HashMap<String, Verdict> {
        let small = |file: &&PathBuf| fs::metadata(file).is_ok_and(|m| m.is_file() && m.len() <= LARGEST);
        let bytes = self.file.as_ref().filter(small).and_then(|file| fs::read(file).ok()).unwrap_or_default();
        let is_digest = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let verdict = |line: &str| {
            let (digest, word) = line.split_once(' ').filter(|(digest, _)| is_digest(digest))?;
            let verdict = match word.strip_prefix("bad ") {
                Some(why) => Err(why.to_owned()),
                None if word == "good" => Ok(()),
                None => return None,
            };
            Some((digest.to_owned(), verdict))
        };
        String::from_utf8_lossy(&bytes).lines().filter_map(verdict).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_line_is_a_verdict() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("verified");
        let digest = "ab".repeat(32);
        for verdict in [Ok(()), Err("the signature covers another statement".to_owned())] {
            let _ = fs::remove_file(&file);
            Verdicts::in_folder(Some(folder.path())).keep(digest.clone(), &verdict);
            assert_eq!(Verdicts::in_folder(Some(folder.path())).recall(&digest), Some(verdict.clone()));
            let whole = fs::read(&file).unwrap();
            for end in 0..whole.len() - 1 {
                fs::write(&file, &whole[..end]).unwrap();
                let part = Verdicts::in_folder(Some(folder.path())).recall(&digest);
                assert!(part.is_none_or(|part| part.is_err() && verdict.is_err()), "{end}");
            }
        }
    }
}
