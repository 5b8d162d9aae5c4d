//! Comparison with git: the index must be the one that git would have written.

mod dice;
mod differential;
mod mutations;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use super::entry::Entry;
use super::*;
use crate::model::ObjectId;
use crate::store::test_clone::{Clone, hex, update};

fn put(path: &str, id: ObjectId) -> IndexEdit {
    IndexEdit { path: path.into(), new: Some(NewEntry { id, mode: MODE_FILE, stat: None }) }
}

fn gone(path: &str) -> IndexEdit {
    IndexEdit { path: path.into(), new: None }
}

fn apply(clone: &Clone, edits: &[IndexEdit]) -> Result<(), IndexError> {
    clone.at_index(".git/index", None, |index| update(index, edits))
}

/// Makes the edits with modelreg in the index and with git in a copy. Both must give the same entries and the
/// same tree, and git must find no error in the index.
fn same_as_git(clone: &Clone, edits: &[IndexEdit]) {
    same_as_git_but_for(clone, edits, || drop(clone.git(&["fsck", "--strict", "--no-dangling"])));
}

fn same_as_git_but_for(clone: &Clone, edits: &[IndexEdit], check: impl Fn()) {
    let (copy, split) = (".git/index.copy", ".git/index.split");
    if clone.index().exists() {
        fs::copy(clone.index(), clone.path(copy)).unwrap();
        fs::copy(clone.index(), clone.path(split)).unwrap();
    }
    apply(clone, edits).unwrap();
    // The index is whole at the first edit, and split at the others.
    for edit in edits {
        clone.at_index(split, Some(0), |index| update(index, std::slice::from_ref(edit))).unwrap();
    }
    let line = |edit: &IndexEdit| {
        let (mode, id) = edit.new.map_or((0, [0; 20]), |new| (new.mode, new.id));
        format!("{mode:o} {} 0\t{}\0", hex(&id), String::from_utf8_lossy(&edit.path))
    };
    let lines: String = edits.iter().map(line).collect();
    clone.git_with(copy, &["update-index", "-z", "--index-info"], lines.as_bytes());
    check();
    assert_eq!(clone.git(&["ls-files", "-s"]), clone.git_with(copy, &["ls-files", "-s"], b""));
    assert_eq!(clone.git(&["write-tree"]), clone.git_with(copy, &["write-tree"], b""));
    assert_eq!(clone.git_with(split, &["ls-files", "-s"], b""), clone.git_with(copy, &["ls-files", "-s"], b""));
    assert_eq!(clone.git_with(split, &["write-tree"], b""), clone.git_with(copy, &["write-tree"], b""));
    assert!(!clone.path(".git/index.lock").exists());
}

/// Files whose names have another order than their folders.
fn sorted_oddly() -> Clone {
    Clone::with(&[("a-b", "1"), ("a.b", "2"), ("a/b", "3"), ("a0", "4"), ("d/e/f", "5"), ("d/e-g", "6"), ("z", "7")])
}

#[test]
fn entries_are_added_changed_and_removed_at_every_position() {
    for version in ["2", "3", "4"] {
        let clone = sorted_oddly();
        clone.git(&["update-index", "--index-version", version]);
        let id = clone.blob("new");
        same_as_git(&clone, &[put("A", id)]);
        same_as_git(&clone, &[put("a/a", id), put("a/c", id), put("a.c", id), put("d/e/f", id)]);
        same_as_git(&clone, &[put("zz", id)]);
        same_as_git(&clone, &[gone("A"), gone("a/b"), gone("zz"), gone("d/e/f"), gone("never/there")]);
        same_as_git(&clone, &[gone("z"), put("d/e", id)]);
        assert_eq!(clone.git(&["update-index", "--show-index-version"]).trim(), if version == "4" { "4" } else { "2" });
    }
}

#[test]
fn a_missing_index_counts_as_empty() {
    let clone = Clone::empty();
    let id = clone.blob("new");
    same_as_git(&clone, &[put("b", id), put("a/c", id)]);
    assert_eq!(clone.git(&["diff", "--cached", "--name-only"]).lines().count(), 2);
}

#[test]
fn the_last_entry_can_go() {
    let clone = Clone::with(&[("a", "1")]);
    same_as_git(&clone, &[gone("a")]);
    same_as_git(&clone, &[put("b", clone.blob("1"))]);
}

#[test]
fn the_users_flags_of_an_entry_stay() {
    for version in ["2", "4"] {
        let clone = sorted_oddly();
        clone.git(&["update-index", "--index-version", version]);
        clone.git(&["update-index", "--skip-worktree", "a.b"]);
        clone.git(&["update-index", "--assume-unchanged", "a/b"]);
        clone.write("announced", "later");
        clone.git(&["add", "-N", "announced"]);
        let id = clone.blob("new");
        apply(&clone, &[put("a.b", id), put("a/b", id), put("b", id)]).unwrap();
        let tags = clone.git(&["ls-files", "-v", "a.b", "a/b", "b"]);
        assert_eq!(tags, "S a.b\nh a/b\nH b\n");
        assert!(clone.status().contains(" A announced"));
        let index = clone.at_index(".git/index", None, |index| LockedIndex::open(index, &[])).unwrap();
        let Slot::Entry(entry) = index.slot(b"announced") else { panic!() };
        assert!(entry.intent_to_add && !entry.skip_worktree);
        drop(index);
        let Ok(()) = apply(&clone, &[put("announced", id)]) else { panic!() };
        assert!(clone.status().contains("AM announced"));
    }
}

#[test]
fn a_name_longer_than_its_length_field_is_kept() {
    for version in ["2", "4"] {
        let clone = Clone::with(&[("a", "1")]);
        clone.git(&["update-index", "--index-version", version]);
        let long = "folder/".repeat(700);
        let id = clone.blob("new");
        same_as_git(&clone, &[put(&format!("{long}a"), id), put(&format!("{long}b"), id)]);
        same_as_git(&clone, &[gone(&format!("{long}a")), put("b", id)]);
    }
}

#[test]
fn an_index_of_some_megabytes_is_read_and_written_in_parts() {
    for version in ["2", "4"] {
        let clone = Clone::empty();
        let (one, two) = (clone.blob("1"), clone.blob("2"));
        let lines: String =
            (0..30_000).map(|i| format!("100644 {} 0\tmodels/{i:05}/model.toml\n", hex(&one))).collect();
        clone.git_with(".git/index", &["update-index", "--index-info"], lines.as_bytes());
        clone.git(&["update-index", "--index-version", version]);
        clone.git(&["write-tree"]);
        assert!(fs::metadata(clone.index()).unwrap().len() > 2 * CHUNK as u64);
        let edits = ["models/00000/model.toml", "models/15000/versions/1.toml", "models/29999/z", "z"];
        same_as_git(&clone, &edits.map(|path| put(path, two)));
        same_as_git(&clone, &edits.map(gone));
    }
}

#[test]
fn the_cache_of_trees_is_kept_for_unchanged_folders() {
    let clone = sorted_oddly();
    clone.git(&["write-tree"]);
    same_as_git(&clone, &[put("d/h", clone.blob("new"))]);
    clone.git(&["write-tree"]);
    apply(&clone, &[put("d/h", clone.blob("newer"))]).unwrap();
    let bytes = fs::read(clone.index()).unwrap();
    let index = Index::parse(Arc::new(bytes)).unwrap();
    let tree = index.extensions().iter().find(|ext| ext.signature == *b"TREE").unwrap();
    let text = String::from_utf8_lossy(index.bytes(tree.data.clone())).into_owned();
    assert!(text.starts_with("\0-1 2\n") && text.contains("d\0-1 1\n"), "{text}");
    assert!(text.contains("a\x001 0\n") && text.contains("e\x001 0\n"), "{text}");
}

#[test]
fn the_untracked_cache_stays_on_and_hides_nothing() {
    let clone = sorted_oddly();
    clone.git(&["update-index", "--force-untracked-cache"]);
    clone.write("d/loose", "x");
    let status = || clone.git(&["status", "--porcelain", "-unormal"]);
    let has_cache = || fs::read(clone.index()).unwrap().windows(4).any(|window| window == b"UNTR");
    assert_eq!((status(), status()), ("?? d/loose\n".into(), "?? d/loose\n".into()));
    same_as_git(&clone, &[put("d/loose", clone.blob("x"))]);
    assert!(has_cache());
    assert_eq!(status(), "A  d/loose\n");
    apply(&clone, &[gone("d/loose")]).unwrap();
    assert_eq!(status(), "?? d/loose\n");
    apply(&clone, &[put("a0", clone.blob("x"))]).unwrap();
    assert!(has_cache());
    assert_eq!(status(), "MM a0\n?? d/loose\n");
}

#[test]
fn offsets_into_the_file_and_a_resolved_conflict_survive() {
    let clone = sorted_oddly();
    for key in ["index.recordEndOfIndexEntries", "index.recordOffsetTable"] {
        clone.git(&["config", key, "true"]);
    }
    let base = clone.git(&["hash-object", "-w", "a0"]);
    let id = clone.blob("new");
    let sides: String = [base.trim(), &hex(&id), &hex(&clone.blob("other"))]
        .iter()
        .enumerate()
        .map(|(i, id)| format!("100644 {id} {}\tz\n", i + 1))
        .collect();
    let lines = format!("0 {} 0\tz\n{sides}", "0".repeat(40));
    clone.git_with(".git/index", &["update-index", "--index-info"], lines.as_bytes());
    assert!(matches!(apply(&clone, &[put("z", id)]), Err(IndexError::Clash { .. })));
    clone.git(&["add", "z"]);
    same_as_git(&clone, &[put("b", id)]);
    assert_eq!(clone.git(&["ls-files", "--resolve-undo"]).lines().count(), 3);
}

#[test]
fn an_omitted_checksum_stays_omitted() {
    let clone = sorted_oddly();
    clone.git(&["config", "index.skipHash", "true"]);
    clone.git(&["update-index", "--force-write-index"]);
    same_as_git(&clone, &[put("b", clone.blob("new"))]);
    assert!(fs::read(clone.index()).unwrap().ends_with(&[0; 20]));
}

#[test]
fn a_split_index_stays_split() {
    let clone = sorted_oddly();
    clone.git(&["update-index", "--split-index"]);
    clone.git(&["update-index", "--skip-worktree", "a.b"]);
    let id = clone.blob("new");
    apply(&clone, &[put("a.b", id)]).unwrap();
    assert_eq!(clone.git(&["ls-files", "-v", "a.b"]), "S a.b\n");
    same_as_git(&clone, &[put("b", id), put("a/b", id), gone("d/e/f")]);
    assert!(clone.git(&["rev-parse", "--shared-index-path"]).contains("sharedindex"));
    let left: Vec<_> = fs::read_dir(clone.path(".git")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("modelreg")), "{left:?}");
}

#[test]
fn for_a_split_index_with_many_changes_git_writes_a_new_shared_file() {
    let files: Vec<(String, &str)> = (0..400).map(|i| (format!("f/{i}"), "1")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let clone = Clone::with(&files);
    let shared = || clone.git(&["rev-parse", "--shared-index-path"]);
    let id = clone.blob("new");
    let change = |some: std::ops::Range<usize>| {
        let edits: Vec<IndexEdit> = some.map(|i| put(files[i].0, id)).collect();
        clone.at_index(".git/index", Some(0), |index| update(index, &edits)).unwrap();
    };
    change(0..1);
    let first = shared();
    assert!(first.contains("sharedindex"));
    let size = fs::metadata(clone.index()).unwrap().len();
    change(1..140);
    assert_eq!(shared(), first);
    assert!(fs::metadata(clone.index()).unwrap().len() > size);
    change(140..200);
    change(200..201);
    assert_ne!(shared(), first);
    assert_eq!(clone.git(&["diff", "--cached", "--name-only"]).lines().count(), 201);
    clone.git(&["fsck", "--strict"]);
}

#[test]
fn gits_edits_of_a_split_index_of_modelreg_are_read() {
    let clone = sorted_oddly();
    let id = clone.blob("new");
    let apply = |edits: &[IndexEdit]| clone.at_index(".git/index", Some(0), |index| update(index, edits)).unwrap();
    apply(&[put("b", id), put("a/b", id), gone("z")]);
    clone.write("z", "again");
    clone.write("c", "mine");
    clone.git(&["add", "c", "z"]);
    clone.git(&["rm", "-q", "--cached", "a-b"]);
    apply(&[put("z", id), put("a-b", id), gone("c"), put("b", clone.blob("1"))]);
    let listed = clone.git(&["ls-files", "-s"]);
    let line = |name: &str, id: ObjectId| format!("100644 {} 0\t{name}\n", hex(&id));
    for (name, id) in [("z", id), ("a-b", id), ("a/b", id), ("b", clone.blob("1"))] {
        assert!(listed.contains(&line(name, id)), "{listed}");
    }
    assert_eq!(listed.lines().count(), 8);
    clone.git(&["commit", "-q", "-m", "second"]);
    assert_eq!(clone.git(&["diff", "--cached", "--name-only"]), "");
    clone.git(&["fsck", "--strict"]);
}

#[test]
fn a_split_index_without_its_shared_file_is_corrupt() {
    let clone = sorted_oddly();
    let id = clone.blob("new");
    let apply = |edits: &[IndexEdit]| clone.at_index(".git/index", Some(0), |index| update(index, edits));
    apply(&[put("b", id)]).unwrap();
    let shared = clone.path(clone.git(&["rev-parse", "--shared-index-path"]).trim());
    let whole = fs::read(&shared).unwrap();
    for damage in [&whole[..whole.len() - 1], &whole[..40], b""] {
        fs::write(&shared, damage).unwrap();
        assert!(matches!(apply(&[put("c", id)]), Err(IndexError::Corrupt { .. })));
    }
    fs::remove_file(&shared).unwrap();
    let error = apply(&[put("c", id)]).unwrap_err();
    assert!(matches!(error, IndexError::Corrupt { .. }), "{error}");
    let small = fs::read(clone.index()).unwrap();
    for at in 0..small.len() {
        fs::write(&shared, &whole).unwrap();
        let mut bytes = small.clone();
        bytes[at] ^= 1;
        fs::write(clone.index(), &bytes).unwrap();
        // Git refuses a kind that only git edits.
        let error = apply(&[put("c", id)]).unwrap_err();
        assert!(matches!(error, IndexError::Corrupt { .. } | IndexError::Git { .. }), "{at}: {error}");
    }
}

#[test]
fn git_edits_a_sparse_index_and_no_file_outside_counts_as_deleted() {
    let clone = Clone::with(&[("in/a", "1"), ("out/b", "2"), ("out/deep/c", "3"), ("top", "4")]);
    clone.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    assert!(clone.git(&["ls-files", "--sparse"]).contains("out/\n"));
    let index = clone.at_index(".git/index", None, |index| LockedIndex::open(index, &[])).unwrap();
    assert!(matches!(index.slot(b"out/b"), Slot::Entry(Entry { skip_worktree: true, .. })));
    assert!(matches!(index.slot(b"in/a"), Slot::Entry(Entry { skip_worktree: false, .. })));
    assert_eq!((index.slot(b"out"), index.slot(b"top/x")), (Slot::Obstructed, Slot::Obstructed));
    drop(index);
    let id = clone.blob("new");
    apply(&clone, &[put("out/b", id)]).unwrap();
    assert_eq!(clone.git(&["ls-files", "-v", "out"]), "S out/b\nS out/deep/c\n");
    assert_eq!(clone.status(), "M  out/b\n");
    // Git caches trees of a sparse index before they are written, so its fsck finds them missing.
    same_as_git_but_for(&clone, &[put("in/d", id), gone("in/a")], || ());
}

#[test]
fn an_entry_that_clashes_with_another_is_refused() {
    let clone = sorted_oddly();
    let id = clone.blob("new");
    let before = fs::read(clone.index()).unwrap();
    for edits in [vec![put("a", id)], vec![put("z/y", id)], vec![put("n", id), put("n/m", id)], vec![put("d", id)]] {
        assert!(matches!(apply(&clone, &edits), Err(IndexError::Clash { .. })), "{edits:?}");
    }
    assert_eq!(fs::read(clone.index()).unwrap(), before);
    same_as_git(&clone, &[gone("a/b"), put("a", id)]);
}

#[test]
fn a_path_that_git_does_not_accept_is_refused() {
    let clone = sorted_oddly();
    for path in ["", "/a", "a/", "a//b", "../a", "a/./b", ".git/config", "a/.GIT/x", "a\0b"] {
        assert!(matches!(apply(&clone, &[put(path, [1; 20])]), Err(IndexError::Path { .. })), "{path:?}");
    }
}

#[test]
fn a_damaged_index_is_corrupt_and_is_not_edited() {
    let clone = sorted_oddly();
    let whole = fs::read(clone.index()).unwrap();
    let id = clone.blob("new");
    let check = |bytes: &[u8]| {
        fs::write(clone.index(), bytes).unwrap();
        let error = apply(&clone, &[put("b", id)]).unwrap_err();
        assert!(matches!(error, IndexError::Corrupt { .. }), "{error}");
        assert!(error.hint().contains("git reset"));
        assert_eq!(fs::read(clone.index()).unwrap(), bytes);
        assert!(!clone.path(".git/index.lock").exists());
    };
    for length in 0..whole.len() {
        check(&whole[..length]);
    }
    // Except for the version and the mandatory kinds of extension, which git reads.
    for at in (0..4).chain(8..whole.len()).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        check(&bytes);
    }
}

#[test]
fn the_lock_of_another_process_is_awaited_and_never_removed() {
    let clone = sorted_oddly();
    let lock = clone.path(".git/index.lock");
    let file = fs::File::create_new(&lock).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(90)).unwrap();
    let id = clone.blob("new");
    let error = apply(&clone, &[put("b", id)]).unwrap_err();
    let IndexError::Locked { path, age: Some(age) } = &error else { panic!("{error}") };
    assert_eq!(path, &lock);
    assert!(age.as_secs() >= 90 && lock.exists());
    // The other program removes its lock when the log has a line about the wait.
    let waits = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer({
        let lock = lock.clone();
        move || {
            let _ = fs::remove_file(&lock);
            std::io::sink()
        }
    });
    tracing::subscriber::with_default(waits.finish(), || {
        clone.at_index(".git/index", None, |index| {
            update(&IndexFile { wait: Duration::from_secs(20), ..*index }, &[put("b", id)]).unwrap();
        });
    });
    assert!(clone.git(&["ls-files"]).contains("b\n"));
}

#[test]
fn permissions_and_the_time_of_the_index_stay() {
    let clone = sorted_oddly();
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_600_000_000_123);
    fs::set_permissions(clone.index(), fs::Permissions::from_mode(0o660)).unwrap();
    fs::File::open(clone.index()).unwrap().set_modified(time).unwrap();
    apply(&clone, &[put("b", clone.blob("new"))]).unwrap();
    let metadata = fs::metadata(clone.index()).unwrap();
    assert_eq!((metadata.permissions().mode() & 0o777, metadata.modified().unwrap()), (0o660, time));
}

/// The newer index does not hide an edit of the same length in the second of the last checkout.
#[test]
fn git_notices_an_edit_in_the_second_of_the_checkout() {
    let clone = sorted_oddly();
    clone.git(&["config", "core.trustctime", "false"]);
    // All times are a minute ago.
    let then = SystemTime::now() - Duration::from_secs(60);
    let date_back = |path| fs::File::open(clone.path(path)).unwrap().set_modified(then).unwrap();
    date_back("z");
    clone.git(&["add", "z"]);
    date_back(".git/index");
    clone.write("z", "8");
    date_back("z");
    apply(&clone, &[put("b", clone.blob("new"))]).unwrap();
    assert!(clone.status().contains(" M z"));
}
