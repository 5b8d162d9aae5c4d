//! The output of commands that commit.

use crate::cli::output::{BOLD, DIM, GOOD, HINT, Output, WARN, styled};
use crate::cli::table::line;
use crate::diag::sanitize::for_shell;
use crate::ops::{Done, Reach, Receipt, Summary};

/// Prints the summary of a commit, and returns the command's result.
pub(super) fn print_commit<T>(done: Done<T>, output: &mut Output) -> T {
    print_summary(done.into_commit_summary(), output)
}

/// Prints a summary, and returns the command's result.
pub(super) fn print_summary<T>((summary, value, receipt): (Summary, T, Receipt), output: &mut Output) -> T {
    if summary.earlier {
        let text = "an earlier run of this command made the commit but was stopped before it could report this; this run added nothing";
        output.note(format!("{}: {text}", styled(HINT, "note")));
    }
    output.line(format!("{} {}", mark(&summary), styled(BOLD, line(&summary.title()))));
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
    output.committed(receipt);
    value
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
