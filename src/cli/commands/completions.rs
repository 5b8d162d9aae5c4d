use anyhow::Result;
use clap_complete::Shell;

use crate::cli::Status;
use crate::cli::output::Output;

/// Print a shell's completions
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::cli::definition(), "modelreg", &mut script);
    output.text(&String::from_utf8(script)?);
    Ok(Status::Done)
}
