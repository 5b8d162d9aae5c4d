//! `modelreg resolve`. Its human output is for scripts: the artifact's address on the first line and, if known, its
//! digest on the second. Its JSON:
//!
//! | key                              | what it is                                        |
//! |----------------------------------|---------------------------------------------------|
//! | `name`, `version`                | the model version that the address leads to       |
//! | `uri`, `flavor`, `size`, `digest`| its artifact; unknown keys are omitted            |
//! | `files`                          | `[{path, size, digest}]`, omitted if unknown      |

use anyhow::Result;

use crate::cli::args::{Format, ReadArgs, parsed};
use crate::cli::output::Output;
use crate::cli::table::line;
use crate::cli::{Context, Status};
use crate::ops::{Target, resolve};

/// Print the address and the digest of a version's artifact
///
/// Prints two lines, for scripts: the address, and the digest if the version has one. Reads two or three files,
/// whatever the size of the registry. A name is a stage, or else an alias.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg resolve models:/iris/Production
  modelreg resolve models:/iris@champion
  modelreg resolve iris@9 --format json")]
pub(in crate::cli) struct Args {
    /// `models:/MODEL/VERSION`, `models:/MODEL/STAGE`, `models:/MODEL@ALIAS`, or MODEL@ any of these
    #[arg(value_parser = parsed::<Target>, value_name = "ADDRESS")]
    target: Target,
    #[command(flatten)]
    read: ReadArgs,
}

pub(in crate::cli) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let resolved = resolve(&context.reading(args.read.rev.as_ref())?, &args.target)?;
    match args.read.format {
        Format::Json => output.json(&resolved)?,
        Format::Human => {
            output.line(line(resolved.artifact.uri.as_str()));
            if let Some(digest) = &resolved.artifact.digest {
                output.line(digest);
            }
        }
    }
    Ok(Status::Done)
}
