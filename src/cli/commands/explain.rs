use anyhow::Result;

use crate::cli::Status;
use crate::cli::output::{BOLD, Output, styled};
use crate::diag::codes;
use crate::diag::explain::{explain, near};
use crate::diag::render::Colour;
use crate::ops::Refusal;

/// Explain a diagnostic code
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The code, for example `unknown-key`; without a code, lists all codes
    code: Option<String>,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Status> {
    let Some(id) = &args.code else {
        for code in codes::all() {
            output.line(format!("{}  {}", styled(BOLD, format!("{:<28}", code.id)), code.summary));
        }
        return Ok(Status::Done);
    };
    let unknown = || {
        let near: Vec<String> = near(id).iter().map(|code| format!("`{}`", code.id)).collect();
        let hint = if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) };
        Refusal::new(format!("unknown code `{id}`"), format!("{hint}`modelreg explain` lists all codes"))
    };
    let code = codes::find(id).ok_or_else(unknown)?;
    output.text(&explain(code, 90, Colour::On));
    Ok(Status::Done)
}
