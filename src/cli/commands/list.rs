//! JSON: `{"models": [{name, project, owners, versions, latest_version, stages: [{stage, version, since, beside}],
//! created_at, last_modified, deleted}]}`, by name.

use anyhow::Result;

use super::told;
use crate::cli::args::{Format, ReadArgs};
use crate::cli::output::{BOLD, DIM, GOOD, Output, styled};
use crate::cli::table::{Columns, cell};
use crate::cli::{Context, Status};
use crate::ops::{Listed, list};

/// List all models
///
/// With what is in each stage, and when anything of the model last changed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// List deleted models too
    #[arg(long)]
    deleted: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let models = list(&context.reading(args.read.rev.as_ref())?, args.deleted)?;
    if args.read.format == Format::Json {
        output.json(&serde_json::json!({ "models": models }))?;
        return Ok(Status::Done);
    }
    if models.is_empty() {
        output.line("no models yet");
        told::next(output, "modelreg register MODEL --artifact PATH");
        return Ok(Status::Done);
    }
    output.text(&table(&models));
    output.line(styled(DIM, format!("{} model{}", models.len(), if models.len() == 1 { "" } else { "s" })));
    Ok(Status::Done)
}

fn table(models: &[Listed]) -> String {
    let mut stages: Vec<&str> = Vec::new();
    for stage in models.iter().flat_map(|model| &model.stages) {
        if !stages.contains(&stage.stage.as_str()) {
            stages.push(&stage.stage);
        }
    }
    stages.sort_by_key(|stage| (*stage == "Production", *stage == "Staging"));
    let upper: Vec<String> = stages.iter().map(|stage| stage.to_uppercase()).collect();
    let heads = ["MODEL", "LATEST"].into_iter().chain(upper.iter().map(String::as_str));
    let mut table = Columns::new(heads.chain(["PROJECT", "OWNERS", "LAST MODIFIED"]));
    for model in models {
        let name = if model.deleted {
            styled(DIM, cell(Some(&format!("{} (deleted)", model.name))))
        } else {
            styled(BOLD, cell(Some(&model.name)))
        };
        let mut row = vec![name, model.latest_version.map_or("-".into(), |v| v.to_string())];
        for stage in &stages {
            let held = model.stages.iter().find(|s| s.stage == *stage);
            row.push(held.map_or("-".into(), |s| {
                let beside: String = s.beside.iter().map(|v| format!(" +{v}")).collect();
                styled(GOOD, format!("{}{beside}", s.version))
            }));
        }
        let owners: Vec<&str> = model.owners.iter().map(|owner| owner.as_str()).collect();
        row.extend([cell(model.project.as_deref()), cell(Some(&owners.join(", "))), model.last_modified.human()]);
        table.row(row);
    }
    table.text()
}
