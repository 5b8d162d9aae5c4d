use std::collections::BTreeMap;

use anyhow::Result;
use clap::ValueEnum;

use crate::cli::args::pair;
use crate::cli::output::{GOOD, Output, styled};
use crate::cli::table::line;
use crate::cli::{Context, Status};
use crate::model::UserId;
use crate::ops::{CodeOwners, Forge, codeowners};

/// Write a forge's CODEOWNERS file from the policy
///
/// The code owners of a stage's pointer files are its approvers, or each model's owners if the policy names no
/// approvers. The code owners of `registry.toml`, `allowed_signers` and CODEOWNERS itself are the approvers of the
/// strictest stage. Teams are written as their members. The command changes only the part between two marker lines;
/// commit the file like any other.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg codeowners --forge github
  modelreg codeowners --forge gitea --name ada@example.com=ada --name lead@example.com=grace
  modelreg codeowners --forge gitlab --check

The forge must be set to ask code owners: on GitHub a branch ruleset with `Require review from
Code Owners`, on GitLab a protected branch with `Code owner approval`. Gitea only asks them for
their review.")]
pub(in crate::cli) struct Args {
    /// The forge; gitea also for Forgejo
    #[arg(long, value_enum)]
    forge: ForgeArg,
    /// The name of a person on the forge: a user or ORG/TEAM. Required for Gitea, which does not accept addresses
    #[arg(long = "name", value_name = "ADDRESS=USER", value_parser = |text: &str| pair::<UserId, _>(text, forge_name))]
    names: Vec<(UserId, String)>,
    /// Write nothing; exit with 1 if the file is not up to date
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ForgeArg {
    Github,
    Gitlab,
    Gitea,
}

/// The name of a user or team on a forge, with or without `@`.
fn forge_name(text: &str) -> Result<String, String> {
    let name = text.strip_prefix('@').unwrap_or(text);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c)) {
        return Err("this is not the name of a user or team; write ADDRESS=USER or ADDRESS=ORG/TEAM".into());
    }
    Ok(name.to_owned())
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let forge = match args.forge {
        ForgeArg::Github => Forge::Github,
        ForgeArg::Gitlab => Forge::Gitlab,
        ForgeArg::Gitea => Forge::Gitea,
    };
    let names: BTreeMap<UserId, String> = args.names.iter().cloned().collect();
    let done = codeowners(&context.reading(None)?, &CodeOwners { forge, names, check: args.check })?;
    let path = line(&done.path);
    for person in &done.unknown {
        let text = format!("{} does not accept addresses, and the name of {person} there is unknown", forge.name());
        output.warn(&text, Some(&format!("--name {person}=USER")));
    }
    if done.overruled {
        let text = format!("lines after modelreg's part of {} override that part", done.path);
        output.warn(&text, Some("move the lines before that part, unless this is intended"));
    }
    if args.check && !done.up_to_date {
        output
            .warn(&format!("{} is not up to date", done.path), Some("run the command without --check, and commit it"));
        return Ok(Status::Findings);
    }
    let lines = if done.lines == 1 { "1 line".into() } else { format!("{} lines", done.lines) };
    let said = if done.up_to_date { "is up to date" } else { "is written" };
    output.line(format!("{} {path} {said}: {lines}", styled(GOOD, "✔")));
    Ok(Status::Done)
}
