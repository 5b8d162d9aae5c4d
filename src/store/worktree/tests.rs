//! After a commit behind the back of index and working tree, `git status` has to show what the user did and nothing
//! else.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::*;
use crate::store::memory;
use crate::store::test_clone::{Clone, blob_id, update};

/// Commits one path and updates the checked-out files.
fn commit(clone: &Clone, path: &str, old: Option<&str>, new: Option<&str>) -> Synced {
    clone.commit_behind(&[(path, new)]);
    follow(clone, path, old, new)
}

fn follow(clone: &Clone, path: &str, old: Option<&str>, new: Option<&str>) -> Synced {
    let new = new.map(|text| (blob_id(text), text.as_bytes()));
    let touched = Touched { path, old: old.map(blob_id), new };
    let synced = clone.at_index(".git/index", None, |index| sync(index, &[touched])).unwrap();
    assert!(!clone.path(".git/index.lock").exists());
    assert_no_temporary(clone);
    clone.git(&["fsck", "--strict", "--no-dangling"]);
    synced
}

fn assert_no_temporary(clone: &Clone) {
    for entry in walkdir::WalkDir::new(clone.dir()) {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(!name.ends_with(TEMPORARY), "{name}");
    }
}

fn why(synced: &Synced) -> &Reason {
    assert_eq!(synced.left.len(), 1, "{synced:?}");
    &synced.left[0].why
}

const V1: &str = "version = 1\n";
const V2: &str = "version = 2\n";

fn stage() -> Clone {
    Clone::with(&[("m/model.toml", "name = \"m\"\n"), ("m/stages/production.toml", V1)])
}

const POINTER: &str = "m/stages/production.toml";

#[test]
fn files_that_were_clean_are_new_gone_or_other_and_status_is_clean() {
    let clone = stage();
    for (path, old, new) in [
        (POINTER, Some(V1), Some(V2)),
        ("m/versions/1.toml", None, Some(V1)),
        ("empty", None, Some("")),
        ("lines", None, Some("a\r\nb\r\n")),
        ("m/versions/1.toml", Some(V1), None),
        ("m/model.toml", Some("name = \"m\"\n"), None),
    ] {
        let synced = commit(&clone, path, old, new);
        assert!(synced.left.is_empty(), "{synced:?}");
        assert_eq!(clone.status(), "");
        assert_eq!(clone.git(&["diff-index", "--cached", "HEAD"]), "");
        assert_eq!(clone.git(&["write-tree"]), clone.git(&["rev-parse", "HEAD^{tree}"]));
        assert_eq!(clone.path(path).exists(), new.is_some());
    }
    assert!(!clone.path("m/versions").exists() && clone.path("m/stages").exists());
    assert_eq!(clone.read("lines"), "a\r\nb\r\n");
}

#[test]
fn old_files_of_a_model_go_before_new_ones_come() {
    let id = blob_id(V1);
    let new = |path| Touched { path, old: None, new: Some((id, V1.as_bytes())) };
    let old = |path| Touched { path, old: Some(id), new: None };
    // As a rename that only changes case sorts them.
    let touched = [new("models/Iris/a"), new("models/Iris/b"), old("models/iris/a"), old("models/iris/b")];
    let paths: Vec<&str> = removed_first(&touched).map(|touched| touched.path).collect();
    assert_eq!(paths, ["models/iris/a", "models/iris/b", "models/Iris/a", "models/Iris/b"]);
}

#[test]
fn the_first_commit_of_a_repository_is_checked_out() {
    let clone = Clone::empty();
    assert!(commit(&clone, "registry.toml", None, Some(V1)).left.is_empty());
    assert_eq!((clone.status().as_str(), clone.read("registry.toml").as_str()), ("", V1));
}

#[test]
fn the_stat_data_are_those_of_the_file() {
    let clone = stage();
    commit(&clone, POINTER, Some(V1), Some(V2));
    let file = fs::metadata(clone.path(POINTER)).unwrap();
    let debug = clone.git(&["ls-files", "--debug", POINTER]);
    for line in [
        format!("ctime: {}:{}", file.ctime(), file.ctime_nsec()),
        format!("mtime: {}:{}", file.mtime(), file.mtime_nsec()),
        format!("ino: {}", file.ino() as u32),
        format!("size: {}", V2.len()),
    ] {
        assert!(debug.contains(&line), "{line} is not in {debug}");
    }
    assert_eq!(clone.git(&["diff-files"]), "");
}

#[test]
fn an_edited_file_stays_and_shows_as_edited_and_not_staged() {
    let clone = stage();
    clone.write(POINTER, "mine\n");
    let synced = commit(&clone, POINTER, Some(V1), Some(V2));
    assert!(matches!(why(&synced), Reason::EditedInWorkTree));
    assert_eq!((clone.status(), clone.read(POINTER)), (format!(" M {POINTER}\n"), "mine\n".into()));
    assert!(synced.left[0].hint().unwrap().contains("git diff"));
}

#[test]
fn an_edit_of_the_same_size_and_time_is_seen() {
    let clone = stage();
    let time = fs::metadata(clone.path(POINTER)).unwrap().modified().unwrap();
    clone.write(POINTER, "version = 9\n");
    fs::File::open(clone.path(POINTER)).unwrap().set_modified(time).unwrap();
    let synced = commit(&clone, POINTER, Some(V1), Some(V2));
    assert!(matches!(why(&synced), Reason::EditedInWorkTree));
    assert_eq!(clone.read(POINTER), "version = 9\n");
}

#[test]
fn an_edited_file_that_the_commit_removes_becomes_untracked() {
    let clone = stage();
    clone.write(POINTER, "mine\n");
    let synced = commit(&clone, POINTER, Some(V1), None);
    assert!(matches!(why(&synced), Reason::EditedInWorkTree) && synced.left[0].removed);
    assert_eq!(clone.status(), format!("?? {POINTER}\n"));
}

#[test]
fn a_deleted_file_stays_deleted() {
    let clone = stage();
    fs::remove_file(clone.path(POINTER)).unwrap();
    assert!(matches!(why(&commit(&clone, POINTER, Some(V1), Some(V2))), Reason::DeletedInWorkTree));
    assert_eq!(clone.status(), format!(" D {POINTER}\n"));
    assert!(commit(&clone, POINTER, Some(V2), None).left.is_empty());
    assert_eq!(clone.status(), "");
}

#[test]
fn a_staged_change_stays_and_so_does_its_file() {
    let clone = stage();
    clone.write(POINTER, "staged\n");
    clone.git(&["add", POINTER]);
    clone.write(POINTER, V1);
    assert!(matches!(why(&commit(&clone, POINTER, Some(V1), Some(V2))), Reason::Staged));
    assert_eq!((clone.status(), clone.read(POINTER)), (format!("MM {POINTER}\n"), V1.into()));
    assert_eq!(clone.git(&["show", &format!(":{POINTER}")]), "staged\n");
}

#[test]
fn staged_removals_additions_modes_and_announcements_stay() {
    let clone = stage();
    clone.git(&["rm", "-q", "--cached", POINTER]);
    clone.write("new", "mine");
    clone.git(&["add", "new"]);
    clone.write("announced", V1);
    clone.git(&["add", "-N", "announced"]);
    clone.git(&["update-index", "--chmod=+x", "m/model.toml"]);
    let before = clone.git(&["ls-files", "-s"]);
    for (path, old) in
        [(POINTER, Some(V1)), ("new", None), ("announced", None), ("m/model.toml", Some("name = \"m\"\n"))]
    {
        assert!(matches!(why(&commit(&clone, path, old, Some(V2))), Reason::Staged), "{path}");
    }
    assert_eq!(clone.git(&["ls-files", "-s"]), before);
    assert_eq!(clone.read("new"), "mine");
}

#[test]
fn what_the_user_has_made_the_same_already_is_taken_as_it_is() {
    let clone = stage();
    clone.write(POINTER, V2);
    clone.write("staged", V2);
    clone.git(&["add", "staged"]);
    clone.write("loose", V2);
    for (path, old) in [(POINTER, Some(V1)), ("staged", None), ("loose", None)] {
        assert!(commit(&clone, path, old, Some(V2)).left.is_empty(), "{path}");
    }
    assert_eq!(clone.status(), "");
}

#[test]
fn an_untracked_file_in_the_way_stays_and_is_not_a_staged_deletion() {
    let clone = stage();
    clone.write("loose", "mine");
    assert!(matches!(why(&commit(&clone, "loose", None, Some(V2))), Reason::Untracked));
    assert_eq!((clone.status().as_str(), clone.read("loose").as_str()), (" M loose\n", "mine"));
}

#[test]
fn a_merge_that_is_not_resolved_stays() {
    let clone = stage();
    let id = crate::store::test_clone::hex(&clone.blob("side"));
    let lines = format!("0 {} 0\t{POINTER}\n100644 {id} 2\t{POINTER}\n100644 {id} 3\t{POINTER}\n", "0".repeat(40));
    clone.git_with(".git/index", &["update-index", "--index-info"], lines.as_bytes());
    assert!(matches!(why(&commit(&clone, POINTER, Some(V1), Some(V2))), Reason::Conflict));
    assert_eq!((clone.status(), clone.read(POINTER)), (format!("AA {POINTER}\n"), V1.into()));
}

#[test]
fn a_planted_link_is_never_followed() {
    let outside = tempfile::tempdir_in(memory::temporary_folder()).unwrap();
    fs::create_dir(outside.path().join("stages")).unwrap();
    let victim = outside.path().join("stages/production.toml");
    for (planted, target) in
        [(POINTER, victim.clone()), ("m/stages", outside.path().join("stages")), ("m", outside.path().to_owned())]
    {
        for new in [Some(V2), None] {
            let clone = stage();
            fs::write(&victim, V1).unwrap();
            let place = clone.path(planted);
            fs::rename(&place, outside.path().join("aside")).unwrap();
            symlink(target.clone(), &place).unwrap();
            assert!(matches!(why(&commit(&clone, POINTER, Some(V1), new)), Reason::Symlink));
            assert_eq!(fs::read_to_string(&victim).unwrap(), V1);
            assert_eq!(fs::read_dir(outside.path().join("stages")).unwrap().count(), 1);
            assert!(fs::symlink_metadata(&place).unwrap().is_symlink());
            assert_eq!(clone.git(&["diff-index", "--cached", "HEAD"]), "");
            fs::remove_dir_all(outside.path().join("aside"))
                .or_else(|_| fs::remove_file(outside.path().join("aside")))
                .unwrap();
        }
    }
}

#[test]
fn a_link_planted_where_the_temporary_file_goes_is_removed_not_followed() {
    let clone = stage();
    clone.write("victim", "precious");
    let temporary = clone.path("m/stages/.production.toml.modelreg-tmp");
    symlink(clone.path("victim"), &temporary).unwrap();
    assert!(commit(&clone, POINTER, Some(V1), Some(V2)).left.is_empty());
    assert_eq!((clone.read("victim").as_str(), clone.read(POINTER).as_str()), ("precious", V2));
}

#[test]
fn what_a_killed_run_left_is_overwritten_and_its_work_finished() {
    let clone = stage();
    let torn = || clone.write("m/stages/.production.toml.modelreg-tmp", "torn");
    clone.commit_behind(&[(POINTER, Some(V2))]);
    // Killed before the rename, and again before the index was written.
    torn();
    clone.write(POINTER, V1);
    assert!(follow(&clone, POINTER, Some(V1), Some(V2)).left.is_empty());
    assert_eq!((clone.status().as_str(), clone.read(POINTER).as_str()), ("", V2));
    torn();
    clone.at_index(".git/index", None, |index| update(index, &[entry(POINTER, V1)])).unwrap();
    assert!(clone.status().starts_with(&format!("MM {POINTER}\n")));
    assert!(follow(&clone, POINTER, Some(V1), Some(V2)).left.is_empty());
    assert_eq!(clone.status(), "");
}

fn entry(path: &str, text: &str) -> IndexEdit {
    IndexEdit { path: path.into(), new: Some(NewEntry { id: blob_id(text), mode: MODE_FILE, stat: None }) }
}

#[test]
fn folders_and_files_in_the_way_stay() {
    let clone = stage();
    clone.write("versions", "a file");
    clone.write("file/inside", "in a folder");
    for path in ["versions/1.toml", "file"] {
        assert!(matches!(why(&commit(&clone, path, None, Some(V2))), Reason::Obstructed), "{path}");
    }
    assert_eq!((clone.read("versions").as_str(), clone.read("file/inside").as_str()), ("a file", "in a folder"));
    assert_eq!(clone.git(&["diff-index", "--cached", "HEAD"]), "");
}

#[test]
fn a_file_outside_of_the_sparse_checkout_is_not_written() {
    let clone = stage();
    clone.git(&["sparse-checkout", "set", "--no-cone", "/m/model.toml"]);
    assert!(!clone.path(POINTER).exists());
    let synced = commit(&clone, POINTER, Some(V1), Some(V2));
    assert!(matches!(why(&synced), Reason::SkipWorktree) && synced.left[0].hint().is_none());
    assert!(!clone.path(POINTER).exists());
    assert_eq!(clone.status(), "");
}

#[test]
fn a_split_index_follows_too() {
    let clone = stage();
    clone.git(&["update-index", "--split-index"]);
    assert!(commit(&clone, POINTER, Some(V1), Some(V2)).left.is_empty());
    assert!(commit(&clone, "m/versions/1.toml", None, Some(V2)).left.is_empty());
    assert_eq!(clone.status(), "");
}

#[test]
fn permissions_that_the_user_gave_a_file_stay() {
    let clone = stage();
    fs::set_permissions(clone.path(POINTER), Permissions::from_mode(0o755)).unwrap();
    assert!(commit(&clone, POINTER, Some(V1), Some(V2)).left.is_empty());
    assert_eq!(fs::metadata(clone.path(POINTER)).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(clone.git(&["diff", "--summary"]).trim(), format!("mode change 100644 => 100755 {POINTER}"));
}

#[test]
fn a_file_that_cannot_be_written_is_whole_and_one_command_fixes_it() {
    let clone = stage();
    let in_the_way = clone.path("m/stages/.production.toml.modelreg-tmp/x");
    fs::create_dir_all(&in_the_way).unwrap();
    clone.commit_behind(&[(POINTER, Some(V2))]);
    let touched = Touched { path: POINTER, old: Some(blob_id(V1)), new: Some((blob_id(V2), V2.as_bytes())) };
    let synced = clone.at_index(".git/index", None, |index| sync(index, &[touched])).unwrap();
    assert!(matches!(why(&synced), Reason::Failed(_)));
    assert_eq!((clone.read(POINTER).as_str(), clone.status()), (V1, format!(" M {POINTER}\n")));
    clone.git(&["restore", "--", POINTER]);
    assert_eq!((clone.read(POINTER).as_str(), clone.status().as_str()), (V2, ""));
}

#[test]
fn a_path_out_of_the_working_tree_is_refused_before_anything_happens() {
    let clone = stage();
    for path in ["../x", "/etc/passwd", ".git/hooks/x", ""] {
        let touched = Touched { path, old: None, new: Some((blob_id(V2), V2.as_bytes())) };
        let error = clone.at_index(".git/index", None, |index| sync(index, &[touched])).unwrap_err();
        assert!(matches!(error, IndexError::Path { .. }), "{path}");
    }
}

#[test]
fn a_pipe_in_the_way_does_not_hang() {
    let clone = stage();
    fs::remove_file(clone.path(POINTER)).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(clone.path(POINTER)).status().unwrap().success());
    assert!(matches!(why(&commit(&clone, POINTER, Some(V1), Some(V2))), Reason::Obstructed));
}

#[test]
fn an_index_that_was_changed_by_itself_is_judged_by_what_it_says() {
    let clone = stage();
    let edit = IndexEdit { path: POINTER.into(), new: None };
    clone.at_index(".git/index", None, |index| update(index, &[edit])).unwrap();
    assert_eq!(clone.status(), format!("D  {POINTER}\n?? {POINTER}\n"));
    assert!(matches!(why(&commit(&clone, POINTER, Some(V1), Some(V2))), Reason::Staged));
}
