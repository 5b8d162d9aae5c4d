use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cli::output::Output;
use crate::cli::{Context, Status};
use crate::diag::render::{Colour, ReportFormat, gates, render};
use crate::ops::{Scope, Session, StoreError, Validated, validate, validate_folder};

/// Check the rules of a registry, or of a change
///
/// Without a revision, checks the files in the folder, including uncommitted edits. With `--head`, checks the files of
/// that commit. With `--base`, also checks the change from the base to the head (by default HEAD), and prints a table
/// of the policy's requirements for each version that enters a stage. Exits with 1 if there are errors.
///
/// With `--format github`, the table is also added to the job summary (`GITHUB_STEP_SUMMARY`).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg validate
  modelreg validate --base origin/main --format github
  modelreg validate --head requests/iris/Production/10 --format sarif > findings.sarif")]
pub(in crate::cli) struct Args {
    /// The registry's folder [default: found upward from here]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Also check the change from this commit; its policy applies
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Check the files of this commit
    #[arg(long, value_name = "REV")]
    head: Option<String>,
    /// Check the staged files, not the files in the folder
    #[arg(long, conflicts_with_all = ["base", "head"])]
    staged: bool,
    /// The output format: human, json, github, gitlab, sarif or junit
    #[arg(long, default_value_t = ReportFormat::Human)]
    format: ReportFormat,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let Validated { report, prefix } = judge(args, context)?;
    output.text(&render(&report, args.format, &prefix, Colour::On));
    if args.format == ReportFormat::Github
        && let Some(tables) = gates::markdown(&report)
        && let Some(file) = context.environment()?.step_summary
        && let Err(error) = append(&file, &tables)
    {
        output.warn(&format!("the job summary could not be written: {error}"), None);
    }
    Ok(if report.errors() > 0 { Status::Findings } else { Status::Done })
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(text.as_bytes())
}

fn judge(args: &Args, context: &Context) -> Result<Validated> {
    let dir = args.folder.as_ref().map_or(context.dir.clone(), |folder| context.dir.join(folder));
    let scope = match (&args.base, &args.head) {
        (Some(base), head) => Scope::Change { base: base.clone(), head: head.clone().unwrap_or("HEAD".into()) },
        (None, Some(head)) => Scope::Commit(head.clone()),
        (None, None) if args.staged => Scope::Staged,
        (None, None) => Scope::Files,
    };
    // The registry is where the base has it: a change must not move it away from its rules.
    let opened = match &scope {
        Scope::Change { base: revision, .. } | Scope::Commit(revision) => {
            Session::open_at(&dir, revision, context.environment()?)
        }
        Scope::Files | Scope::Staged => Session::open(&dir, context.environment()?),
    };
    match opened {
        Ok(session) => validate(&session, &scope),
        // A folder can be checked without git, even if its registry.toml is missing.
        Err(error) if scope == Scope::Files && is_no_registry(&error) => validate_folder(&dir),
        Err(error) => Err(error),
    }
}

fn is_no_registry(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::NoRepository(_) | StoreError::NoRegistry(_)))
}
