//! JSON of a model: the keys of `model.toml`, and `last_modified`, `versions: [{version, stage, created_at, created_by,
//! last_modified, aliases, description, deleted}]`, newest first, `stages: [{stage, version, since, prior_version, beside,
//! history}]`. Of a version: `name`, the keys of its manifest, and `stage`, `aliases`, `last_modified`, `moves`.

use anyhow::Result;

use super::told::quoted;
use crate::cli::args::{Format, ReadArgs, parsed};
use crate::cli::output::{BAD, BOLD, DIM, GOOD, Output, WARN, styled};
use crate::cli::table::{Columns, cell};
use crate::cli::{Context, Status};
use crate::diag::sanitize::{for_terminal, one_line};
use crate::model::{STAGE_ARCHIVED, STAGE_NONE};
use crate::ops::{ModelView, StageView, Target, VersionView, View, show};

/// Show a model with its versions and stages, or one version
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg show iris
  modelreg show iris@9
  modelreg show iris@Production --format json")]
pub(in crate::cli) struct Args {
    /// The model, or a version of it by number, stage or alias
    #[arg(value_parser = parsed::<Target>, value_name = "MODEL[@VERSION]")]
    target: Target,
    /// Show every version, not only the newest twenty
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    read: ReadArgs,
}

/// How many versions a model's page lists unless all are asked for.
const PAGE: usize = 20;

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let view = show(&context.reading(args.read.rev.as_ref())?, &args.target)?;
    match (args.read.format, &view) {
        (Format::Json, view) => output.json(view)?,
        (Format::Human, View::Model(model)) => output.text(&model_page(model, args.all)),
        (Format::Human, View::Version(version)) => output.text(&version_page(version)),
    }
    Ok(Status::Done)
}

/// A stage's name in the colour that says how far the version has come.
pub(super) fn stage_text(stage: &str) -> String {
    match stage {
        STAGE_NONE => styled(DIM, stage),
        STAGE_ARCHIVED => styled(DIM, stage),
        "Production" => styled(GOOD, stage),
        _ => styled(WARN, one_line(stage)),
    }
}

fn prose(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let mut shown: String = lines.iter().take(12).map(|line| format!("  {}\n", for_terminal(line))).collect();
    if lines.len() > 12 {
        shown.push_str("  ...\n");
    }
    shown
}

fn fact(label: &str, value: &str) -> String {
    format!("{} {value}\n", styled(DIM, format!("{label:<14}")))
}

fn pairs<K: AsRef<str>, V: ToString>(title: &str, pairs: impl IntoIterator<Item = (K, V)>) -> String {
    let rows: Vec<(String, String)> =
        pairs.into_iter().map(|(k, v)| (one_line(k.as_ref()), one_line(&v.to_string()))).collect();
    if rows.is_empty() {
        return String::new();
    }
    let width = rows.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
    let lines: String = rows.iter().map(|(key, value)| format!("  {key:<width$}  {value}\n")).collect();
    format!("\n{}\n{lines}", styled(BOLD, title))
}

fn model_page(model: &ModelView, all: bool) -> String {
    let file = &model.file;
    let mut page = format!("{}\n", styled(BOLD, one_line(file.name.as_str())));
    if let Some(deleted) = &file.deleted {
        let why = deleted.reason.as_ref().map_or(String::new(), |r| format!(": {}", one_line(r.as_str())));
        page.push_str(&format!("{} by {} at {}{why}\n", styled(BAD, "deleted"), deleted.by, deleted.at.human()));
    }
    if let Some(description) = &file.description {
        page.push_str(&prose(description.as_str()));
    }
    page.push('\n');
    page.push_str(&fact("created", &format!("{} by {}", file.created_at.human(), file.created_by)));
    page.push_str(&fact("last modified", &model.last_modified.human()));
    let list = |items: Vec<&str>| one_line(&items.join(", "));
    page.push_str(&fact("owners", &list(file.owners.iter().map(|o| o.as_str()).collect())));
    if let Some(project) = &file.project {
        page.push_str(&fact("project", &one_line(project.as_str())));
    }
    if !file.former_names.is_empty() {
        page.push_str(&fact("formerly", &list(file.former_names.iter().map(|n| n.as_str()).collect())));
    }
    if !file.tags.is_empty() {
        let tags: Vec<String> = file.tags.iter().map(|(k, v)| format!("{k}={v}")).collect();
        page.push_str(&fact("tags", &one_line(&tags.join(", "))));
    }
    page.push_str(&stages(&model.stages));
    let shown = if all { model.versions.len() } else { PAGE };
    let mut table = Columns::new(["VERSION", "REGISTERED AT", "CREATED BY", "STAGE", "ALIASES", "DESCRIPTION"]);
    for line in model.versions.iter().take(shown) {
        let description = line.description.as_deref().and_then(|text| text.lines().next()).map(cut);
        table.row([
            line.version.to_string(),
            line.created_at.human(),
            cell(Some(line.created_by.as_str())),
            if line.deleted { styled(BAD, "deleted") } else { stage_text(&line.stage) },
            cell(Some(&line.aliases.join(", "))),
            cell(description.as_deref()),
        ]);
    }
    page.push_str(&format!("\n{}", table.text()));
    if model.versions.len() > shown {
        page.push_str(&styled(DIM, format!("{} older versions; `--all` shows them\n", model.versions.len() - shown)));
    }
    page
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}

fn stages(stages: &[StageView]) -> String {
    if stages.is_empty() {
        return String::new();
    }
    let mut table = Columns::new(["STAGE", "VERSION", "SINCE", "ROLLBACK GOES TO"]);
    for stage in stages {
        let beside: String = stage.beside.iter().map(|v| format!(" +{v}")).collect();
        table.row([
            stage_text(&stage.stage),
            format!("{}{beside}", stage.version.map_or("-".into(), |v| v.to_string())),
            stage.since.map_or("-".into(), |at| at.human()),
            stage.prior_version.map_or("-".into(), |v| v.to_string()),
        ]);
    }
    format!("\n{}", table.text())
}

fn version_page(view: &VersionView) -> String {
    let manifest = &view.manifest;
    let mut page = format!(
        "{} {}\n",
        styled(BOLD, format!("{} {}", one_line(&view.name), manifest.version)),
        stage_text(&view.stage)
    );
    if let Some(deleted) = &manifest.deleted {
        let why = deleted.reason.as_ref().map_or(String::new(), |r| format!(": {}", one_line(r.as_str())));
        page.push_str(&format!("{} by {} at {}{why}\n", styled(BAD, "deleted"), deleted.by, deleted.at.human()));
    }
    if let Some(description) = &manifest.description {
        page.push_str(&prose(description.as_str()));
    }
    page.push('\n');
    page.push_str(&fact("registered", &format!("{} by {}", manifest.created_at.human(), manifest.created_by)));
    page.push_str(&fact("last modified", &view.last_modified.human()));
    let lineage = &manifest.lineage;
    let code = lineage.code.as_ref().map(|code| {
        let repository = code.repository.as_ref().map_or(String::new(), |r| format!(" of {r}"));
        format!("{}{repository}", code.commit)
    });
    let optional = [
        ("project", manifest.project.as_ref().map(ToString::to_string)),
        ("environment", manifest.environment.as_ref().map(ToString::to_string)),
        ("aliases", (!view.aliases.is_empty()).then(|| view.aliases.join(", "))),
        ("artifact", Some(manifest.artifact.uri.to_string())),
        ("flavor", manifest.artifact.flavor.as_ref().map(ToString::to_string)),
        ("size", manifest.artifact.size.map(|size| format!("{size} bytes in {} files", manifest.artifact.files.len()))),
        ("digest", manifest.artifact.digest.as_ref().map(ToString::to_string)),
        ("run", lineage.run_id.as_ref().map(ToString::to_string)),
        ("experiment", lineage.experiment.as_ref().map(ToString::to_string)),
        ("run page", lineage.run_link.as_ref().map(ToString::to_string)),
        ("code", code),
        ("parent", lineage.parent.as_ref().map(ToString::to_string)),
    ];
    for (label, value) in optional {
        if let Some(value) = value {
            page.push_str(&fact(label, &one_line(&value)));
        }
    }
    let datasets =
        lineage.datasets.iter().map(|d| (d.name.as_str(), d.uri.as_ref().map_or(String::new(), |u| u.to_string())));
    page.push_str(&pairs("datasets", datasets));
    page.push_str(&pairs("params", &manifest.params));
    page.push_str(&pairs("metrics", &manifest.metrics));
    page.push_str(&pairs("tags", &manifest.tags));
    let files =
        manifest.artifact.files.iter().map(|f| (f.path.as_str(), format!("{:>10}  {}", f.size, f.digest.short())));
    page.push_str(&pairs("files", files));
    if let Some(signature) = &manifest.signature {
        let field = |f: &crate::model::Field| {
            let name = f.name.as_ref().map_or(String::new(), |n| format!("{n}: "));
            let shape = f.shape.as_ref().map_or(String::new(), |s| format!(" {s:?}"));
            format!("{name}{}{shape}", f.kind)
        };
        let inputs = signature.inputs.iter().map(|f| ("takes", field(f)));
        page.push_str(&pairs("signature", inputs.chain(signature.outputs.iter().map(|f| ("gives", field(f))))));
    }
    let moves = view.moves.iter().map(|m| {
        let verb = if m.entry.version == manifest.version { m.entry.action.word() } else { "displaced" };
        let reason = m.entry.reason.as_ref().map_or(String::new(), |r| format!(": {r}"));
        (m.entry.at.human(), format!("{verb}, {} by {}{reason}", m.stage, m.entry.by))
    });
    page.push_str(&pairs("moves", moves));
    let comments = manifest.comments.iter().map(|c| (c.at.human(), format!("{}: {}", c.by, c.text)));
    page.push_str(&pairs("comments", comments));
    page.push_str(&format!(
        "\n{}\n",
        styled(DIM, format!("modelreg history {} shows who moved what, and why", quoted(&view.name)))
    ));
    page
}
