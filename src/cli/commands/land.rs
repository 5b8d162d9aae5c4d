use anyhow::Result;

use super::told;
use crate::cli::args::{PushArgs, parsed};
use crate::cli::output::Output;
use crate::cli::table::line;
use crate::cli::{Context, Status};
use crate::model::RequestId;
use crate::ops::{land, push_closed};

/// Land a review request
///
/// Merges the request into the registry's branch if the merge result passes all rules: enough approvals, all gates, and
/// an unmoved pointer. Then removes the request's branch.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  modelreg land iris/Production/10")]
pub(in crate::cli) struct Args {
    /// The id of the request, from `modelreg requests`: MODEL/STAGE/VERSION
    #[arg(value_parser = parsed::<RequestId>)]
    id: RequestId,
    #[command(flatten)]
    push: PushArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.writing(None)?.pushing(args.push.push);
    let done = land(&session, &args.id)?;
    let branch = done.branch.clone();
    let landed = told::committed(done, output);
    if !landed.approved_by.is_empty() {
        let people: Vec<String> = landed.approved_by.iter().map(|person| line(person.as_str())).collect();
        output.line(format!("  approved by {}", people.join(", ")));
    }
    if let Some(remote) = &landed.remote {
        told::next(output, &push_closed(&session, &branch, remote, &args.id));
    }
    Ok(Status::Done)
}
