use std::io::Read as _;

use anyhow::{Context as _, Result};

use crate::cli::output::{BAD, DIM, GOOD, HINT, Output, styled};
use crate::cli::table::line;
use crate::cli::{Context, Status};
use crate::diag::Report;
use crate::diag::render::{Colour, human};
use crate::ops::{HookWritten, JudgedRef, install_hooks, pre_commit, pre_push, pre_receive};

/// Check the registry's rules in git's hooks
///
/// In a clone, `pre-commit` checks what is staged and `pre-push` what is about to be pushed. In a bare repository,
/// `pre-receive` checks every push: the registry's branch only moves forward, and only by the rules.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    hook: Hook,
}

#[derive(Debug, clap::Subcommand)]
enum Hook {
    /// Write the hooks into this repository
    ///
    /// `pre-commit` and `pre-push` in a clone, `pre-receive` in a bare repository, in the folder that git runs them from.
    /// A hook that is there and is not modelreg's stays; the line to add to it is shown. Run it again to update.
    Install {
        /// The registry's folder from the repository's top [default: found upward from here; in a bare repository the top]
        #[arg(long)]
        folder: Option<String>,
    },
    /// Judge what is staged; git runs this
    PreCommit(Common),
    /// Judge what is about to be pushed; git runs this
    PrePush {
        #[command(flatten)]
        common: Common,
        /// The remote's name, or its address where it has none
        remote: String,
        /// The remote's address
        url: Option<String>,
    },
    /// Judge what a server is asked to take, by lines `OLD NEW REF` on standard input; git runs this
    PreReceive(Common),
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The registry's folder from the repository's top [default: the top]
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
            output.note(refusal("nothing was committed: what is staged breaks the registry's rules"));
            output.note(aside("fix it and stage it again (`modelreg validate --staged` shows the findings)"));
            output.note(aside("`git commit --no-verify` goes past this check"));
            Ok(Status::Findings)
        }
        Hook::PrePush { common, remote, .. } => {
            let (judged, prefix) =
                pre_push(&context.dir, context.environment()?, &common.folder, remote, &standard_input()?)?;
            let status = tell(&judged, &prefix, output);
            if status == Status::Findings {
                output.note(aside("nothing was pushed; `git push --no-verify` goes past this check"));
            }
            Ok(status)
        }
        Hook::PreReceive(common) => {
            let (judged, prefix) =
                pre_receive(&context.dir, context.environment()?, &common.folder, &standard_input()?)?;
            let status = tell(&judged, &prefix, output);
            if status == Status::Findings {
                output.note(aside("nothing of this push was taken"));
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
                    &format!("there is a {} hook already, which is not modelreg's; it was left as it is", hook.name),
                    Some(&format!("add this line to it: {}", hook.line)),
                );
                if hook.name != "pre-commit" {
                    output.note(aside("the line reads standard input; if the hook does too, give each a copy of it"));
                }
                continue;
            }
        };
        output.line(format!("{} {} {said}", styled(GOOD, "✔"), hook.name));
    }
    if !done.registry_found {
        let hint = "if it lies in a folder of the repository, say which: `modelreg hook install --folder DIR`";
        output.warn("the repository holds no registry there yet; the hooks wait for it", Some(hint));
    }
    Ok(status)
}

fn standard_input() -> Result<Vec<u8>> {
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input).context("reading what git says of the push")?;
    Ok(input)
}

/// Says what was found in each ref, on standard error: git shows that to whoever pushes.
fn tell(judged: &[JudgedRef], prefix: &str, output: &mut Output) -> Status {
    let mut status = Status::Done;
    for one in judged {
        if !one.report.findings.is_empty() {
            show(&one.report, prefix, output);
        }
        if let Some((why, hint)) = &one.refused {
            status = Status::Findings;
            output.note(refusal(&format!("{} is refused: {why}", one.name)));
            output.note(aside(hint));
        } else if one.report.errors() > 0 {
            output.note(styled(DIM, line(&format!("{} is taken; it cannot land before that is fixed", one.name))));
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
