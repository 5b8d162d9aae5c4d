use anyhow::Result;

use super::outcome;
use crate::cli::args::{WriteArgs, parsed};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::ModelName;
use crate::ops::rename;

/// Rename a model; the old name still resolves
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The current name
    #[arg(value_parser = parsed::<ModelName>)]
    model: ModelName,
    /// The new name
    #[arg(value_parser = parsed::<ModelName>)]
    name: ModelName,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let done = rename(&context.writing(&args.write)?, &args.model, &args.name)?;
    outcome::print_commit(done, args.write.commit.format, output)
}
