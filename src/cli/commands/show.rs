//! `modelreg show`. Its JSON of a model has the keys of `model.toml`, and:
//!
//! | key             | what it is                                                                                      |
//! |-----------------|-------------------------------------------------------------------------------------------------|
//! | `last_modified` | the newest time in the model's files                                                            |
//! | `versions`      | newest first: `[{version, stage, stages, created_at, created_by, last_modified, aliases, description, deleted}]` |
//! | `stages`        | in the policy's order: `[{stage, version, since, prior_version, beside, history}]`; `history` is the journal |
//! | `requests`      | the model's open requests and landed emergencies without approval: `[{id, stage, version, action, by, at, approvals_counted, approvals_needed, state}]`; `state` as in `modelreg requests` |
//!
//! Its JSON of a version has the keys of the manifest, and:
//!
//! | key                                 | what it is                                                       |
//! |-------------------------------------|------------------------------------------------------------------|
//! | `name`, `aliases`                   | the model, the aliases that point to the version                 |
//! | `stages`                            | all its stages, in the policy's order; `Archived` or `None` without one |
//! | `stage`                             | the last of them                                                 |
//! | `last_modified`                     | the newest time in its file                                      |
//! | `moves`                             | the journal entries that moved the version, with `stage`         |
//! | `requests`                          | the version's requests, as for a model                           |

mod model;
mod sections;
mod version;

use anyhow::Result;

use crate::cli::args::{Format, ReadArgs, parsed};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::ops::{Target, View, show};

/// Show a model with its versions and stages, or all facts of one version
///
/// A version is given by its number, a stage, an alias or `latest`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg show iris
  modelreg show iris@9
  modelreg show iris@Production --format json")]
pub(in crate::cli) struct Args {
    /// The model, or a version of it by number, stage or alias
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL[@VERSION]")]
    target: Target,
    /// Show all versions of the model, not only the newest twenty
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    read: ReadArgs,
}

/// The number of versions in the output without `--all`.
const PAGE: usize = 20;

pub(in crate::cli) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let view = show(&context.reading(args.read.rev.as_ref())?, &args.target)?;
    match (args.read.format, &view) {
        (Format::Json, view) => output.json(view)?,
        (Format::Human, View::Model(view)) => {
            output.text(&model::render(view, if args.all { usize::MAX } else { PAGE }));
        }
        (Format::Human, View::Version(view)) => output.text(&version::render(view)),
    }
    Ok(Status::Done)
}
