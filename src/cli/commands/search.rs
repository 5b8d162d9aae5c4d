//! `modelreg search`. Its JSON is `{"versions": [...], "unreadable": [{path, why}]}`. `unreadable` has the files that cannot be read
//! and leave out their models; the exit status is 1 then. Each version, in the requested order, has:
//!
//! | key                        | what it is                             |
//! |----------------------------|----------------------------------------|
//! | `name`, `version`          | the model version                      |
//! | `stages`                   | all its stages, in the policy's order; `Archived` or `None` without one |
//! | `stage`                    | the last of them                       |
//! | `created_at`, `created_by` | when and by whom it was registered     |
//! | `metrics`                  | all its metrics, by key                |

use anyhow::Result;

use crate::cli::args::{Format, ReadArgs};
use crate::cli::output::{BOLD, DIM, LIST_ERRORS, Output, styled};
use crate::cli::table::{Columns, cell, count, line, stages};
use crate::cli::{Context, Status};
use crate::model::filter::{Field, HELP, Table};
use crate::model::{Filter, FilterError, OrderBy};
use crate::ops::{Answer, Refusal, SearchResult, search};

const EXAMPLES: &str = "\
Examples:
  modelreg search \"metrics.accuracy > 0.95 AND stage = 'Production'\"
  modelreg search \"owner = 'ada@example.com'\" --order-by 'created_at DESC' --limit 5";

/// Find versions by a filter over names, stages, tags, params, metrics, owners and times
///
/// Shows the metrics that the filter and the order name. By default, versions are ordered by model, then newest first.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n`modelreg search --help` describes the filter."))]
#[command(after_long_help = format!("{EXAMPLES}\n\n{HELP}"))]
pub(in crate::cli) struct Args {
    /// The filter [default: all versions that are not deleted]
    #[arg(default_value = "", hide_default_value = true)]
    filter: String,
    /// Sort by these fields, for example `metrics.accuracy DESC, name`
    #[arg(long, value_name = "ORDER", default_value = "", hide_default_value = true)]
    order_by: String,
    /// Show at most this number of versions
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    read: ReadArgs,
}

pub(in crate::cli) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let filter = Filter::parse(&args.filter).map_err(|error| refused(&error, &args.filter))?;
    let order = OrderBy::parse(&args.order_by).map_err(|error| refused(&error, &args.order_by))?;
    let Answer { found, unreadable } = search(&context.reading(args.read.rev.as_ref())?, &filter, &order, args.limit)?;
    match args.read.format {
        Format::Json => output.json(&serde_json::json!({ "versions": found, "unreadable": unreadable }))?,
        Format::Human => output.text(&table(&found, &metrics(&filter, &order))),
    }
    Ok(output.left_out(&unreadable, LIST_ERRORS))
}

fn refused(error: &FilterError, source: &str) -> Refusal {
    // The rendered error already contains the hint.
    Refusal { why: error.render(source), hint: None, report: None }
}

/// The metrics in the filter and the order, without duplicates.
fn metrics<'a>(filter: &'a Filter, order: &'a OrderBy) -> Vec<&'a str> {
    let mut keys: Vec<&str> = Vec::new();
    for field in filter.fields().into_iter().chain(order.fields()) {
        if let Field::Keyed(Table::Metrics, key) = field
            && !keys.contains(&key.as_str())
        {
            keys.push(key);
        }
    }
    keys
}

fn table(found: &[SearchResult], metrics: &[&str]) -> String {
    let footer = format!("{}\n", styled(DIM, count(found.len(), "version")));
    if found.is_empty() {
        return footer;
    }
    let heads = ["MODEL", "VERSION", "STAGE", "CREATED", "BY"];
    let mut table = Columns::new(heads.into_iter().chain(metrics.iter().copied()));
    table.keep_whole([3, 1, 2]);
    for version in found {
        let known = metrics.iter().map(|&key| version.metrics.get(key).map_or("-".into(), ToString::to_string));
        let first = [
            styled(BOLD, line(&version.name)),
            version.version.to_string(),
            stages(&version.stages),
            version.created_at.human(),
            cell(Some(version.created_by.as_str())),
        ];
        table.row(first.into_iter().chain(known));
    }
    table.text() + &footer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Key, Number, Timestamp, UserId};

    #[test]
    fn the_metrics_of_the_question_are_columns() {
        let filter = Filter::parse("metrics.accuracy > 0.9 AND params.C = 1 OR metrics.accuracy IS NULL").unwrap();
        let order = OrderBy::parse("metrics.`f1 score` DESC, name").unwrap();
        let found = SearchResult {
            name: "iris".into(),
            version: 9,
            stage: "Production".into(),
            stages: vec!["Staging".into(), "Production".into()],
            created_at: Timestamp::parse("2022-02-03 18:02:16").unwrap(),
            created_by: UserId::new("ada@example.com").unwrap(),
            metrics: [(Key::new("accuracy").unwrap(), Number::Float(0.95))].into(),
        };
        let text = table(&[found], &metrics(&filter, &order));
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r"
        MODEL  VERSION  STAGE                CREATED              BY               accuracy  f1 score
        iris   9        Staging, Production  2022-02-03 18:02:16  ada@example.com  0.95      -
        1 version
        ");
        assert_eq!(anstream::adapter::strip_str(&table(&[], &[])).to_string(), "0 versions\n");
    }
}
