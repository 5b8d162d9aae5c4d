use std::path::PathBuf;

use anyhow::Result;

use crate::cli::args::parsed;
use crate::cli::output::{BAD, GOOD, Output, styled};
use crate::cli::progress::Bar;
use crate::cli::table::{count, line};
use crate::cli::{Context, Status};
use crate::ops::{Refusal, Target, Verdict, verify};

/// Check a local copy of an artifact against its file manifest
///
/// Prints all differences: missing files, additional files, and files with another size or digest. Exits with 1 if
/// there are differences.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The version: MODEL@VERSION, MODEL@STAGE, MODEL@ALIAS or a models:/ address
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL@VERSION")]
    target: Target,
    /// The copy [default: the path of the artifact's file: address]
    #[arg(long, value_name = "PATH")]
    from: Option<PathBuf>,
    /// Read this commit, branch or tag instead of the checked-out one
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.reading(args.rev.as_ref())?;
    let (resolved, verdict) = verify(&session, &args.target, args.from.as_deref(), &Bar::new("verifying"))?;
    let label = line(&format!("{} {}", resolved.name, resolved.version));
    match verdict {
        Verdict::Same { files, bytes } => {
            output.line(format!(
                "{} {label} matches the registered artifact: {}, {bytes} bytes",
                styled(GOOD, "✔"),
                count(files, "file")
            ));
            Ok(Status::Done)
        }
        Verdict::Differs(mismatches) => {
            output.line(format!("{} {label} does not match the registered artifact:", styled(BAD, "✘")));
            for mismatch in &mismatches {
                output.line(format!("  {}", line(&mismatch.to_string())));
            }
            Ok(Status::Findings)
        }
        Verdict::Nothing => {
            let hint = "register versions from a local copy, so that their digests are recorded";
            Err(Refusal::new(format!("{label} has no digest and no file manifest"), hint).into())
        }
    }
}
