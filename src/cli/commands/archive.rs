use anyhow::Result;

use super::outcome;
use crate::cli::args::{VersionArgs, WriteArgs};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::ops::archive;

/// Archive a version
///
/// The version keeps its number and its facts. A version in a stage must be withdrawn first.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    of: VersionArgs,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    mark(&args.of, &args.write, true, context, output)
}

/// Sets or clears the mark that a version is archived.
pub(super) fn mark(
    of: &VersionArgs,
    write: &WriteArgs,
    archived: bool,
    context: &Context,
    output: &mut Output,
) -> Result<Status> {
    let done = archive(&context.writing(write)?, &of.model, of.version, archived)?;
    outcome::print_commit(done, write.commit.format, output)
}
