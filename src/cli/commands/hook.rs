use std::io::Read as _;

use anyhow::{Context as _, Result};

use crate::cli::output::{BAD, DIM, GOOD, HINT, Output, styled};
use crate::cli::table::line;
use crate::cli::{Context, Status};
use crate::diag::Report;
use crate::diag::render::{Colour, human};
use crate::ops::{HookWritten, JudgedRef, install_hooks, pre_commit, pre_push, pre_receive};

/// Check the registry's rules in git hooks
///
/// In a clone, `pre-commit` checks the staged files and `pre-push` the commits to be pushed. In a bare repository,
/// `pre-receive` checks every push: the registry's branch accepts only fast-forwards that follow the rules.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    hook: Hook,
}

#[derive(Debug, clap::Subcommand)]
enum Hook {
    /// Install the hooks in this repository
    ///
    /// Writes `pre-commit` and `pre-push` in a clone, and `pre-receive` in a bare repository, into git's hooks folder.
    /// An existing hook of another program is not changed; the command prints the line to add to it. Run the command
    /// again to update hooks.
    Install {
        /// The registry's folder, relative to the root of the repository [default: found upward from here; in a bare
        /// repository the root]
        #[arg(long)]
        folder: Option<String>,
    },
    /// Check the staged files; git runs this command
    PreCommit(Common),
    /// Check the commits to be pushed; git runs this command
    PrePush {
        #[command(flatten)]
        common: Common,
        /// The remote's name, or its address if it has no name
        remote: String,
        /// The remote's address
        url: Option<String>,
    },
    /// Check a push to a server, given as lines `OLD NEW REF` on standard input; git runs this command
    PreReceive(Common),
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The registry's folder, relative to the root of the repository [default: the root]
    #[arg(long, default_value = "", hide_default_value = true)]
    folder: String,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    match &args.hook {
        Hook::Install { folder } => install(folder.as_deref(), context, output),
        Hook::PreCommit(common) => {
            let found = pre_commit(&context.dir, context.environment()?, &common.folder)?;
            if found.report.findings.is_empty() {
                return Ok(Status::Done);
            }
            show(&found.report, &found.prefix, output);
            if found.report.errors() == 0 {
                return Ok(Status::Done);
            }
            output.note(refusal("nothing was committed: the staged files break the registry's rules"));
            output.note(aside(
                "fix the findings and stage the files again; `modelreg validate --staged` shows the findings",
            ));
            output.note(aside("`git commit --no-verify` skips this check"));
            Ok(Status::Findings)
        }
        Hook::PrePush { common, remote, .. } => {
            let (judged, prefix) =
                pre_push(&context.dir, context.environment()?, &common.folder, remote, &standard_input()?)?;
            let status = print_judged(&judged, &prefix, output);
            if status == Status::Findings {
                output.note(aside("nothing was pushed; `git push --no-verify` skips this check"));
            }
            Ok(status)
        }
        Hook::PreReceive(common) => {
            let (judged, prefix) =
                pre_receive(&context.dir, context.environment()?, &common.folder, &standard_input()?)?;
            let status = print_judged(&judged, &prefix, output);
            if status == Status::Findings {
                output.note(aside("the whole push was refused"));
            }
            Ok(status)
        }
    }
}

fn install(folder: Option<&str>, context: &Context, output: &mut Output) -> Result<Status> {
    let done = install_hooks(&context.dir, context.environment()?, folder)?;
    let named = if done.named { ", which core.hooksPath names" } else { "" };
    output.line(format!("hooks in {}{named}", line(&done.folder.display().to_string())));
    let mut status = Status::Done;
    for hook in &done.hooks {
        let said = match hook.written {
            HookWritten::New => "installed",
            HookWritten::Updated => "updated",
            HookWritten::Same => "up to date",
            HookWritten::Foreign => {
                status = Status::Findings;
                output.warn(
                    &format!("another program's {} hook exists; it was not changed", hook.name),
                    Some(&format!("add this line to the hook: {}", hook.line)),
                );
                if hook.name != "pre-commit" {
                    output.note(aside("the line reads standard input; if the hook reads it too, give each a copy"));
                }
                continue;
            }
        };
        output.line(format!("{} {} {said}", styled(GOOD, "✔"), hook.name));
    }
    if !done.registry_found {
        let hint = "if the registry is in a folder of the repository, run `modelreg hook install --folder DIR`";
        output.warn(
            "the repository does not contain a registry there yet; the hooks do nothing until it does",
            Some(hint),
        );
    }
    Ok(status)
}

fn standard_input() -> Result<Vec<u8>> {
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input).context("reading the pushed refs from standard input")?;
    Ok(input)
}

/// Prints the findings of each ref to standard error, which git shows to the user who pushes.
fn print_judged(judged: &[JudgedRef], prefix: &str, output: &mut Output) -> Status {
    let mut status = Status::Done;
    for one in judged {
        if !one.report.findings.is_empty() {
            show(&one.report, prefix, output);
        }
        if let Some((why, hint)) = &one.refused {
            status = Status::Findings;
            output.note(refusal(&format!("{} is refused: {why}", one.name)));
            output.note(aside(hint));
        } else if one.awaits_approvals {
            let name = one.name.strip_prefix("refs/heads/").unwrap_or(&one.name);
            output.note(styled(DIM, line(&format!("modelreg: {name} is accepted and waits for approval"))));
        }
    }
    status
}

fn show(report: &Report, prefix: &str, output: &mut Output) {
    output.note(human::render(report, prefix, Colour::On).trim_end());
}

fn refusal(text: &str) -> String {
    format!("{}: {}", styled(BAD, "error"), line(text))
}

fn aside(text: &str) -> String {
    format!("  {}: {}", styled(HINT, "hint"), line(text))
}
