//! The output of a command that writes. Its JSON:
//!
//! | key         | what it is                                                                                   |
//! |-------------|----------------------------------------------------------------------------------------------|
//! | `state`     | `done`: the remote has the commit, or there is no remote; `only_here`: only this clone has the commit; `requested`: nothing has changed until the request lands |
//! | `subject`, `commit`, `branch` | the commit's subject, its id, and its branch                               |
//! | `pushed_to` | the remote that has the commit, or null                                                      |
//! | `repeated`  | whether an earlier run of the command made the commit, so that this run added nothing        |
//! | `lines`     | what else there is to say, as sentences for people                                           |
//! | `warnings`  | `[{text, hint}]`: problems that did not prevent the commit                                   |
//! | `next`      | suggested commands, first the one that publishes the commit                                  |
//! | `result`    | what the command did, or null                                                                |
//!
//! `result` is of `register`: `{model, version, new_model, uri, digest, files, size}`; of `promote`, `rollback` and
//! `withdraw`: `{model, stage, action, version, from, now, beside, reason, request, serving, clock_behind}`, where `request`
//! is `{id, branch, pushed_to, pull_request, page, approvals_needed, approvers, ...}` or null, and `serving` is
//! `{branch, version, uri, digest}`, the version that is in the stage on the registry's branch; of `approve`:
//! `{id, signed, approvals, needed, landed, from_remote}`; of `land`: `{id, approved_by, remote}`; of `reject`:
//! `{id, own, remote}`; of `sync`: `{branch, remote, received, sent, replayed, dropped, gave_up}`.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::Status;
use crate::cli::args::Format;
use crate::cli::output::{BOLD, DIM, GOOD, HINT, Output, WARN, styled};
use crate::cli::table::line;
use crate::diag::sanitize::for_shell;
use crate::ops::{Done, Reach, Receipt, Summary};

/// Prints the summary of a commit.
pub(super) fn print_commit<T: Serialize>(done: Done<T>, format: Format, output: &mut Output) -> Result<Status> {
    print_summary(done.into_commit_summary(), format, output)
}

/// Prints a summary with the command's result.
pub(super) fn print_summary<T: Serialize>(
    (summary, value, receipt): (Summary, T, Receipt),
    format: Format,
    output: &mut Output,
) -> Result<Status> {
    output.committed(receipt);
    match format {
        Format::Human => print(&summary, output),
        Format::Json => output.json(&json(&summary, &value)?)?,
    }
    Ok(Status::Done)
}

/// A summary with the command's result as JSON.
fn json(summary: &Summary, value: &impl Serialize) -> Result<Value> {
    let Summary { subject, commit, branch, earlier, requested, reach, lines, warnings, push, next } = summary;
    let warnings: Vec<Value> =
        warnings.iter().map(|warning| json!({ "text": warning.text, "hint": warning.hint })).collect();
    let (state, remote) = match reach {
        Reach::NoRemote => ("done", None),
        Reach::Pushed { remote } => ("done", Some(remote)),
        Reach::OnlyHere { .. } => ("only_here", None),
    };
    Ok(json!({
        "subject": subject, "commit": commit, "branch": branch,
        "state": if *requested { "requested" } else { state }, "pushed_to": remote, "repeated": earlier,
        "lines": lines, "warnings": warnings, "next": push.iter().chain(next).collect::<Vec<_>>(), "result": value,
    }))
}

/// Prints a summary for people.
pub(super) fn print(summary: &Summary, output: &mut Output) {
    if summary.earlier {
        let text = "an earlier run of this command made the commit but was stopped before it could report this; this run added nothing";
        output.note(format!("{}: {text}", styled(HINT, "note")));
    }
    output.line(format!("{} {}", mark(summary), styled(BOLD, line(&summary.title()))));
    output.line(styled(DIM, format!("  {}", line(&summary.place()))));
    for text in &summary.lines {
        output.line(format!("  {}", line(text)));
    }
    for warning in &summary.warnings {
        output.warn(&warning.text, warning.hint.as_deref());
    }
    for command in summary.push.iter().chain(&summary.next) {
        print_next(output, command);
    }
}

/// The mark of a commit: done, done in this clone only, or only requested.
fn mark(summary: &Summary) -> String {
    match &summary.reach {
        _ if summary.requested => styled(HINT, "…"),
        Reach::OnlyHere { .. } => styled(WARN, "↑"),
        Reach::NoRemote | Reach::Pushed { .. } => styled(GOOD, "✔"),
    }
}

/// Prints a suggested command.
pub(super) fn print_next(output: &mut Output, command: &str) {
    let command = match &output.folder {
        Some(folder) => in_folder(command, &folder.display().to_string()),
        None => command.to_owned(),
    };
    let command = command.as_str();
    output.line(format!("  {} {}", styled(DIM, "next:"), styled(HINT, line(command))));
}

/// Adds the option `-C FOLDER` to commands of modelreg and git.
fn in_folder(commands: &str, folder: &str) -> String {
    let one = |command: &str| {
        let (program, rest) = command.split_once(' ').unwrap_or((command, ""));
        format!("{program} -C {} {rest}", for_shell(folder))
    };
    commands.split(" && ").map(one).collect::<Vec<_>>().join(" && ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_is_for_the_folder_that_was_named() {
        assert_eq!(in_folder("modelreg list", "reg"), "modelreg -C reg list");
        assert_eq!(
            in_folder("git push origin main:main && git push origin :x", "my reg"),
            "git -C 'my reg' push origin main:main && git -C 'my reg' push origin :x"
        );
    }
}
