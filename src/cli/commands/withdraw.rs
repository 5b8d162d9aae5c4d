use anyhow::Result;

use super::{outcome, preview};
use crate::cli::args::{VersionArgs, WriteArgs, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::Text;
use crate::ops::{Precondition, Withdraw, preview_withdraw, withdraw};

/// Withdraw a version from a stage
///
/// The stage is then empty, or keeps the versions in `beside`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    of: VersionArgs,
    /// The stage
    #[arg(long = "from", value_name = "STAGE")]
    stage: String,
    /// The reason
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    reason: Option<Text>,
    /// Show the move and the findings of the rules, and write nothing
    #[arg(long, conflicts_with = "push")]
    dry_run: bool,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let ask = Withdraw {
        model: args.of.model.clone(),
        version: args.of.version,
        stage: args.stage.clone(),
        reason: args.reason.clone(),
    };
    if args.dry_run {
        return Ok(preview::print(&preview_withdraw(&context.writing(&args.write)?, &ask)?, output));
    }
    let session = context.writing(&args.write)?;
    outcome::print_summary(
        withdraw(&session, &ask, &Precondition::None)?.into_summary(),
        args.write.commit.format,
        output,
    )
}
