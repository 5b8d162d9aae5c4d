use crate::cli::output::Output;
use crate::cli::{Context, Status};
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {}
pub(super) fn run(_: &Args, _: &Context, _: &mut Output) -> anyhow::Result<Status> {
    Ok(Status::Done)
}
