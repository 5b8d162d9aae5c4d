//! Random edits by modelreg and by git, in turn on the same index. Both must give the same entries, the same tree
//! and the same status, and each must read the other's index.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::dice::Dice;
use super::{gone, put};
use crate::model::ObjectId;
use crate::store::index::{IndexEdit, IndexError};
use crate::store::test_clone::{Clone, hex, update};

/// The number of clones, and of turns in each clone.
const CLONES: usize = 8;
const TURNS: usize = 12;

/// The index in which git makes the same edits.
const COPY: &str = ".git/index.copy";

struct Game {
    clone: Clone,
    dice: Dice,
    blobs: Vec<ObjectId>,
    /// Files get different old times, so git never has to read a file because it has the same second as the index.
    clock: SystemTime,
    refused: usize,
}

impl Game {
    fn new(number: usize) -> Self {
        let clone = Clone::empty();
        let blobs = ["1", "22", "333"].map(|text| clone.blob(text)).to_vec();
        let seed = 0x2545_F491_4F6C_DD1D ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let clock = SystemTime::now() - Duration::from_secs(1_000_000);
        let mut game = Self { clone, dice: Dice(seed), blobs, clock, refused: 0 };
        (0..25).for_each(|_| game.add_a_file());
        game.clone.git(&["commit", "-q", "-m", "first"]);
        match number % 4 {
            0 => drop(game.clone.git(&["update-index", "--force-untracked-cache"])),
            1 => drop(game.clone.git(&["update-index", "--split-index"])),
            2 => drop(game.clone.git(&["config", "index.recordEndOfIndexEntries", "true"])),
            _ => {}
        }
        game
    }

    /// A path of the index.
    fn listed(&mut self) -> Option<String> {
        let listed = self.clone.git(&["ls-files"]);
        let listed: Vec<&str> = listed.lines().collect();
        (!listed.is_empty()).then(|| listed[self.dice.roll(listed.len())].to_owned())
    }

    fn write_a_file(&mut self, path: &str) -> bool {
        let file = self.clone.path(path);
        let made = file.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok());
        if !made || fs::write(&file, ["1", "22", "333", "edited"][self.dice.roll(4)]).is_err() {
            return false;
        }
        self.clock += Duration::from_secs(10);
        File::options().write(true).open(&file).unwrap().set_modified(self.clock).unwrap();
        true
    }

    fn add_a_file(&mut self) {
        let path = self.dice.path();
        if self.write_a_file(&path) {
            self.clone.git(&["add", "--", &path]);
        }
    }

    /// An action of a user.
    fn turn_of_the_user(&mut self) {
        let Some(path) = self.listed() else { return self.add_a_file() };
        let flag = ["--skip-worktree", "--assume-unchanged", "--no-skip-worktree", "--chmod=+x"][self.dice.roll(4)];
        match self.dice.roll(9) {
            0 => self.add_a_file(),
            1 => drop(self.write_a_file(&path)),
            2 => drop(self.clone.git(&["update-index", "--force-remove", "--", &path])),
            3 => drop(self.clone.git(&["update-index", flag, "--", &path])),
            4 => {
                let version = ["2", "3", "4"][self.dice.roll(3)];
                self.clone.git(&["update-index", "--index-version", version]);
            }
            5 => drop(self.clone.git(&["write-tree"])),
            6 => drop(self.clone.status()),
            7 => drop(self.clone.git(&["update-index", ["--split-index", "--no-split-index"][self.dice.roll(2)]])),
            _ => {
                let new = self.dice.path();
                if !self.clone.path(&new).exists() && self.write_a_file(&new) {
                    self.clone.git(&["add", "-N", "--", &new]);
                }
            }
        }
    }

    fn edits(&mut self) -> Vec<IndexEdit> {
        let mut edits = BTreeMap::new();
        for _ in 0..=self.dice.roll(5) {
            let (new, listed) = (self.dice.path(), self.listed());
            let id = self.blobs[self.dice.roll(3)];
            let edit = match (self.dice.roll(3), listed) {
                (1, Some(path)) => put(&path, id),
                (2, Some(path)) => gone(&path),
                _ => put(&new, id),
            };
            edits.insert(edit.path.clone(), edit);
        }
        edits.into_values().collect()
    }

    /// The same edits by git in a copy of the index, with the user's flags of the entries.
    fn by_git(&self, edits: &[IndexEdit]) {
        let said = self.clone.git_with(COPY, &["ls-files", "-v"], b"");
        let mut lines = String::new();
        for edit in edits {
            let (mode, id) = edit.new.map_or((0, [0; 20]), |new| (new.mode, new.id));
            lines.push_str(&format!("{mode:o} {} 0\t{}\0", hex(&id), String::from_utf8_lossy(&edit.path)));
        }
        self.clone.git_with(COPY, &["update-index", "-z", "--index-info"], lines.as_bytes());
        for edit in edits.iter().filter(|edit| edit.new.is_some()) {
            let path = String::from_utf8_lossy(&edit.path);
            let tag = said.lines().find_map(|line| line.strip_suffix(&*path)?.strip_suffix(' '));
            let flags = [
                ("--skip-worktree", tag.is_some_and(|tag| tag.eq_ignore_ascii_case("S"))),
                ("--assume-unchanged", tag.is_some_and(|tag| tag.bytes().all(|byte| byte.is_ascii_lowercase()))),
            ];
            for (flag, _) in flags.into_iter().filter(|(_, is_set)| *is_set) {
                self.clone.git_with(COPY, &["update-index", flag, "--", &path], b"");
            }
        }
    }

    fn turn_of_modelreg(&mut self) {
        let edits = self.edits();
        let before = fs::read(self.clone.index()).unwrap();
        fs::write(self.clone.path(COPY), &before).unwrap();
        let split_from = [None, Some(0)][self.dice.roll(2)];
        match self.clone.at_index(".git/index", split_from, |index| update(index, &edits)) {
            Err(IndexError::Clash { .. }) => {
                self.refused += 1;
                assert_eq!(fs::read(self.clone.index()).unwrap(), before);
                return;
            }
            other => other.unwrap(),
        }
        self.by_git(&edits);
        for question in [
            // With stat data and flags.
            &["ls-files", "--stage", "-v", "--debug"][..],
            &["write-tree"],
            &["status", "--porcelain=v2", "-uall"],
            &["ls-files", "--resolve-undo"],
        ] {
            let question = [&["--no-optional-locks"], question].concat();
            let ours = in_the_file(&self.clone.git(&question));
            assert_eq!(ours, in_the_file(&self.clone.git_with(COPY, &question, b"")), "{question:?} after {edits:?}");
        }
        self.clone.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
    }
}

/// The output of `git ls-files --debug` with the flags that are in the file: assumed valid, extended, announced and not
/// checked out. Git also shows flags that exist only in memory.
fn in_the_file(output: &str) -> String {
    let line = |line: &str| match line.split_once("\tflags: ") {
        Some((size, flags)) => format!("{size}\tflags: {:x}", u32::from_str_radix(flags, 16).unwrap() & 0x6000_C000),
        None => line.to_owned(),
    };
    output.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn random_edits_give_the_same_index_as_git() {
    let mut refused = 0;
    for number in 0..CLONES {
        let mut game = Game::new(number);
        for _ in 0..TURNS {
            for _ in 0..game.dice.roll(3) {
                game.turn_of_the_user();
            }
            game.turn_of_modelreg();
        }
        refused += game.refused;
    }
    assert!(refused < CLONES * TURNS * 2 / 3, "{refused} of {} turns were refused", CLONES * TURNS);
}
