use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use super::outcome;
use crate::cli::args::parsed;
use crate::cli::output::{DIM, Output, styled};
use crate::cli::{Context, Status};
use crate::model::{Layout, Line};
use crate::ops::{Init, init};

/// Create a registry
///
/// Creates the folder and its git repository if they are missing, and commits `registry.toml`, the JSON Schemas and a
/// README, and at the root of the repository CODEOWNERS, a GitHub workflow and a GitLab pipeline that validate every
/// push and pull request. Existing files are not changed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The registry's folder
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The registry's name [default: the folder's name]
    #[arg(long, value_parser = parsed::<Line>)]
    name: Option<Line>,
    /// The layout of the models' folders; `sharded` is for thousands of models
    #[arg(long, value_enum, default_value_t = LayoutArg::Flat)]
    layout: LayoutArg,
    /// Add the example: seven trained models with their history
    #[arg(long, conflicts_with_all = ["name", "layout"])]
    example: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LayoutArg {
    /// `models/NAME/`
    Flat,
    /// `models/na/NAME/`
    Sharded,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let dir = args.folder.as_ref().map_or(context.dir.clone(), |folder| context.dir.join(folder));
    let layout = match args.layout {
        LayoutArg::Flat => Layout::Flat,
        LayoutArg::Sharded => Layout::Sharded,
    };
    let ask = Init { name: args.name.clone(), layout, example: args.example };
    let done = init(&dir, context.environment()?, &ask)?;
    let (summary, started, receipt) = done.into_commit_summary();
    output.committed(receipt);
    outcome::print(&summary, output);
    let repository = if started.new_repository { "a new git repository" } else { "the existing git repository" };
    output.line(styled(DIM, format!("  {} files in {repository}", started.files)));
    output.folder(&dir);
    match args.example {
        true => outcome::print_next(output, "modelreg list"),
        false => outcome::print_next(output, "modelreg register MODEL --artifact PATH"),
    }
    Ok(Status::Done)
}
