use std::path::PathBuf;

use anyhow::Result;

use crate::cli::args::parsed;
use crate::cli::output::{GOOD, Output, styled};
use crate::cli::table::count;
use crate::cli::{Context, Status};
use crate::model::Link;
use crate::ops::Refusal;
use crate::web;

/// Write the dashboard as a static site
///
/// Writes the pages of `modelreg serve` with relative links, for a forge's Pages, a file server or a disk. The same
/// commit always gives the same bytes. Removes pages of an earlier export that no longer exist, by the list of files in
/// `.modelreg-export`; removes no other file.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg export public
  modelreg export public --rev v2022.1
  modelreg export public --url https://acme.github.io/registry/")]
pub(in crate::cli) struct Args {
    /// The folder to write to; created if missing. Existing files with the same names are overwritten
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The address of the published site, for absolute links in the feeds
    #[arg(long, value_name = "URL", value_parser = parsed::<Link>)]
    url: Option<Link>,
    /// Export this commit, branch or tag instead of the checked-out commit
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    if let Some(url) = args.url.as_ref().filter(|url| url.as_str().contains(['?', '#'])) {
        return Err(Refusal::new(
            format!("`{url}` is not the address of a folder"),
            "remove the query and the fragment",
        )
        .into());
    }
    let site = web::Site::open(context.reading(args.rev.as_ref())?)?.published_at(args.url.as_ref());
    let exported = web::export(&site, &args.folder)?;
    let what = format!("{}, {} bytes", count(exported.files, "file"), exported.bytes);
    let gone = if exported.removed > 0 { format!(", {} removed", exported.removed) } else { String::new() };
    output.line(format!("{} {what} in {}{gone}", styled(GOOD, "✔"), args.folder.display()));
    Ok(Status::Done)
}
