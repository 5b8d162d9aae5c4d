use anyhow::Result;

use super::{outcome, preview};
use crate::cli::args::{WriteArgs, parsed, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::{ModelName, Text};
use crate::ops::{Precondition, Rollback, preview_rollback, rollback};

/// Roll a stage back to its prior version
///
/// The prior version follows from the stage's journal: after 8, 9, 10 and a rollback to 9, the next rollback goes to 8,
/// never forward to 10.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg rollback iris --reason 'version 10 rejects all of the new sensors'")]
pub(in crate::cli) struct Args {
    /// The registered model's name
    #[arg(value_parser = parsed::<ModelName>)]
    model: ModelName,
    /// The reason
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    reason: Text,
    /// The stage [default: Production, else the registry's last stage]
    #[arg(long)]
    stage: Option<String>,
    /// Roll back to this earlier version of the stage instead of the prior one
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u64).range(1..))]
    to: Option<u64>,
    /// The version that is in the stage now; the rollback is refused if another one is [default: the version that this
    /// clone shows before a fetch]
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u64).range(1..))]
    from: Option<u64>,
    /// Show the move and the findings of the rules, and write nothing
    #[arg(long, conflicts_with = "push")]
    dry_run: bool,
    /// Land at once, before the approval that the policy requires. The journal marks the move as an emergency, to be
    /// approved afterwards
    #[arg(long, conflicts_with = "branch")]
    emergency: bool,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let ask = Rollback {
        model: args.model.clone(),
        stage: args.stage.clone(),
        to: args.to,
        from: args.from,
        reason: args.reason.clone(),
        emergency: args.emergency,
    };
    if args.dry_run {
        return Ok(preview::print(&preview_rollback(&context.writing(&args.write)?, &ask)?, output));
    }
    let session = context.writing(&args.write)?;
    outcome::print_summary(
        rollback(&session, &ask, &Precondition::None)?.into_summary(),
        args.write.commit.format,
        output,
    )
}
