use anyhow::Result;

use super::{outcome, preview};
use crate::cli::args::{VersionArgs, WriteArgs, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::Text;
use crate::ops::{Precondition, Promote, preview_promote, promote};

/// Move a stage's pointer to a version
///
/// The version that was in the stage becomes the prior version, to which a rollback returns. If the stage's policy
/// requires a review, the command creates a request: a branch with one commit, which is then approved and landed. A
/// version that the stage was rolled back from is refused with the time and the reason, unless `--again` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg promote iris 10 --to Production --reason 'accuracy 0.97, approved in the weekly review'")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    of: VersionArgs,
    /// The stage
    #[arg(long = "to", value_name = "STAGE")]
    stage: String,
    /// The reason
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    reason: Option<Text>,
    /// The version that is in the stage now; the move is refused if another one is [default: the version that this clone
    /// shows before a fetch]
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u64).range(1..))]
    from: Option<u64>,
    /// Keep the current version in the stage beside the new one, for example for a canary
    #[arg(long)]
    keep_existing: bool,
    /// Promote the version although the stage was rolled back from it before
    #[arg(long)]
    again: bool,
    /// Create a request even if the stage's policy does not require a review
    #[arg(long)]
    request: bool,
    /// Show the move and the findings of the rules, and write nothing
    #[arg(long, conflicts_with = "push")]
    dry_run: bool,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let ask = Promote {
        model: args.of.model.clone(),
        version: args.of.version,
        stage: args.stage.clone(),
        from: args.from,
        reason: args.reason.clone(),
        keep_existing: args.keep_existing,
        request: args.request,
        again: args.again,
    };
    if args.dry_run {
        return Ok(preview::print(&preview_promote(&context.writing(&args.write)?, &ask)?, output));
    }
    let session = context.writing(&args.write)?;
    outcome::print_summary(
        promote(&session, &ask, &Precondition::None)?.into_summary(),
        args.write.commit.format,
        output,
    )
}
