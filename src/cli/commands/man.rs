use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::cli::Status;
use crate::cli::output::Output;

/// Write the man pages
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The folder for the man pages
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Status> {
    let shown = args.folder.display();
    std::fs::create_dir_all(&args.folder).with_context(|| format!("creating `{shown}`"))?;
    clap_mangen::generate_to(crate::cli::definition(), &args.folder)
        .with_context(|| format!("writing into `{shown}`"))?;
    output.line(format!("the man pages are in {shown}; read them with `man -l {shown}/modelreg.1`"));
    Ok(Status::Done)
}
