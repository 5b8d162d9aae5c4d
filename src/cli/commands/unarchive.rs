use anyhow::Result;

use super::archive;
use crate::cli::args::{VersionArgs, WriteArgs};
use crate::cli::output::Output;
use crate::cli::{Context, Status};

/// Unarchive a version
///
/// Its stage is then None, until it is promoted.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    of: VersionArgs,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    archive::mark(&args.of, &args.write, false, context, output)
}
