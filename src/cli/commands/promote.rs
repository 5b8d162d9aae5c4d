use anyhow::Result;

use super::outcome;
use crate::cli::args::{VersionArgs, WriteArgs, prose};
use crate::cli::output::{BAD, BOLD, DIM, GOOD, Output, styled};
use crate::cli::table::{count, line};
use crate::cli::{Context, Status};
use crate::diag::render::{Colour, gates, human};
use crate::diag::sanitize::for_shell;
use crate::model::Text;
use crate::ops::{Precondition, Preview, Promote, preview, promote};

/// Move a stage's pointer to a version
///
/// The version that was in the stage becomes the prior version, to which a rollback returns. If the stage's policy
/// requires a review, the command creates a request: a branch with one commit, which is then approved and landed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg promote iris 10 --to Production --reason 'accuracy 0.97, approved in the weekly review'")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    of: VersionArgs,
    /// The stage
    #[arg(long = "to", value_name = "STAGE")]
    stage: String,
    /// The reason
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    reason: Option<Text>,
    /// Keep the current version in the stage beside the new one, for example for a canary
    #[arg(long)]
    keep_existing: bool,
    /// Create a request even if the stage's policy does not require a review
    #[arg(long)]
    request: bool,
    /// Show the move and the policy's requirements for the version, and write nothing
    #[arg(long, conflicts_with = "push")]
    dry_run: bool,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let ask = Promote {
        model: args.of.model.clone(),
        version: args.of.version,
        stage: args.stage.clone(),
        reason: args.reason.clone(),
        keep_existing: args.keep_existing,
        request: args.request,
    };
    if args.dry_run {
        let preview = preview(&context.writing(&args.write)?, &ask)?;
        show(&preview, output);
        return Ok(if preview.report.errors() > 0 { Status::Findings } else { Status::Done });
    }
    let session = context.writing(&args.write)?;
    let moved = outcome::print_summary(promote(&session, &ask, &Precondition::None)?.into_summary(), output);
    if moved.from.is_some() && moved.request.is_none() {
        let (model, stage) = (for_shell(&moved.model), for_shell(&moved.stage));
        outcome::print_next(
            output,
            &format!("modelreg rollback {model} --stage {stage} --reason WHY   # if it goes wrong"),
        );
    }
    Ok(Status::Done)
}

fn show(preview: &Preview, output: &mut Output) {
    let Preview { subject, request, report } = preview;
    if report.findings.is_empty() {
        output.text(&gates::text(report, Colour::On));
    } else {
        output.text(&human::render(report, "", Colour::On));
    }
    let would = if report.errors() > 0 { styled(BAD, "would be refused") } else { styled(GOOD, "would be done") };
    output.line(format!("{}: {would}", styled(BOLD, line(subject))));
    match request {
        Some((0, _)) => output.line("  as a request, reviewed on the forge"),
        Some((needed, people)) => {
            let people: Vec<String> = people.iter().map(|person| line(person.as_str())).collect();
            output.line(format!("  as a request that needs {} by {}", count(*needed, "approval"), people.join(" or ")));
        }
        None => {}
    }
    output.line(styled(DIM, "  nothing was written"));
}
