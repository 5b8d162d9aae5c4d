use anyhow::Result;

use super::outcome;
use crate::cli::args::{WriteArgs, parsed};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::ops::{Target, restore};

/// Undo the deletion of a version or a model
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The model, or a version of it
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL[@VERSION]")]
    target: Target,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let done = restore(&context.writing(&args.write)?, &args.target)?;
    outcome::print_commit(done, args.write.commit.format, output)
}
