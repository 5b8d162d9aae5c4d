use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::cli::Status;
use crate::cli::output::Output;
use crate::model::FileKind;
use crate::model::schema::schema_text;

/// Print the JSON Schema of a kind of file, or write all schemas
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The kind of file
    #[arg(required_unless_present = "write")]
    kind: Option<Kind>,
    /// Write all schemas into this folder, as KIND.json
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    write: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// registry.toml
    Registry,
    /// model.toml
    Model,
    /// versions/N.toml
    Version,
    /// stages/NAME.toml
    Stage,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Status> {
    if let Some(folder) = &args.write {
        std::fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))?;
        for kind in FileKind::ALL {
            let path = folder.join(format!("{kind}.json"));
            std::fs::write(&path, schema_text(kind)).with_context(|| format!("writing `{}`", path.display()))?;
        }
    }
    if let Some(kind) = args.kind {
        output.text(&schema_text(match kind {
            Kind::Registry => FileKind::Registry,
            Kind::Model => FileKind::Model,
            Kind::Version => FileKind::Version,
            Kind::Stage => FileKind::Stage,
        }));
    }
    Ok(Status::Done)
}
