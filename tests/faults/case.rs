//! One case: a command that meets a fault, and what must hold afterwards.
//!
//! The letters and numbers in the messages are the invariants: I1 before or after, I2 exit status, I4 contiguous versions,
//! I6 none lost or doubled, I7 files agree, I8 nothing left.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, SystemTime};

use crate::commands::Commands;
use crate::common::TestEnvironment;
use crate::injection::{CALLS, Fault, count};

/// The time of what is run after the fault, and how much later that is.
const LATER: (&str, Duration) = ("2026-01-02T04:00:00.000Z", Duration::from_secs(3_355));

/// The folder of a case.
const CASE: &str = "case";

/// The remote of a case that pushes.
const HUB: &str = "hub.git";

/// Runs the cases of a command and a kind of fault. `pick` says which calls of a name fail, of so many that the command
/// makes.
pub fn sweep(commands: &Commands, fault: Fault, pick: impl Fn(&str, usize) -> Vec<usize>) {
    let sweep = Sweep { env: commands.prepare(), commands, fault };
    sweep.afresh();
    let counts = count(&sweep.env, CASE, commands);
    let (mut cases, mut met, mut wrong) = (0, 0, Vec::new());
    for call in CALLS {
        for nth in counts.get(call).map_or(Vec::new(), |count| pick(call, *count)) {
            cases += 1;
            if let Some(found) = sweep.case(call, nth) {
                met += 1;
                wrong.extend(found);
            }
        }
    }
    // What a thread does and what another one is not the same in every run.
    assert!(met > 0 && met * 10 >= cases * 9, "only {met} faults of {cases} were met");
    assert!(wrong.is_empty(), "{} of {met} cases:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

struct Sweep<'a> {
    env: TestEnvironment,
    commands: &'a Commands,
    fault: Fault,
}

impl Sweep<'_> {
    /// Makes the copy of the registry that a case runs in.
    fn afresh(&self) {
        let _ = fs::remove_dir_all(self.env.path(CASE));
        copy(&self.env.path("reg"), &self.env.path(CASE));
        if self.commands.pushes {
            let _ = fs::remove_dir_all(self.env.path(HUB));
            copy(&self.env.path("before.git"), &self.env.path(HUB));
        }
    }

    /// Runs one case. None where the fault was not met; else what was wrong, if anything.
    fn case(&self, call: &str, nth: usize) -> Option<Option<String>> {
        let (env, command) = (&self.env, self.commands.command);
        self.afresh();
        let before = self.tip();
        let (output, met) = self.fault.inject(env, CASE, (call, nth), self.commands);
        if !met {
            assert!(output.status.success(), "{}", env.shown(command, &output));
            return None;
        }
        let mut shown = env.shown(command, &output);
        let found = self.judge(&before, &output, call, &mut shown).err();
        Some(found.map(|what| format!("{what}\n{call} number {nth}, {:?}:\n{shown}", self.fault)))
    }

    fn judge(&self, before: &str, output: &Output, call: &str, shown: &mut String) -> Result<(), String> {
        let env = &self.env;
        let Commands { command, next, .. } = *self.commands;
        let killed = self.fault == Fault::Kill;
        self.sound()?;
        let tip = self.tip();
        let moved = tip != before;
        ensure(!moved || self.parent(&tip) == before, "I1: the branch is neither at before nor after")?;
        ensure(!shown.contains("panicked"), "it panicked")?;
        if !killed {
            ensure(output.status.code().is_some(), "it crashed")?;
            let tells = output.status.success() == moved || is_unknown(shown);
            ensure(tells, "I2: the exit status does not tell whether the commit is there")?;
            // What is to be removed and cannot be stays; and the note of what must still follow a commit stays for it.
            let left = env.left_over(CASE);
            let has_work = moved && shown.contains("warning:") || is_unknown(shown);
            let note = |path: &String| has_work && path.ends_with("/modelreg.pending");
            let left: Vec<&String> = left.iter().filter(|path| !note(path)).collect();
            ensure(left.is_empty() || call.starts_with("unlink"), &format!("I8: left behind: {left:?}"))?;
        }
        let count = |since: &str| -> u64 {
            let range = format!("{since}..{}", self.tip());
            env.git(self.there(), &["rev-list", "--first-parent", "--count", &range]).parse().unwrap()
        };
        // Where this clone does not show what was pushed, the same command is a repetition too.
        let killed = killed || is_unknown(shown) || shown.contains("of this clone could not be updated");
        if killed {
            // Whoever was not told asks the same again, whether it had landed or not.
            self.again(command, shown)?;
            ensure(count(before) == 1, "I6: a killed command was lost or done twice by its retry")?;
            ensure(shown.contains("this run added nothing") == moved, "the retry does not tell whether it had landed")?;
        }
        let after = self.tip();
        self.again(if moved || killed { next } else { command }, shown)?;
        ensure(count(&after) == 1, "I6: the next command was lost or done twice")?;
        self.sound()?;
        let versions = env.versions(self.there(), "main", "iris");
        let last = versions.len() as u64;
        ensure(versions == (1..=last).collect::<Vec<_>>(), &format!("I4: the versions are {versions:?}"))?;
        let commits = count(before);
        ensure(commits == 1 + u64::from(moved || killed), "I6: a command was lost or done twice")?;
        let registered = if command[0] == "register" { commits } else { 0 };
        ensure(last == 2 + registered, "I6: a version was lost or doubled")?;
        if ["land", "reject"].contains(&command[0]) {
            let open = env.git(CASE, &["branch", "--list", "requests/*"]);
            ensure(open.is_empty(), &format!("I8: a request that is done with is left: {open}"))?;
        }
        ensure(self.env.tip(CASE, self.commands.branch) == self.tip(), "I7: this clone is not where the remote is")?;
        let status = env.git(CASE, &["status", "--porcelain"]);
        ensure(status.is_empty(), &format!("I7: the files do not follow the branch:\n{status}"))?;
        // Git itself collects temporary objects that a killed process has left.
        let objects = |path: &String| {
            // And so a lock that could not be unlinked; `doctor` finds it.
            (killed && path.contains("/objects/"))
                || call.starts_with("unlink") && (path.contains("/objects/") || path.contains("/refs/heads/requests/"))
        };
        let left = env.left_over(CASE);
        let left: Vec<&String> = left.iter().filter(|path| !objects(path)).collect();
        ensure(left.is_empty(), &format!("I8: left behind after the next run: {left:?}"))
    }

    /// Runs a command without a fault, later; where it prints a lock to remove, that is done first.
    fn again(&self, args: &[&str], shown: &mut String) -> Result<(), String> {
        let env = &self.env;
        self.age_locks();
        for _ in 0..3 {
            let output = env.modelreg(CASE, args).env("MODELREG_NOW", LATER.0).output().unwrap();
            let said = env.shown(args, &output);
            shown.push_str(&said);
            let raw = String::from_utf8_lossy(&output.stderr).into_owned();
            match (locks_to_remove(&raw), output.status.success()) {
                (None, true) => return Ok(()),
                (None, false) => return Err("I8: the next run neither recovers nor prints the hint".into()),
                (Some(lock), done) => {
                    fs::remove_file(&lock).map_err(|error| format!("I8: the hint does not work: {error}"))?;
                    if done {
                        // Done but for the files, which the run after it brings up to date.
                        let _ = env.modelreg(CASE, &["tag", "iris", "--remove", "nothing"]).output();
                        return Ok(());
                    }
                }
            }
        }
        Err("I8: the hint does not help".into())
    }

    /// The next run is later, also by the times of the locks that were left.
    fn age_locks(&self) {
        for path in self.env.left_over(CASE).iter().filter(|path| path.ends_with(".lock")) {
            let path = path.replacen("$TMP", &self.env.path("").display().to_string(), 1);
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(SystemTime::now() - LATER.1).unwrap();
        }
    }

    fn sound(&self) -> Result<(), String> {
        let output =
            self.env.program(CASE, "git").args(["fsck", "--strict", "--full", "--no-dangling"]).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        ensure(output.status.success(), &format!("I1: git fsck: {said}"))
    }

    /// The repository whose branch counts: the remote's, if the command pushes.
    fn there(&self) -> &'static str {
        if self.commands.pushes { HUB } else { CASE }
    }

    /// The tip of the branch that the command moves: that of `main`, where a request has no branch yet.
    fn tip(&self) -> String {
        let branch = self.commands.branch;
        let exists = !self.env.git(self.there(), &["branch", "--list", branch]).is_empty();
        self.env.tip(self.there(), if exists { branch } else { "main" })
    }

    fn parent(&self, tip: &str) -> String {
        self.env.git(self.there(), &["rev-parse", &format!("{tip}^")])
    }
}

/// Whether the command says that it does not know whether the remote has the commit.
fn is_unknown(shown: &str) -> bool {
    shown.contains("could not be asked whether it has the commit")
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// The lock that a message says to remove.
fn locks_to_remove(stderr: &str) -> Option<PathBuf> {
    let path = stderr.split_once("rm '").and_then(|(_, rest)| rest.split_once('\''));
    let path = path.or_else(|| stderr.split_once("remove `").and_then(|(_, rest)| rest.split_once('`')));
    path.map(|(path, _)| PathBuf::from(path)).filter(|path| path.extension().is_some_and(|end| end == "lock"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
