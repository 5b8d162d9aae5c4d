//! JSON: `{"versions": [{name, version, stage, created_at, created_by, metrics}]}`.

use anyhow::Result;

use super::show::stage_text;
use crate::cli::args::{Format, ReadArgs};
use crate::cli::output::{BOLD, DIM, Output, styled};
use crate::cli::table::{Columns, cell};
use crate::cli::{Context, Status};
use crate::model::filter::HELP;
use crate::model::{Filter, FilterError, OrderBy};
use crate::ops::{Found, Refusal, search};

/// Find versions by a filter over names, stages, tags, params, metrics, owners and times
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP, after_help = "Examples:
  modelreg search \"metrics.accuracy > 0.95 AND stage = 'Production'\"
  modelreg search \"owner = 'ada@example.com'\" --order-by 'created_at DESC' --limit 5
`modelreg search --help` describes the filter.")]
pub(in crate::cli) struct Args {
    /// The filter; all versions where it is empty
    #[arg(default_value = "")]
    filter: String,
    /// Sort by these fields, as in `metrics.accuracy DESC, name`
    #[arg(long, value_name = "FIELDS", default_value = "")]
    order_by: String,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let filter = Filter::parse(&args.filter).map_err(|e| refused(&e, &args.filter))?;
    let order = OrderBy::parse(&args.order_by).map_err(|e| refused(&e, &args.order_by))?;
    let found = search(&context.reading(args.read.rev.as_ref())?, &filter, &order, args.limit)?;
    if args.read.format == Format::Json {
        output.json(&serde_json::json!({ "versions": found }))?;
        return Ok(Status::Done);
    }
    if !found.is_empty() {
        output.text(&table(&found));
    }
    output.line(styled(DIM, format!("{} version{}", found.len(), if found.len() == 1 { "" } else { "s" })));
    Ok(Status::Done)
}

fn refused(error: &FilterError, source: &str) -> Refusal {
    // The rendering holds the mend, below the place.
    Refusal { why: error.render(source), mend: None, report: None }
}

fn table(found: &[Found]) -> String {
    let mut table = Columns::new(["MODEL", "VERSION", "STAGE", "REGISTERED AT", "CREATED BY", "METRICS"]);
    for version in found {
        let metrics: Vec<String> =
            version.metrics.iter().take(4).map(|(key, value)| format!("{key}={value}")).collect();
        let more = if version.metrics.len() > 4 { " ..." } else { "" };
        table.row([
            styled(BOLD, cell(Some(&version.name))),
            version.version.to_string(),
            stage_text(&version.stage),
            version.created_at.human(),
            cell(Some(version.created_by.as_str())),
            cell(Some(&format!("{}{more}", metrics.join(" ")))),
        ]);
    }
    table.text()
}
