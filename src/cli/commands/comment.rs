use anyhow::Result;

use super::outcome;
use crate::cli::args::{VersionArgs, WriteArgs, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::Text;
use crate::ops::comment;

/// Comment on a version
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    of: VersionArgs,
    /// The text of the comment
    #[arg(value_parser = prose)]
    text: Text,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let done = comment(&context.writing(&args.write)?, &args.of.model, args.of.version, &args.text)?;
    outcome::print_commit(done, args.write.commit.format, output)
}
