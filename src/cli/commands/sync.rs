use anyhow::Result;

use super::outcome;
use crate::cli::args::Format;
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::ops::sync;

/// Join this clone's commits with the remote's, and push
///
/// Fetches, makes the commits that only this clone has again on the remote's newest commit, and pushes them. A version
/// that was registered on both sides under the same number gets the next number here, and everything that points to it
/// follows. A move is made again if its stage still holds the version that it was made from.
///
/// Takes over where `git pull`, `git merge` or `git rebase` has stopped with conflicts in files of models.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg sync")]
pub(in crate::cli) struct Args {
    /// Join this branch instead of the checked-out one
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Leave out moves that do not apply any more, because another person has moved the stage
    #[arg(long)]
    drop_moves: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.joining(args.branch.as_ref())?;
    outcome::print_summary(sync(&session, args.drop_moves)?.into_summary(), args.format, output)
}
