//! Comparing an artifact on this machine with a version's record.

use std::collections::BTreeMap;
use std::path::Path;

use super::beneath::Root;
use super::mismatch::Mismatch;
use super::scan::{hash, list};
use super::{ArtifactError, Progress, folder_digest};
use crate::model::digest::Digest;
use crate::model::version::{Artifact, ArtifactFile};

/// The outcome of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The artifact has exactly the recorded files.
    Same {
        /// The number of compared files.
        files: usize,
        /// The number of bytes.
        bytes: u64,
    },
    /// All differences, in the order of the files; differences of the whole artifact come last.
    Differs(Vec<Mismatch>),
    /// The version records no digest, so nothing is proven.
    Nothing,
}

/// Compares a local file or folder with a version's record. A single file may have any name; a folder that contains
/// only the one recorded file counts as that file.
///
/// Errors: as for [`super::scan()`], but an empty folder is not an error: all files are missing.
pub fn verify(local: &Path, artifact: &Artifact, progress: &dyn Progress) -> Result<Verdict, ArtifactError> {
    let root = Root::open(local)?;
    let mut listed = list(&root, &artifact.files)?;
    if let ([recorded], [(found, _)], false) = (&artifact.files[..], &mut listed[..], root.is_folder()) {
        *found = recorded.path.clone();
    }
    if artifact.files.is_empty() && artifact.digest.is_none() {
        let found = listed.iter().map(|(_, size)| size).sum();
        let differs = whole_size(artifact, found).map(|mismatch| Verdict::Differs(vec![mismatch]));
        return Ok(differs.unwrap_or(Verdict::Nothing));
    }
    let found = hash(&root, listed, progress)?;
    let bytes = found.iter().map(|file| file.size).sum();
    let mut mismatches = if artifact.files.is_empty() { Vec::new() } else { compare(&artifact.files, &found) };
    mismatches.extend(whole_size(artifact, bytes));
    if let Some(recorded) = &artifact.digest
        && !digests_of(&found).contains(recorded)
    {
        let found = if root.is_folder() { folder_digest(&found) } else { found[0].digest.clone() };
        mismatches.push(Mismatch::Whole { recorded: recorded.clone(), found });
    }
    Ok(if mismatches.is_empty() { Verdict::Same { files: found.len(), bytes } } else { Verdict::Differs(mismatches) })
}

/// The possible digests of an artifact with these files: as a folder and, for a single file, as that file. Both
/// describe the same content.
pub(super) fn digests_of(files: &[ArtifactFile]) -> Vec<Digest> {
    let alone = match files {
        [file] => Some(file.digest.clone()),
        _ => None,
    };
    alone.into_iter().chain([folder_digest(files)]).collect()
}

fn whole_size(artifact: &Artifact, found: u64) -> Option<Mismatch> {
    artifact.size.filter(|&recorded| recorded != found).map(|recorded| Mismatch::WholeSize { recorded, found })
}

fn compare(recorded: &[ArtifactFile], found: &[ArtifactFile]) -> Vec<Mismatch> {
    let mut extra: BTreeMap<&str, &ArtifactFile> = found.iter().map(|file| (file.path.as_str(), file)).collect();
    let found = extra.clone();
    let mut mismatches = Vec::new();
    for file in recorded {
        extra.remove(file.path.as_str());
        let path = file.path.clone();
        mismatches.extend(match found.get(path.as_str()) {
            None => Some(Mismatch::Missing { path }),
            Some(is) if is.size != file.size => Some(Mismatch::Size { path, recorded: file.size, found: is.size }),
            Some(is) if is.digest != file.digest => {
                Some(Mismatch::Digest { path, recorded: file.digest.clone(), found: is.digest.clone() })
            }
            Some(_) => None,
        });
    }
    mismatches.extend(extra.into_values().map(|file| Mismatch::Extra { path: file.path.clone() }));
    mismatches.sort_by(|a, b| super::parts(path_of(a)).cmp(&super::parts(path_of(b))));
    mismatches
}

fn path_of(mismatch: &Mismatch) -> &str {
    match mismatch {
        Mismatch::Missing { path }
        | Mismatch::Extra { path }
        | Mismatch::Size { path, .. }
        | Mismatch::Digest { path, .. } => path.as_str(),
        Mismatch::WholeSize { .. } | Mismatch::Whole { .. } => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{recorded, write};
    use super::*;
    use crate::model::uri::ArtifactPath;

    fn lines(verdict: Verdict) -> Vec<String> {
        match verdict {
            Verdict::Differs(mismatches) => mismatches.iter().map(ToString::to_string).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_folder_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("a/b", "1"), ("a-b", "22")]);
        let mut artifact = recorded(folder.path());
        assert_eq!(verify(folder.path(), &artifact, &()).unwrap(), Verdict::Same { files: 2, bytes: 3 });
        artifact.files.clear();
        assert_eq!(verify(folder.path(), &artifact, &()).unwrap(), Verdict::Same { files: 2, bytes: 3 });
        write(folder.path(), &[("a-b", "23")]);
        assert!(matches!(&verify(folder.path(), &artifact, &()).unwrap(), Verdict::Differs(m) if m.len() == 1));
    }

    #[test]
    fn every_difference_is_told_in_the_order_of_the_files() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("a/b", "1"), ("b", "22"), ("c", "333"), ("same", "")]);
        let artifact = recorded(folder.path());
        std::fs::remove_file(folder.path().join("a/b")).unwrap();
        write(folder.path(), &[("b", "23"), ("c", "4444"), ("a b", "new")]);
        let lines = lines(verify(folder.path(), &artifact, &()).unwrap());
        let starts = [
            "`a/b` is missing",
            "`a b` is not in the record",
            "`b` has the digest sha256:",
            "`c` has 4 bytes instead of the recorded 3",
            "the artifact has 9 bytes in total instead of the recorded 6",
            "the artifact has the digest sha256:",
        ];
        assert_eq!(lines.len(), starts.len(), "{lines:#?}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.starts_with(start), "{line}");
        }
    }

    #[test]
    fn a_single_file_may_have_another_name_or_lie_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("in/m.pkl", "abc"), ("other.pkl", "abc"), ("bad.pkl", "abd")]);
        let artifact = recorded(&folder.path().join("in/m.pkl"));
        let same = Verdict::Same { files: 1, bytes: 3 };
        for local in ["in/m.pkl", "in", "other.pkl"] {
            assert_eq!(verify(&folder.path().join(local), &artifact, &()).unwrap(), same, "{local}");
        }
        let bad = lines(verify(&folder.path().join("bad.pkl"), &artifact, &()).unwrap());
        assert!(bad.len() == 2 && bad[0].starts_with("`m.pkl` has the digest"), "{bad:#?}");
    }

    #[test]
    fn without_a_digest_nothing_is_proven() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("m", "abc")]);
        let mut artifact = Artifact { digest: None, files: Vec::new(), ..recorded(folder.path()) };
        assert_eq!(verify(folder.path(), &artifact, &()).unwrap(), Verdict::Nothing);
        artifact.size = Some(4);
        assert_eq!(
            lines(verify(folder.path(), &artifact, &()).unwrap()),
            ["the artifact has 3 bytes in total instead of the recorded 4"]
        );
    }

    #[test]
    fn an_empty_folder_misses_every_file() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("m/a", "abc")]);
        let artifact = recorded(&folder.path().join("m"));
        std::fs::remove_file(folder.path().join("m/a")).unwrap();
        let lines = lines(verify(&folder.path().join("m"), &artifact, &()).unwrap());
        assert_eq!(lines[0], "`a` is missing");
    }

    #[test]
    fn a_recorded_file_is_looked_for_even_where_git_keeps_its_own() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[("m", "abc"), (".gitignore", "x")]);
        let mut artifact = recorded(folder.path());
        let ignore = ArtifactFile { path: ArtifactPath::new(".gitignore").unwrap(), ..artifact.files[0].clone() };
        artifact.files.insert(0, ignore);
        let lines = lines(verify(folder.path(), &artifact, &()).unwrap());
        assert_eq!(lines[0], "`.gitignore` has 1 bytes instead of the recorded 3");
    }

    #[test]
    fn a_mismatch_is_data() {
        let mismatch = Mismatch::Size { path: ArtifactPath::new("a/b").unwrap(), recorded: 1, found: 2 };
        let json = serde_json::to_string(&mismatch).unwrap();
        assert_eq!(json, r#"{"kind":"size","path":"a/b","recorded":1,"found":2}"#);
    }
}
