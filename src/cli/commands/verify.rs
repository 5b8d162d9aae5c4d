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
/// Says every difference: files that are missing, that do not belong, or whose size or digest is another. Ends with 1
/// where there are any.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The version: MODEL@VERSION, MODEL@STAGE, MODEL@ALIAS or a models:/ address
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL@VERSION")]
    target: Target,
    /// The copy [default: what a file: address names]
    #[arg(long, value_name = "PATH")]
    from: Option<PathBuf>,
    /// Look at this commit, branch or tag instead of what is checked out
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
                "{} {label} is what was registered: {}, {bytes} bytes",
                styled(GOOD, "✔"),
                count(files, "file")
            ));
            Ok(Status::Done)
        }
        Verdict::Differs(mismatches) => {
            output.line(format!("{} {label} is not what was registered:", styled(BAD, "✘")));
            for mismatch in &mismatches {
                output.line(format!("  {}", line(&mismatch.to_string())));
            }
            Ok(Status::Findings)
        }
        Verdict::Nothing => {
            let hint = "register versions from a local copy, so that their digests are recorded";
            Err(Refusal::new(format!("{label} has no digest and no file manifest to check against"), hint).into())
        }
    }
}
