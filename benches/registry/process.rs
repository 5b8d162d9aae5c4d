//! The compared programs, each with the same minimal environment.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// A program with its arguments.
pub struct Program(pub Command);

impl Program {
    fn new(program: &str, dir: &Path) -> Self {
        let mut command = Command::new(program);
        command
            .arg("-C")
            .arg(dir)
            .env_clear()
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")])
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")])
            .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com")])
            .env("HOME", dir.join(".git"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        Self(command)
    }

    /// Runs the program and returns the time that it took. An exit status other than 0 is an error.
    pub fn run(mut self) -> Result<Duration> {
        let started = Instant::now();
        let status = self.0.status().with_context(|| format!("{:?}", self.0))?;
        let took = started.elapsed();
        if !status.success() {
            bail!("{:?}: {status}", self.0);
        }
        Ok(took)
    }

    /// Runs the program and returns its output.
    pub fn answer(mut self) -> Result<String> {
        let output =
            self.0.stdout(Stdio::piped()).stderr(Stdio::piped()).output().with_context(|| format!("{:?}", self.0))?;
        if !output.status.success() {
            let said: String = String::from_utf8_lossy(&output.stdout).chars().take(2_000).collect();
            bail!("{:?}: {}\n{said}{}", self.0, output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The maximum memory of the program, in bytes.
    ///
    /// The system keeps one maximum for all children of a process, so a separate process starts the program.
    pub fn peak(self) -> Result<u64> {
        let mut ask = Command::new(std::env::current_exe()?);
        ask.env_clear().envs(self.0.get_envs().filter_map(|(key, value)| Some((key, value?))));
        ask.arg(PEAK).arg(self.0.get_program()).args(self.0.get_args());
        Ok(Self(ask).answer()?.trim().parse()?)
    }
}

/// The first argument of a process that measures the memory of another program.
pub const PEAK: &str = "--peak-of";

/// Runs the program in the arguments, and prints the program's maximum memory in bytes.
pub fn print_peak(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    use nix::sys::resource::{UsageWho, getrusage};
    let mut command = Command::new(arguments.next().context("no program")?);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    Program(command).run()?;
    let kib = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    println!("{}", u64::try_from(kib)? * 1024);
    Ok(())
}

/// The program `git`, without the configuration of a user or of the system.
pub fn git(dir: &Path, arguments: &[&str]) -> Program {
    let mut program = Program::new("git", dir);
    program.0.args(["-c", "core.fsync=all", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]).args(arguments);
    program
}

/// The program `modelreg`.
pub fn modelreg(dir: &Path, arguments: &[&str]) -> Program {
    let mut program = Program::new(env!("CARGO_BIN_EXE_modelreg"), dir);
    program.0.args(arguments);
    program
}

/// The lower bound for reading a whole registry, as a process.
pub fn floor(dir: &Path) -> Result<Program> {
    let own = std::env::current_exe()?;
    let mut program = Program::new(&own.to_string_lossy(), dir);
    program.0.arg(crate::floor::FLOOR);
    Ok(program)
}
