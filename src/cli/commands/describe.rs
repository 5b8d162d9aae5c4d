use anyhow::Result;

use super::outcome;
use crate::cli::args::{WriteArgs, parsed, prose};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::Text;
use crate::ops::{Precondition, Target, describe};

/// Describe a model or a version
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg describe iris 'Classifies iris flowers by their measures.'
  modelreg describe iris@9 'Trained on the cleaned data.'")]
pub(in crate::cli) struct Args {
    /// The model, or a version of it
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL[@VERSION]")]
    target: Target,
    /// The description, in Markdown
    #[arg(value_parser = prose, required_unless_present = "remove")]
    text: Option<Text>,
    /// Remove the description
    #[arg(long, conflicts_with = "text")]
    remove: bool,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.writing(&args.write)?;
    let done = describe(&session, &args.target, args.text.as_ref(), &Precondition::None)?;
    outcome::print_commit(done, args.write.commit.format, output)
}
