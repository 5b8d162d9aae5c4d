use anyhow::Result;

use super::outcome;
use crate::cli::args::{CommitArgs, parsed};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::RequestId;
use crate::ops::{Precondition, land};

/// Land a review request
///
/// Merges the request into the registry's branch if the merge result passes all rules: enough approvals, all gates, and
/// an unmoved pointer. Then removes the request's branch. A branch that changes more than the move is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg land iris/Production/10")]
pub(in crate::cli) struct Args {
    /// The id of the request, from `modelreg requests`: MODEL/STAGE/VERSION
    #[arg(value_parser = parsed::<RequestId>)]
    id: RequestId,
    /// Land the other changes of the request's branch too; no approval covers them
    #[arg(long)]
    with_other_changes: bool,
    #[command(flatten)]
    commit: CommitArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.reviewing(&args.commit)?;
    let landed = land(&session, &args.id, args.with_other_changes, &Precondition::None)?;
    outcome::print_summary(landed.into_summary(), args.commit.format, output)
}
