//! A separate environment for each test: a folder, a home, an identity and a clock. Nothing of the caller's environment is used.

#![allow(dead_code, reason = "each test binary takes what it needs of this")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends here")]

mod memory;
mod template;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The time of every command, unless a test sets another.
pub const NOW: &str = "2026-01-02T03:04:05.000Z";

/// The maximum time that a test waits for something.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until a condition holds.
#[track_caller]
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "in {} seconds it did not come to this: {what}", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A folder with a home in it, for the program and for git.
pub struct TestEnvironment {
    _folder: tempfile::TempDir,
    root: PathBuf,
    now: String,
}

impl TestEnvironment {
    /// An environment with an empty home.
    pub fn new() -> Self {
        let env = Self::bare();
        let identity = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n";
        // After each commit, fetch and push git would start two processes that find nothing to do in so small a registry.
        let no_maintenance = "[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n";
        fs::create_dir(env.path("home")).unwrap();
        env.write("home/.gitconfig", &format!("{identity}{no_maintenance}"));
        env
    }

    /// An environment without any file.
    fn bare() -> Self {
        let folder = tempfile::Builder::new().prefix("registry").tempdir_in(memory::temporary_folder()).unwrap();
        let root = folder.path().canonicalize().unwrap();
        Self { _folder: folder, root, now: NOW.into() }
    }

    /// An environment that `make` has prepared. It is made once in each run of the tests, and then copied.
    pub fn prepared(name: &str, make: impl FnOnce(&Self)) -> Self {
        let template = template::Template::get(name, || {
            let env = Self::new();
            make(&env);
            env
        });
        let env = Self::bare();
        template.unpack(&env);
        env
    }

    /// An environment with a new registry in `reg`.
    pub fn with_registry() -> Self {
        Self::prepared("registry", |env| env.succeed(".", &["init", "reg", "--name", "acme"]))
    }

    /// An environment with a registry in `reg`, whose model `iris` has versions 1 and 2.
    pub fn with_model() -> Self {
        Self::prepared("model", |env| {
            env.succeed(".", &["init", "reg", "--name", "acme"]);
            env.register("iris", 1);
            env.register("iris", 2);
        })
    }

    /// Registers a version in `reg`.
    pub fn register(&self, model: &str, version: u64) {
        self.succeed("reg", &["register", model, "--artifact", &format!("s3://models/{model}/{version}")]);
    }

    /// Sets the clock.
    pub fn set_clock(&mut self, now: &str) {
        self.now = now.into();
    }

    /// A path in the folder.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// Reads a file.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap();
    }

    /// Sets the user's own git configuration.
    pub fn set_global_config(&self, key: &str, value: &str) {
        self.git(".", &["config", "--global", key, value]);
    }

    /// A command with only the variables of this environment.
    pub fn program(&self, dir: impl AsRef<Path>, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.path(dir)).stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path("home")).env("XDG_CONFIG_HOME", self.path("home/.config"));
        command.env("GIT_CONFIG_GLOBAL", self.path("home/.gitconfig")).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("LC_ALL", "C").env("TZ", "UTC").env("MODELREG_NOW", &self.now);
        command
    }

    /// The program under test.
    pub fn modelreg(&self, dir: impl AsRef<Path>, args: &[&str]) -> Command {
        let mut command = self.program(dir, env!("CARGO_BIN_EXE_modelreg"));
        command.args(args);
        command
    }

    /// Runs the program, which must succeed.
    pub fn succeed(&self, dir: impl AsRef<Path>, args: &[&str]) {
        let output = self.modelreg(dir, args).output().unwrap();
        assert!(output.status.success(), "{}", self.shown(args, &output));
    }

    /// Runs the program. Returns the command line, the output and the exit status, as a text.
    pub fn run(&self, dir: impl AsRef<Path>, args: &[&str]) -> String {
        let output = self.modelreg(dir, args).output().unwrap();
        self.shown(args, &output)
    }

    /// Runs commands one after another in `reg`. Returns the output of all.
    pub fn story(&self, commands: &[&[&str]]) -> String {
        commands.iter().map(|args| self.run("reg", args)).collect::<Vec<_>>().join("\n")
    }

    /// The command line, the output and the exit status, as a text.
    pub fn shown(&self, args: &[&str], output: &Output) -> String {
        let quoted = |arg: &&str| match arg.contains(|c: char| c.is_whitespace() || c.is_control()) || arg.is_empty() {
            true => format!("'{}'", arg.escape_debug()),
            false => (*arg).to_owned(),
        };
        let args: Vec<String> = args.iter().map(quoted).collect();
        let mut shown = format!("$ modelreg {}\n", args.join(" "));
        for (name, bytes) in [("", &output.stdout), ("--- stderr\n", &output.stderr)] {
            if !bytes.is_empty() {
                shown.push_str(name);
                shown.push_str(&String::from_utf8_lossy(bytes));
            }
        }
        let code = output.status.code().map_or("killed".into(), |code| code.to_string());
        self.steady(&format!("{shown}--- status {code}\n"))
    }

    /// The text with placeholders for everything that differs from run to run.
    pub fn steady(&self, text: &str) -> String {
        let text = text.replace(&self.root.display().to_string(), "$TMP");
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let mut steady = String::new();
        let mut rest = text.as_str();
        while let Some(start) = rest.find(is_word) {
            let word = &rest[start..];
            let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
            steady.push_str(&rest[..start]);
            let hex = word[..end].bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            steady.push_str(if hex && matches!(end, 10 | 40) { "$COMMIT" } else { &word[..end] });
            rest = &word[end..];
        }
        steady + rest
    }

    /// Runs git, which must succeed. Returns the output without the last newline.
    pub fn git(&self, dir: impl AsRef<Path>, args: &[&str]) -> String {
        let output = self.program(dir, "git").args(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Runs git with the program under test on the PATH of its hooks. Returns standard error and the exit status.
    pub fn git_with_hooks(&self, dir: impl AsRef<Path>, args: &[&str]) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_modelreg")).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(program).chain(std::env::split_paths(&path))).unwrap();
        let output = self.program(dir, "git").args(args).env("PATH", path).output().unwrap();
        let code = output.status.code().map_or("killed".into(), |code| code.to_string());
        // Git pads the lines of the remote to the width of a terminal.
        let said: Vec<&str> = std::str::from_utf8(&output.stderr).unwrap().lines().map(str::trim_end).collect();
        self.steady(&format!("$ git {}\n{}\n--- status {code}\n", args.join(" "), said.join("\n")))
    }

    /// The message of the last commit of `reg`.
    pub fn message(&self) -> String {
        self.git("reg", &["log", "-1", "--format=%B"])
    }

    /// The tip of a branch of a repository.
    pub fn tip(&self, dir: &str, branch: &str) -> String {
        self.git(dir, &["rev-parse", "--verify", &format!("refs/heads/{branch}")])
    }

    /// The versions of a model on a branch, in their order.
    pub fn versions(&self, dir: &str, branch: &str, model: &str) -> Vec<u64> {
        let tree = format!("{branch}:models/{model}/versions");
        let listed = self.git(dir, &["ls-tree", "--name-only", &tree]);
        let mut versions: Vec<u64> =
            listed.lines().map(|name| name.strip_suffix(".toml").unwrap().parse().unwrap()).collect();
        versions.sort_unstable();
        versions
    }

    /// Asserts that git finds no error, and no change in the working tree.
    pub fn assert_clean(&self, dir: &str) {
        self.assert_sound(dir);
        assert_eq!(self.git(dir, &["status", "--porcelain"]), "", "index and working tree follow the branch");
        assert_eq!(self.left_over(dir), Vec::<String>::new(), "no temporary or lock file is left");
    }

    /// Asserts that git finds no error in the objects and refs.
    pub fn assert_sound(&self, dir: &str) {
        self.git(dir, &["fsck", "--strict", "--full", "--no-dangling"]);
    }

    /// Temporary and lock files below a folder.
    pub fn left_over(&self, dir: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.path(dir)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let name = entry.file_name().to_string_lossy().into_owned();
                let temporary = name.ends_with(".lock") || name.contains("modelreg") && name.contains("tmp");
                if temporary || name.starts_with("tmp_") || name == "modelreg.pending" {
                    found.push(self.steady(&entry.path().display().to_string()));
                }
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        found.sort();
        found
    }
}
