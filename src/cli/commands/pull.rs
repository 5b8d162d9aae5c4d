use std::path::PathBuf;

use anyhow::Result;

use crate::cli::args::parsed;
use crate::cli::output::{GOOD, Output, styled};
use crate::cli::progress::Bar;
use crate::cli::table::count;
use crate::cli::{Context, Status};
use crate::ops::{Target, pull};

/// Copy an artifact from a local path, and verify every byte
///
/// The folder appears only when the copy is complete and matches the registered digests.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The version: MODEL@VERSION, MODEL@STAGE, MODEL@ALIAS or a models:/ address
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL@VERSION")]
    target: Target,
    /// The folder to create
    #[arg(long = "into", value_name = "DIR")]
    into: PathBuf,
    /// The artifact's path on this machine [default: the path of its file: address]
    #[arg(long, value_name = "PATH")]
    from: Option<PathBuf>,
    /// Read this commit, branch or tag instead of the checked-out one
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.reading(args.rev.as_ref())?;
    let (resolved, pulled) = pull(&session, &args.target, args.from.as_deref(), &args.into, &Bar::new("pulling"))?;
    let what = format!(
        "{} {}: {}, {} bytes, all as registered",
        resolved.name,
        resolved.version,
        count(pulled.files, "file"),
        pulled.bytes
    );
    output.line(format!("{} {what}", styled(GOOD, "✔")));
    Ok(Status::Done)
}
