//! `modelreg compare`. In its JSON, every row has one value per version; null if the version has none:
//!
//! | key         | what it is                                                                                   |
//! |-------------|----------------------------------------------------------------------------------------------|
//! | `versions`  | the columns: `NAME@VERSION`                                                                  |
//! | `facts`     | `[{key, values, differs}]`: keys of the manifests, and `stage`                               |
//! | `params`    | like `facts`, for params                                                                     |
//! | `metrics`   | `[{key, goal, values, deltas, best, differs}]`: `goal` is `higher`, `lower` or null, `deltas` are relative to the first version, `best` has the indexes of the best values, from 0 |
//! | `signature` | `{inputs, outputs, params, differs}`, with rows like those of `facts`                        |
//! | `unreadable` | `[{path, why}]`: files that cannot be read; their versions are left out, and the exit status is 1 |

use anyhow::Result;

use crate::cli::args::{Format, ReadArgs, parsed};
use crate::cli::output::{BOLD, DIM, GOOD, LIST_ERRORS, Output, WARN, styled};
use crate::cli::table::{Columns, cell};
use crate::cli::{Context, Status};
use crate::model::compare::{Comparison, MetricRow, Row};
use crate::ops::{Refusal, Target, compare};

/// Compare versions
///
/// Shows the facts, params, metrics and signatures of versions of one or several models. A row with different values
/// begins with `*`. The difference to the first version is in brackets. The best value of a metric is marked with
/// `best` if the registry's policy or the metric's name says which direction is better.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg compare iris 8 9 10
  modelreg compare iris Production latest
  modelreg compare iris@Production wine@3 --diff")]
pub(in crate::cli) struct Args {
    /// A model and its versions, by number, stage or alias; or MODEL@VERSION for each
    #[arg(required = true, num_args = 2.., value_name = "MODEL[@VERSION]")]
    targets: Vec<String>,
    /// Show only rows with different values
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(in crate::cli) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let compared = compare(&context.reading(args.read.rev.as_ref())?, &targets(&args.targets)?)?;
    match args.read.format {
        Format::Json => output.json(&compared)?,
        Format::Human => output.text(&table(&compared.comparison, args.diff)),
    }
    Ok(output.left_out(&compared.unreadable, LIST_ERRORS))
}

/// A first argument without a version is the model of the following arguments.
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
    let mut empty = true;
    let mut section = |title: &str, rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            let blank = vec![String::new(); compared.versions.len()];
            table.row([styled(BOLD, title)].into_iter().chain(blank));
            rows.into_iter().for_each(|row| table.row(row));
            empty = false;
        }
    };
    section("Facts", plain(&compared.facts, only_differing));
    section("Params", plain(&compared.params, only_differing));
    section("Metrics", compared.metrics.iter().filter(|row| row.differs || !only_differing).map(metric).collect());
    section("Takes", plain(&compared.signature.inputs, only_differing));
    section("Gives", plain(&compared.signature.outputs, only_differing));
    section("Params of calls", plain(&compared.signature.params, only_differing));
    if empty { "the versions do not differ\n".to_owned() } else { table.text() }
}

fn key(key: &str, differs: bool) -> String {
    let key = cell(Some(key));
    if differs { format!("{} {}", styled(WARN, "*"), styled(BOLD, key)) } else { format!("  {key}") }
}

fn plain<T: ToString>(rows: &[Row<T>], only_differing: bool) -> Vec<Vec<String>> {
    let value = |value: &Option<T>| cell(value.as_ref().map(|value| cut(&value.to_string())).as_deref());
    let shown = |row: &Row<T>| {
        let values = row.values.iter().map(value);
        let values = values.map(|text| if row.differs { styled(BOLD, text) } else { text });
        [key(&row.key, row.differs)].into_iter().chain(values).collect()
    };
    rows.iter().filter(|row| row.differs || !only_differing).map(shown).collect()
}

/// Shortens a value for a column; the JSON has the whole value. Addresses and digests of one model usually differ at
/// their ends, so the middle is omitted.
fn cut(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= CUT {
        return text.to_owned();
    }
    let half = (CUT - 3) / 2;
    let (start, end) = (&characters[..half], &characters[characters.len() - half..]);
    start.iter().chain(&['.', '.', '.']).chain(end).collect()
}

/// The maximum number of characters of a value.
const CUT: usize = 41;

fn metric(row: &MetricRow) -> Vec<String> {
    let values = row.values.iter().zip(&row.deltas).enumerate().map(|(at, (value, delta))| {
        let Some(value) = value else { return "-".to_owned() };
        let mut shown = match (row.best.contains(&at), row.differs) {
            (true, _) => styled(GOOD, format!("{value} best")),
            (false, true) => styled(BOLD, value),
            (false, false) => value.to_string(),
        };
        if let Some(delta) = delta.filter(|delta| delta.as_f64() != 0.0) {
            let sign = if delta.as_f64() > 0.0 { "+" } else { "" };
            shown.push_str(&styled(DIM, format!(" ({sign}{delta})")));
        }
        shown
    });
    [key(&row.key, row.differs)].into_iter().chain(values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::compare::{Candidate, compare};
    use crate::model::{Manifest, Registry};

    fn words(words: &[&str]) -> Result<Vec<String>> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let shown = |target: Target| format!("{} {:?}", target.model, target.selector);
        Ok(targets(&words)?.into_iter().map(shown).collect())
    }

    #[test]
    fn the_first_word_can_name_the_model_of_the_others() {
        let short = words(&["iris", "8", "Production", "wine@3"]).unwrap();
        assert_eq!(short, words(&["iris@8", "iris@Production", "wine@3"]).unwrap());
        assert!(words(&["iris", "a/b"]).is_err());
    }

    #[test]
    fn what_differs_and_what_is_best_shows_without_colour() {
        let manifest = |version: u64, accuracy: f64, c: f64| -> Manifest {
            let uri = format!("s3://a-bucket-with-a-long-name/models/iris/{version}");
            let text = format!(
                "format = 1\nversion = {version}\ncreated_at = 2022-02-10T19:50:00Z\ncreated_by = \"ada@example.com\"\n\
                 [artifact]\nuri = \"{uri}\"\n[params]\nC = {c}\nkernel = \"rbf\"\n[metrics]\naccuracy = {accuracy}\n"
            );
            toml::from_str(&text).unwrap()
        };
        let (old, new) = (manifest(8, 0.91, 1.0), manifest(9, 0.93, 0.5));
        let registry: Registry = toml::from_str("format = 1\nname = \"acme\"\n").unwrap();
        let candidates = [
            Candidate { label: "iris@8", manifest: &old, stage: "Archived" },
            Candidate { label: "iris@9", manifest: &new, stage: "Production" },
        ];
        let compared = compare(&candidates, &registry);
        let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
        insta::assert_snapshot!(plain(&table(&compared, false)));
        insta::assert_snapshot!(plain(&table(&compared, true)));
        let same = compare(&[candidates[0], candidates[0]], &registry);
        assert_eq!(table(&same, true), "the versions do not differ\n");
    }
}
