use anyhow::Result;

use super::outcome;
use crate::cli::args::{WriteArgs, pair, parsed};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::model::{Key, Text};
use crate::ops::{Precondition, TagChange, Target, tag};

/// Set and remove tags of a model or a version
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg tag iris team=botany
  modelreg tag iris@9 validated=yes --remove candidate")]
pub(in crate::cli) struct Args {
    /// The model, or a version of it
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL[@VERSION]")]
    target: Target,
    /// Tags to set
    #[arg(value_name = "KEY=VALUE", value_parser = |s: &str| pair::<Key, _>(s, parsed::<Text>), required_unless_present = "remove")]
    set: Vec<(Key, Text)>,
    /// A tag to remove
    #[arg(long, value_name = "KEY", value_parser = parsed::<Key>)]
    remove: Vec<Key>,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let change = TagChange { set: args.set.clone(), remove: args.remove.clone() };
    let session = context.writing(&args.write)?;
    let done = tag(&session, &args.target, &change, &Precondition::None)?;
    outcome::print_commit(done, args.write.commit.format, output)
}
