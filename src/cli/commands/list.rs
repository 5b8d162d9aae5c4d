//! `modelreg list`. Its JSON is `{"models": [...], "unreadable": [{path, why}]}`. `unreadable` has the files that cannot be read and
//! leave out their models; the exit status is 1 then. Each model, by name, has:
//!
//! | key                          | what it is                                                            |
//! |------------------------------|-----------------------------------------------------------------------|
//! | `name`, `project`, `owners`  | as in `model.toml`; `project` is null if missing                      |
//! | `versions`, `latest_version` | the number of versions that are not deleted, and the newest of them, or null |
//! | `stages`                     | `[{stage, version, since, beside}]`: the stages that are not empty         |
//! | `created_at`, `last_modified`| RFC 3339, in UTC                                                      |
//! | `deleted`                    | whether the model is deleted                                          |

use anyhow::Result;

use super::outcome;
use crate::cli::args::{Format, ReadArgs};
use crate::cli::output::{BOLD, DIM, GOOD, LIST_ERRORS, Output, styled};
use crate::cli::table::{Columns, cell, count, line};
use crate::cli::{Context, Status};
use crate::ops::{Answer, InStage, Listed, list};

/// List all models
///
/// Prints one line per model: the newest version, the version in each stage, the owners, and the last change. `9 +10`
/// means that version 9 is the pointer and version 10 is in `beside`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg list
  modelreg list --rev v2022.1 --format json")]
pub(in crate::cli) struct Args {
    /// Include deleted models
    #[arg(long)]
    deleted: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(in crate::cli) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let Answer { found: models, unreadable } = list(&context.reading(args.read.rev.as_ref())?, args.deleted)?;
    match args.read.format {
        Format::Json => output.json(&serde_json::json!({ "models": models, "unreadable": unreadable }))?,
        Format::Human if models.is_empty() && unreadable.is_empty() => {
            output.line("no models yet");
            outcome::print_next(output, "modelreg register MODEL --artifact PATH");
        }
        Format::Human => output.text(&table(&models)),
    }
    Ok(output.left_out(&unreadable, LIST_ERRORS))
}

fn table(models: &[Listed]) -> String {
    let stages = columns(models);
    let upper: Vec<String> = stages.iter().map(|stage| stage.to_uppercase()).collect();
    let heads = ["MODEL", "LATEST"].into_iter().chain(upper.iter().map(String::as_str));
    let mut table = Columns::new(heads.chain(["PROJECT", "OWNERS", "MODIFIED"]));
    table.keep_whole([stages.len() + 4].into_iter().chain(1..stages.len() + 2));
    for model in models {
        let name = line(&model.name);
        let shown = if model.deleted { styled(DIM, format!("{name} (deleted)")) } else { styled(BOLD, name) };
        let mut row = vec![shown, model.latest_version.map_or("-".into(), |v| v.to_string())];
        row.extend(stages.iter().map(|stage| versions_in(model.stages.iter().find(|held| held.stage == *stage))));
        let owners: Vec<&str> = model.owners.iter().map(|owner| owner.as_str()).collect();
        row.extend([cell(model.project.as_deref()), cell(Some(&owners.join(", "))), model.last_modified.human()]);
        table.row(row);
    }
    format!("{}{}\n", table.text(), styled(DIM, count(models.len(), "model")))
}

fn versions_in(held: Option<&InStage>) -> String {
    held.map_or("-".into(), |held| {
        let beside: String = held.beside.iter().map(|version| format!(" +{version}")).collect();
        format!("{}{beside}", styled(GOOD, held.version))
    })
}

/// All stages that are not empty, in the policy's order.
fn columns(models: &[Listed]) -> Vec<&str> {
    let mut fullest: Vec<&Listed> = models.iter().collect();
    fullest.sort_by_key(|model| std::cmp::Reverse(model.stages.len()));
    let mut columns: Vec<&str> = Vec::new();
    for model in fullest {
        let names: Vec<&str> = model.stages.iter().map(|held| held.stage.as_str()).collect();
        for (at, name) in names.iter().enumerate() {
            if !columns.contains(name) {
                // Insert before the first existing column of a later stage of this model.
                let later = columns.iter().position(|column| names[at..].contains(column));
                columns.insert(later.unwrap_or(columns.len()), name);
            }
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Timestamp, UserId};

    fn model(name: &str, stages: &[(&str, u64, &[u64])]) -> Listed {
        let at = Timestamp::parse("2022-02-10 19:50:00").unwrap();
        let stage = |&(stage, version, beside): &(&str, u64, &[u64])| InStage {
            stage: stage.into(),
            version,
            since: Some(at),
            beside: beside.to_vec(),
        };
        Listed {
            name: name.into(),
            project: Some("iris".into()),
            owners: vec![UserId::new("ada@example.com").unwrap()],
            versions: 10,
            latest_version: Some(10),
            stages: stages.iter().map(stage).collect(),
            created_at: at,
            last_modified: at,
            deleted: false,
        }
    }

    #[test]
    fn a_column_per_stage_in_the_order_of_the_policy() {
        let mut gone = model("gone", &[]);
        (gone.deleted, gone.project, gone.owners, gone.latest_version) = (true, None, Vec::new(), None);
        let models = [
            model("a", &[("Production", 9, &[10])]),
            model("b", &[("Staging", 10, &[]), ("Production", 8, &[])]),
            model("c", &[("Canary", 3, &[]), ("Production", 2, &[])]),
            gone,
        ];
        let text = anstream::adapter::strip_str(&table(&models)).to_string();
        insta::assert_snapshot!(text);
    }
}
