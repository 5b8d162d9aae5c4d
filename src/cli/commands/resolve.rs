//! Human output is two lines, the address and the digest, for scripts to take. JSON: `{name, version, uri, flavor, size,
//! digest, files}`.

use anyhow::Result;

use crate::cli::args::{Format, ReadArgs, parsed};
use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::diag::sanitize::one_line;
use crate::ops::{Target, resolve};

/// Print the address and the digest of a version's artifact
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg resolve models:/iris/Production
  modelreg resolve models:/iris@champion
  modelreg resolve iris@9")]
pub(in crate::cli) struct Args {
    /// A models:/ address, or MODEL@VERSION, MODEL@STAGE, MODEL@ALIAS
    #[arg(value_parser = parsed::<Target>, value_name = "ADDRESS")]
    target: Target,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let resolved = resolve(&context.reading(args.read.rev.as_ref())?, &args.target)?;
    if args.read.format == Format::Json {
        output.json(&resolved)?;
        return Ok(Status::Done);
    }
    output.line(one_line(resolved.artifact.uri.as_str()));
    if let Some(digest) = &resolved.artifact.digest {
        output.line(digest);
    }
    Ok(Status::Done)
}
