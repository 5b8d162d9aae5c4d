use anyhow::Result;

use super::told;
use crate::cli::args::{WriteArgs, parsed};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::ModelName;
use crate::ops::archive;

/// Bring an archived version back into sight
///
/// Its stage is None then, until it is promoted.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The registered model's name
    #[arg(value_parser = parsed::<ModelName>)]
    model: ModelName,
    /// The version's number
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    version: u64,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let done = archive(&context.writing(args.write.branch.as_ref())?, &args.model, args.version, false)?;
    told::committed(done, output);
    Ok(Status::Done)
}
