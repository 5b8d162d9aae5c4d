use anyhow::Result;

use super::outcome;
use crate::cli::args::{WriteArgs, parsed};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::{AliasName, ModelName};
use crate::ops::{AliasChange, alias};

/// Point an alias to a version, or remove it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg alias iris champion 9
  modelreg alias iris champion --remove")]
pub(in crate::cli) struct Args {
    /// The registered model's name
    #[arg(value_parser = parsed::<ModelName>)]
    model: ModelName,
    /// The alias
    #[arg(value_parser = parsed::<AliasName>)]
    alias: AliasName,
    /// The version that the alias points to
    #[arg(value_parser = clap::value_parser!(u64).range(1..), required_unless_present = "remove")]
    version: Option<u64>,
    /// Remove the alias
    #[arg(long, conflicts_with = "version")]
    remove: bool,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let change = args.version.map_or(AliasChange::Remove, AliasChange::Set);
    let done = alias(&context.writing(&args.write)?, &args.model, &args.alias, &change)?;
    outcome::print_commit(done, args.write.commit.format, output)
}
