use anyhow::Result;

use super::told;
use crate::cli::args::{PushArgs, VersionArgs, WriteArgs, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::Text;
use crate::ops::{Promote, promote};

/// Move a stage's pointer to a version
///
/// The version that was in the stage leaves it, and becomes the prior version that a rollback goes back to. Where the
/// stage's policy wants a review, this makes a request: a branch with one commit, to be approved and landed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg promote iris 10 --to Production --reason 'accuracy 0.97, approved in the weekly review'")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    of: VersionArgs,
    /// The stage that it enters
    #[arg(long = "to", value_name = "STAGE")]
    stage: String,
    /// Why
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    reason: Option<Text>,
    /// Keep the version that is there now in the stage, beside the new one, as for a canary
    #[arg(long)]
    keep_existing: bool,
    /// Make a review request even where the stage's policy wants none
    #[arg(long)]
    request: bool,
    #[command(flatten)]
    push: PushArgs,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let ask = Promote {
        model: args.of.model.clone(),
        version: args.of.version,
        stage: args.stage.clone(),
        reason: args.reason.clone(),
        keep_existing: args.keep_existing,
        request: args.request,
    };
    let done = promote(&context.writing(args.write.branch.as_ref())?.pushing(args.push.push), &ask)?;
    let moved = told::moved(done, output);
    if moved.from.is_some() && moved.request.is_none() {
        let (model, stage) = (told::quoted(&moved.model), told::quoted(&moved.stage));
        told::next(output, &format!("modelreg rollback {model} --stage {stage} --reason WHY   # if it goes wrong"));
    }
    Ok(Status::Done)
}
