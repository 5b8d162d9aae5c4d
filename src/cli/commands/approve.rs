use anyhow::Result;

use super::outcome;
use crate::cli::args::{CommitArgs, parsed, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::{RequestId, Text};
use crate::ops::{Precondition, approve};

/// Approve a review request
///
/// Adds the approval to the journal entry on the request's branch, signed with the SSH key that git signs with, if
/// there is one. A landed emergency is approved on the registry's branch.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg approve iris/Production/10 --comment 'looks good on last week too'")]
pub(in crate::cli) struct Args {
    /// The id of the request, from `modelreg requests`: MODEL/STAGE/VERSION
    #[arg(value_parser = parsed::<RequestId>)]
    id: RequestId,
    /// A comment
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    comment: Option<Text>,
    #[command(flatten)]
    commit: CommitArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.reviewing(&args.commit)?;
    let done = approve(&session, &args.id, args.comment.as_ref(), &Precondition::None)?;
    outcome::print_summary(done.into_summary(), args.commit.format, output)
}
