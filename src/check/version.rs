//! The manifest of one version: the consistency of its parts with each other and with the file name.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::common_keys::{too_many_keys, updated_by};
use super::sink::{Loaded, Sink, Source};
use crate::diag::KeyStep;
use crate::diag::codes::version::{
    CLOSED_REQUESTS_UNSORTED, COMMENTS_UNSORTED, DIGEST_MISMATCH, DUPLICATE_PATH, FILES_UNSORTED, PARENT_MISSING,
    PARENT_NOT_EARLIER, PATH_CONFLICT, SIZE_MISMATCH, VERSION_MISMATCH, VERSION_TIME_ORDER,
};
use crate::model::{Artifact, ArtifactFile, Digest, Manifest, ModelName, ModelUri, Selector, Timestamp};

/// The facts of a version that the rules of stages and aliases need.
#[derive(Debug, Clone, Copy)]
pub(super) struct VersionFacts {
    /// When it was registered.
    pub created_at: Timestamp,
    /// Whether it has a tombstone.
    pub deleted: bool,
    /// Whether its manifest has `archived = true`.
    pub archived: bool,
}

/// The versions of a model by number: what is known of each. Nothing is known of a version whose manifest cannot be
/// read, nor of one that was not looked at because a change touches neither it nor what points to it.
pub(super) type Versions = BTreeMap<u64, Option<VersionFacts>>;

/// Checks the manifest in `versions/NUMBER.toml`.
pub(super) fn check(loaded: &Loaded<Manifest>, number: u64, sink: &mut Sink) -> VersionFacts {
    let Loaded { value: manifest, source } = loaded;
    if manifest.version != number {
        let message = format!("`version` is {}, but the file is for version {number}", manifest.version);
        sink.key(&VERSION_MISMATCH, source, &["version".into()], message, format!("write `version = {number}`"));
    }
    check_files(&manifest.artifact, source, sink);
    too_many_keys(source, "params", manifest.params.len(), sink);
    too_many_keys(source, "metrics", manifest.metrics.len(), sink);
    too_many_keys(source, "tags", manifest.tags.len(), sink);
    updated_by(source, manifest.updated_at, manifest.updated_by.as_ref(), sink);
    check_times(manifest, source, sink);
    VersionFacts {
        created_at: manifest.created_at,
        deleted: manifest.deleted.is_some(),
        archived: manifest.archived == Some(true),
    }
}

fn file_key(at: usize, key: &str) -> [KeyStep; 4] {
    ["artifact".into(), "files".into(), at.into(), key.into()]
}

fn check_files(artifact: &Artifact, source: &Source, sink: &mut Sink) {
    let files = &artifact.files;
    if files.is_empty() {
        return;
    }
    let sorted = check_order(files, source, sink);
    let sum = files.iter().try_fold(0u64, |sum, file| sum.checked_add(file.size));
    if let Some(size) = artifact.size
        && sum != Some(size)
    {
        let sum = sum.map_or("more than 64 bits can hold".into(), |sum| sum.to_string());
        let message = format!("the files have {sum} bytes in total, but `artifact.size` is {size}");
        sink.key(&SIZE_MISMATCH, source, &["artifact".into(), "size".into()], message, "correct the wrong number");
    }
    // The digest depends on the order. Unsorted files are already reported.
    if let Some(digest) = artifact.digest.as_ref().filter(|_| sorted)
        && !(files.len() == 1 && files[0].digest == *digest)
    {
        let mut hasher = Sha256::new();
        files.iter().for_each(|file| hasher.update(file.digest.bytes()));
        let root: [u8; 32] = hasher.finalize().into();
        if digest.bytes() != root {
            let root = Digest::from_bytes(&root);
            let message =
                format!("the digest of the files is {}, but `artifact.digest` is {}", root.short(), digest.short());
            let key = ["artifact".into(), "digest".into()];
            sink.key(&DIGEST_MISMATCH, source, &key, message, format!("write \"{root}\" if the files are right"));
        }
    }
}

/// Checks the paths of a file manifest. Returns whether they are sorted.
fn check_order(files: &[ArtifactFile], source: &Source, sink: &mut Sink) -> bool {
    let parts = |file: &ArtifactFile| file.path.as_str().split('/').map(str::to_owned).collect::<Vec<_>>();
    let in_order = |a: &ArtifactFile, b: &ArtifactFile| {
        // Like `ArtifactFile::order`, but without an allocation: this runs for every file of every manifest.
        a.path.as_str().split('/').le(b.path.as_str().split('/'))
    };
    let unsorted = files.windows(2).position(|pair| !in_order(&pair[0], &pair[1]));
    if let Some(at) = unsorted {
        let message = format!("`{}` comes before `{}`", files[at + 1].path, files[at].path);
        sink.key(&FILES_UNSORTED, source, &file_key(at + 1, "path"), message, "sort the files by path, part by part");
    }
    let mut order: Vec<usize> = Vec::new();
    if unsorted.is_some() {
        order = (0..files.len()).collect();
        order.sort_by_cached_key(|&at| parts(&files[at]));
    }
    let nth = |n: usize| order.get(n).copied().unwrap_or(n);
    // In this order, the paths inside a path come directly after it.
    for n in 1..files.len() {
        let (before, at) = (&files[nth(n - 1)].path, nth(n));
        let path = &files[at].path;
        if path == before {
            let message = format!("`{path}` is listed twice");
            sink.key(&DUPLICATE_PATH, source, &file_key(at, "path"), message, "remove one of the entries");
        } else if path.as_str().strip_prefix(before.as_str()).is_some_and(|rest| rest.starts_with('/')) {
            let message = format!("`{before}` is a file, so `{path}` cannot be inside it");
            sink.key(&PATH_CONFLICT, source, &file_key(at, "path"), message, "correct one of the paths");
        }
    }
    unsorted.is_none()
}

fn check_times(manifest: &Manifest, source: &Source, sink: &mut Sink) {
    let created = manifest.created_at;
    let mut early = |time: Timestamp, key: &[KeyStep], what: &str| {
        if time < created {
            let message = format!("{what} at {time}, before its registration at {created}");
            sink.key(&VERSION_TIME_ORDER, source, key, message, "correct the time");
        }
    };
    if let Some(at) = manifest.updated_at {
        early(at, &["updated_at".into()], "the version was edited");
    }
    if let Some(deleted) = &manifest.deleted {
        early(deleted.at, &["deleted".into(), "at".into()], "the version was deleted");
    }
    for (n, comment) in manifest.comments.iter().enumerate() {
        early(comment.at, &["comments".into(), n.into(), "at".into()], "the version was commented on");
    }
    for (n, request) in manifest.closed_requests.iter().enumerate() {
        let key: [KeyStep; 3] = ["closed_requests".into(), n.into(), "requested_at".into()];
        early(request.requested_at, &key, "a move of the version was requested");
    }
    let comments: Vec<Timestamp> = manifest.comments.iter().map(|comment| comment.at).collect();
    unsorted("comments", &comments, |n, message| {
        let key = ["comments".into(), n.into(), "at".into()];
        sink.key(&COMMENTS_UNSORTED, source, &key, message, "put new comments at the end, with their own time");
    });
    let closed: Vec<Timestamp> = manifest.closed_requests.iter().map(|request| request.at).collect();
    unsorted("closed requests", &closed, |n, message| {
        let key = ["closed_requests".into(), n.into(), "at".into()];
        let hint = "put new closed requests at the end, with their own time";
        sink.key(&CLOSED_REQUESTS_UNSORTED, source, &key, message, hint);
    });
}

/// Reports each entry of a list that is older than the entry before it.
fn unsorted(list: &str, times: &[Timestamp], mut report: impl FnMut(usize, String)) {
    for (n, pair) in times.windows(2).enumerate().filter(|(_, pair)| pair[1] < pair[0]) {
        report(n + 1, format!("the {list} are not in the order of their times: {} comes after {}", pair[1], pair[0]));
    }
}

/// The parent of a manifest, if the parent is a version of a registered model.
pub(super) fn parent(manifest: &Manifest) -> Option<(ModelName, u64)> {
    let uri = manifest.lineage.parent.as_ref()?.as_str();
    if !uri.starts_with("models:") {
        return None;
    }
    match ModelUri::parse(uri).ok()? {
        ModelUri { model, selector: Selector::Version(number) } => Some((model, number)),
        _ => None,
    }
}

/// Checks a parent of the same model.
pub(super) fn check_parent(source: &Source, number: u64, parent: u64, exists: bool, sink: &mut Sink) {
    let key = ["lineage".into(), "parent".into()];
    if parent >= number {
        let message = format!("version {number} cannot have been trained from version {parent}");
        sink.key(&PARENT_NOT_EARLIER, source, &key, message, "name an earlier version");
    } else if !exists {
        let message = format!("the model has no version {parent}");
        sink.key(&PARENT_MISSING, source, &key, message, "correct the address of the parent");
    }
}
