//! One run of a program: its input, its outcome, and its line in the log.

use std::ffi::OsStr;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::error::ProgramError;
use super::{environment, limit, shown};
use crate::store::trace::PROGRAM;

/// The standard input of a program.
enum Input {
    Nothing,
    /// The user's terminal.
    User,
    Bytes(Vec<u8>),
}

/// A program that is about to run.
pub(in crate::store) struct Call {
    pub(super) command: Command,
    /// The call's name in errors, such as `git push`.
    pub(super) name: String,
    input: Input,
}

/// A program that has run.
#[derive(Debug)]
pub(in crate::store) struct Finished {
    name: String,
    pub(in crate::store) status: ExitStatus,
    pub(in crate::store) stdout: Vec<u8>,
    pub(in crate::store) stderr: Vec<u8>,
}

impl Call {
    /// A call of a program, with the call's name in errors.
    pub(in crate::store) fn new(program: impl AsRef<OsStr>, name: impl Into<String>) -> Self {
        let mut command = Command::new(program);
        environment::apply(&mut command);
        Self { command, name: name.into(), input: Input::Nothing }
    }

    /// Adds an argument.
    pub(in crate::store) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    pub(in crate::store) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of the environment.
    pub(in crate::store) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs the program in a folder.
    pub(in crate::store) fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets the standard input.
    pub(in crate::store) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Bytes(bytes.into());
        self
    }

    /// Lets the program read from the user's terminal, such as a password.
    pub(in crate::store) fn interactive(mut self) -> Self {
        self.input = Input::User;
        self
    }

    /// Runs the program to its end.
    ///
    /// # Errors
    /// [`ProgramError::NotInstalled`], or [`ProgramError::Failed`] if the system could not run the program. The program's own
    /// failure is not an error here: see [`Finished::success`].
    pub(in crate::store) fn run(mut self) -> Result<Finished, ProgramError> {
        let line = shown::line(&self.command);
        let started = Instant::now();
        let finished = self.run_unlogged();
        log(&line, started.elapsed(), finished.as_ref().map(|finished| finished.status));
        finished
    }

    fn run_unlogged(&mut self) -> Result<Finished, ProgramError> {
        let stdin = match &self.input {
            Input::Nothing => Stdio::null(),
            Input::User => Stdio::inherit(),
            Input::Bytes(_) => Stdio::piped(),
        };
        let spawned = self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| self.cannot(error))?;
        // The pipe is closed after writing, so that the program sees the end of its input.
        let sent = match (&self.input, child.stdin.take()) {
            (Input::Bytes(bytes), Some(mut pipe)) => pipe.write_all(bytes),
            _ => Ok(()),
        };
        let output = child.wait_with_output().map_err(|error| self.cannot(error))?;
        match sent {
            // A program that ends before it has read its input reports the reason itself.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(self.cannot(error)),
            _ => {}
        }
        let name = self.name.clone();
        Ok(Finished { name, status: output.status, stdout: output.stdout, stderr: output.stderr })
    }

    /// Runs the program, and ends the program and its child processes at the time limit. Standard output is discarded.
    ///
    /// # Errors
    /// As [`Self::run`], and [`ProgramError::Failed`] at the time limit.
    pub(in crate::store) fn run_within(mut self, limit: Duration) -> Result<Finished, ProgramError> {
        let line = shown::line(&self.command);
        let started = Instant::now();
        let finished = limit::run(&mut self.command, limit);
        log(&line, started.elapsed(), finished.as_ref().map(|finished| finished.as_ref().map(|(status, _)| *status)));
        match finished.map_err(|error| self.cannot(error))? {
            Some((status, stderr)) => Ok(Finished { name: self.name, status, stdout: Vec::new(), stderr }),
            None => Err(self.failed(format!("no answer within {} seconds", limit.as_secs()))),
        }
    }

    fn failed(&self, message: String) -> ProgramError {
        ProgramError::Failed { call: self.name.clone(), message }
    }

    fn cannot(&self, error: std::io::Error) -> ProgramError {
        match error.kind() {
            ErrorKind::NotFound => {
                ProgramError::NotInstalled { program: self.command.get_program().to_string_lossy().into_owned() }
            }
            _ => self.failed(error.to_string()),
        }
    }
}

impl Finished {
    /// Returns an error with the program's standard error, unless the program succeeded.
    pub(in crate::store) fn success(self) -> Result<Self, ProgramError> {
        if self.status.success() { Ok(self) } else { Err(self.failed()) }
    }

    /// The error of a program that failed.
    pub(in crate::store) fn failed(&self) -> ProgramError {
        let message = String::from_utf8_lossy(&self.stderr).trim().to_owned();
        ProgramError::Failed { call: self.name.clone(), message }
    }

    /// The standard output as text, without white space at the ends.
    pub(in crate::store) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim().to_owned()
    }
}

fn log<E: std::fmt::Display>(line: &Option<String>, took: Duration, status: Result<impl Into<Option<ExitStatus>>, E>) {
    let Some(line) = line else { return };
    let ms = took.as_secs_f64() * 1000.0;
    let ended = match status.map(Into::into) {
        Ok(Some(status)) => status.to_string(),
        Ok(None) => "ended at the time limit".into(),
        Err(error) => format!("not run: {error}"),
    };
    tracing::debug!(target: PROGRAM, "{line} [{ended}] {ms:.1} ms");
}
