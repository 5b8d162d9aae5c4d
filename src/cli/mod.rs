//! The command line: one command, one file, each an `Args` struct whose comments are its help and a function that does
//! it.

mod args;
mod commands;
mod error;
mod log;
mod output;
mod progress;
mod table;

use std::cell::Cell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory as _, Parser};

use crate::diag::sanitize::for_log;
use crate::model::Invalid;
use crate::ops::{Environment, Session};
use args::{CommitArgs, WriteArgs};
use commands::Command;
use output::Output;

/// A model registry that is a git repository.
///
/// Each model is a folder of TOML files; every change is a commit; a rollback is a commit that moves the production
/// pointer to the prior version.
#[derive(Debug, Parser)]
#[command(name = "modelreg", version, max_term_width = 100, infer_subcommands = false)]
struct Cli {
    /// Look for the registry from this folder upward, instead of from the current one
    #[arg(short = 'C', long = "dir", global = true, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

/// The context of every command.
struct Context {
    dir: PathBuf,
    /// The merge or rebase that git has stopped in the registry that a query reads.
    stopped: Cell<Option<&'static str>>,
}

impl Context {
    fn environment(&self) -> Result<Environment, Invalid> {
        Environment::from_process()
    }

    /// Opens the registry for a query.
    fn reading(&self, revision: Option<&String>) -> Result<Session> {
        let session = Session::open(&self.dir, self.environment()?)?.at_revision(revision.cloned());
        self.stopped.set(session.stopped());
        Ok(session)
    }

    /// Opens the registry for a change.
    fn writing(&self, args: &WriteArgs) -> Result<Session> {
        Ok(self.reviewing(&args.commit)?.on_branch(args.branch.clone()))
    }

    /// Opens the registry to join a branch with its remote.
    fn joining(&self, branch: Option<&String>) -> Result<Session> {
        Ok(Session::open(&self.dir, self.environment()?)?.on_branch(branch.cloned()))
    }

    /// Opens the registry for a change of a request, which knows its branch.
    fn reviewing(&self, args: &CommitArgs) -> Result<Session> {
        Session::open(&self.dir, self.environment()?)?.pushing(args.push.choice())
    }
}

/// The result of a command that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Success.
    Done,
    /// Success, with findings.
    Findings,
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    run(std::env::args_os())
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are not errors, and go to standard output.
            let code = if error.use_stderr() { error::USAGE } else { 0 };
            // The message repeats arguments, which a script may have received from others.
            let plain = error.render().to_string();
            let safe = for_log(&plain);
            if error.use_stderr() && safe != plain {
                Output::new().note(safe.trim_end());
            } else {
                let _ = error.print();
            }
            return ExitCode::from(code);
        }
    };
    let context = Context { dir: cli.dir, stopped: Cell::new(None) };
    let mut output = Output::new();
    if let Err(error) = log::start(Environment::log_setting().as_deref()) {
        return ExitCode::from(error::report(&error.into(), &mut output));
    }
    output.folder(&context.dir);
    let ran = cli.command.run(&context, &mut output);
    if let Some(what) = context.stopped.get() {
        let text =
            format!("a {what} is in progress, so this may be a state between two commits of the registry's branch");
        output.warn(&text, Some("`modelreg sync` joins both sides"));
    }
    match ran {
        Ok(status) => ExitCode::from(output.finish(status)),
        Err(error) => ExitCode::from(error::report(&error, &mut output)),
    }
}

/// clap's definition of the command line, for completions and man pages.
fn definition() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::definition().debug_assert();
    }
}
