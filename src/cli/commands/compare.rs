//! JSON: `{"versions": [label], "facts": [{key, values, differs}], "params": [...], "metrics": [{key, goal, values, deltas,
//! best, differs}], "signature": {inputs, outputs, differs}}`, a value per version, null where it has none.

use anyhow::Result;

use crate::cli::args::{Format, ReadArgs, parsed};
use crate::cli::output::{BOLD, DIM, GOOD, Output, WARN, styled};
use crate::cli::table::{Columns, cell};
use crate::cli::{Context, Status};
use crate::model::compare::{Comparison, MetricRow, Row};
use crate::ops::{Refusal, Target, compare};

/// Show versions side by side
///
/// Of one model or of several. Rows that differ are marked with `*`, the best value of a metric with `<`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg compare iris 8 9 10
  modelreg compare iris@Production wine@3 --diff")]
pub(in crate::cli) struct Args {
    /// A model and then its versions; or versions with their models
    #[arg(required = true, num_args = 2.., value_name = "MODEL[@VERSION]")]
    targets: Vec<String>,
    /// Show only the rows that differ
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let compared = compare(&context.reading(args.read.rev.as_ref())?, &targets(&args.targets)?)?;
    match args.read.format {
        Format::Json => output.json(&compared)?,
        Format::Human => output.text(&table(&compared, args.diff)),
    }
    Ok(Status::Done)
}

/// A first word without a version names the model of the words after it.
fn targets(words: &[String]) -> Result<Vec<Target>> {
    let refuse = |why: String| Refusal::new(why, "write `modelreg compare NAME 8 9`, or NAME@VERSION for each");
    let first = parsed::<Target>(&words[0]).map_err(refuse)?;
    let (model, words) = match first.selector {
        None => (Some(first.model), &words[1..]),
        Some(_) => (None, words),
    };
    let target = |word: &String| match &model {
        Some(model) if !word.contains(['@', ':']) => parsed::<Target>(&format!("{model}@{word}")),
        _ => parsed::<Target>(word),
    };
    Ok(words.iter().map(|word| target(word).map_err(refuse)).collect::<Result<_, _>>()?)
}

fn table(compared: &Comparison, only_differing: bool) -> String {
    let mut table = Columns::new([""].into_iter().chain(compared.versions.iter().map(String::as_str)));
    let width = compared.versions.len();
    let mut section = |title: &str, rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            table.row([styled(BOLD, title)].into_iter().chain(vec![String::new(); width]));
            rows.into_iter().for_each(|row| table.row(row));
        }
    };
    section("facts", plain(&compared.facts, only_differing));
    section("params", plain(&compared.params, only_differing));
    section("metrics", compared.metrics.iter().filter(|row| row.differs || !only_differing).map(metric).collect());
    section("takes", plain(&compared.signature.inputs, only_differing));
    section("gives", plain(&compared.signature.outputs, only_differing));
    table.text()
}

fn key(key: &str, differs: bool) -> String {
    if differs { format!("{} {}", styled(WARN, "*"), cell(Some(key))) } else { format!("  {}", cell(Some(key))) }
}

fn plain<T: ToString>(rows: &[Row<T>], only_differing: bool) -> Vec<Vec<String>> {
    let shown = |row: &Row<T>| {
        let values =
            row.values.iter().map(|value| cell(value.as_ref().map(|value| cut(&value.to_string())).as_deref()));
        [key(&row.key, row.differs)].into_iter().chain(values).collect()
    };
    rows.iter().filter(|row| row.differs || !only_differing).map(shown).collect()
}

/// As much of a value as a column shows; JSON has all of it.
fn cut(text: &str) -> String {
    match text.char_indices().nth(36) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}

fn metric(row: &MetricRow) -> Vec<String> {
    let values = row.values.iter().zip(&row.deltas).enumerate().map(|(at, (value, delta))| {
        let Some(value) = value else { return "-".to_owned() };
        let shown = if row.best.contains(&at) { styled(GOOD, format!("{value} <")) } else { value.to_string() };
        match delta {
            Some(delta) if delta.as_f64() != 0.0 => {
                let sign = if delta.as_f64() > 0.0 { "+" } else { "" };
                format!("{shown} {}", styled(DIM, format!("({sign}{delta})")))
            }
            _ => shown,
        }
    });
    [key(&row.key, row.differs)].into_iter().chain(values).collect()
}
