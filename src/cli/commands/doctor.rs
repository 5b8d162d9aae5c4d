//! `modelreg doctor`. Its JSON is `{"checks": [{name, health, found, fix}]}`; `health` is `good`, `note` or `bad`, and
//! `fix` a command or null.

use anyhow::Result;

use crate::cli::args::Format;
use crate::cli::output::{BAD, GOOD, HINT, Output, WARN, styled};
use crate::cli::table::line;
use crate::cli::{Context, Status};
use crate::ops::{Health, doctor};

/// Find wrong settings in this clone or on this server, and print the commands that fix them
///
/// Changes nothing. Exits with 1 if a check is bad.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let checks = doctor(&context.reading(None)?)?;
    let bad = checks.iter().filter(|check| check.health == Health::Bad).count();
    let status = if bad > 0 { Status::Findings } else { Status::Done };
    if args.format == Format::Json {
        output.json(&serde_json::json!({ "checks": checks }))?;
        return Ok(status);
    }
    for check in &checks {
        let mark = match check.health {
            Health::Good => styled(GOOD, "✔"),
            Health::Note => styled(WARN, "!"),
            Health::Bad => styled(BAD, "✘"),
        };
        output.line(format!("{mark} {:<12} {}", check.name, line(&check.found)));
        if let Some(fix) = &check.fix {
            output.line(format!("  {:<12} {}", "", styled(HINT, line(fix))));
        }
    }
    Ok(status)
}
