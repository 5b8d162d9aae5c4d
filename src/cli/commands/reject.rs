use anyhow::Result;

use super::outcome;
use crate::cli::args::{CommitArgs, parsed, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::{RequestId, Text};
use crate::ops::{Precondition, reject};

/// Reject a review request, or withdraw your own
///
/// The version keeps a record with the user, the time and the reason. The request's branch is removed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg reject iris/Production/10 --reason 'recall fell on the new sensors'")]
pub(in crate::cli) struct Args {
    /// The id of the request, from `modelreg requests`: MODEL/STAGE/VERSION
    #[arg(value_parser = parsed::<RequestId>)]
    id: RequestId,
    /// The reason; required unless the request is your own
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    reason: Option<Text>,
    #[command(flatten)]
    commit: CommitArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.reviewing(&args.commit)?;
    let done = reject(&session, &args.id, args.reason.as_ref(), &Precondition::None)?;
    outcome::print_summary(done.into_summary(), args.commit.format, output)
}
