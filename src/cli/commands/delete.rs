use anyhow::Result;

use super::outcome;
use crate::cli::args::{WriteArgs, parsed, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::Text;
use crate::ops::{Target, delete};

/// Delete a version or a model
///
/// Leaves a tombstone: the number is never reused, and `restore` undoes the deletion. A version in a stage or with an
/// alias is not deleted.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The model, or a version of it
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL[@VERSION]")]
    target: Target,
    /// The reason
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    reason: Option<Text>,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let done = delete(&context.writing(&args.write)?, &args.target, args.reason.as_ref())?;
    outcome::print_commit(done, args.write.commit.format, output)
}
