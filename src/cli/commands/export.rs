use std::path::PathBuf;

use anyhow::Result;

use crate::cli::output::{GOOD, Output, styled};
use crate::cli::table::count;
use crate::cli::{Context, Status};
use crate::web;

/// Write the dashboard as a static site
///
/// The same pages as `modelreg serve` shows, with relative links, for a forge's Pages, a file server or a disk. The same
/// commit gives the same bytes every time.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg export public
  modelreg export public --rev v2022.1")]
pub(in crate::cli) struct Args {
    /// The folder to write into; it is made where it is not there, and what it has of the same name is overwritten
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Export this commit, branch or tag instead of what is checked out
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let site = web::Site::open(context.reading(args.rev.as_ref())?)?;
    let exported = web::export(&site, &args.folder)?;
    let what = format!("{}, {} bytes", count(exported.files, "file"), exported.bytes);
    output.line(format!("{} {what} in {}", styled(GOOD, "✔"), args.folder.display()));
    Ok(Status::Done)
}
