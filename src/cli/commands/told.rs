//! What every command that committed says.

use crate::cli::output::{BOLD, DIM, GOOD, HINT, Output, styled};
use crate::cli::table::line;
use crate::diag::sanitize::for_shell;
use crate::ops::{Done, Moved, Session, push_request};

/// Says what was committed, and which checked-out files could not follow. Gives what else the command tells.
pub(super) fn committed<T>(done: Done<T>, output: &mut Output) -> T {
    if done.earlier {
        let text =
            "an earlier run of this command had done it and was stopped before it could say so; nothing is done twice";
        output.note(format!("{}: {text}", styled(HINT, "note")));
    }
    let short = &done.commit.to_string()[..10];
    output.line(format!("{} {}", styled(GOOD, "✔"), styled(BOLD, line(&done.subject))));
    output.line(styled(DIM, format!("  {short} on {}", line(&done.branch))));
    for left in &done.behind.left {
        output.warn(&left.to_string(), left.hint().as_deref());
    }
    if let Some((why, hint)) = &done.behind.failed {
        let text = format!("the commit is safe, but the checked-out files could not be brought up to date: {why}");
        output.warn(&text, Some(hint));
    }
    output.committed(done.receipt);
    done.value
}

/// Says what to do next.
pub(super) fn next(output: &mut Output, command: &str) {
    let command = match &output.folder {
        Some(folder) => in_folder(command, &folder.display().to_string()),
        None => command.to_owned(),
    };
    let command = command.as_str();
    output.line(format!("  {} {}", styled(DIM, "next:"), styled(HINT, line(command))));
}

/// Commands of modelreg and git, to be run for another folder than the current one.
fn in_folder(commands: &str, folder: &str) -> String {
    let one = |command: &str| {
        let (program, rest) = command.split_once(' ').unwrap_or((command, ""));
        format!("{program} -C {} {rest}", for_shell(folder))
    };
    commands.split(" && ").map(one).collect::<Vec<_>>().join(" && ")
}

/// Says what a move did beyond its subject.
pub(super) fn moved(done: Done<Moved>, session: &Session, output: &mut Output) -> Moved {
    let moved = committed(done, output);
    if let Some(request) = &moved.request {
        let people: Vec<String> = request.approvers.iter().map(|person| line(person.as_str())).collect();
        let needed = match request.approvals_needed {
            0 if request.pushed_to.is_some() => "it is reviewed on the forge".to_owned(),
            0 => "it is reviewed on the forge: push the branch and open a pull request".to_owned(),
            1 => format!("it needs the approval of {}", people.join(" or ")),
            n => format!("it needs {n} approvals, by {}", people.join(", ")),
        };
        output.line(format!("  {}: {needed}", styled(HINT, "a request")));
        if let Some(remote) = &request.pushed_to {
            output.line(format!("  pushed to {}", line(remote)));
        }
        if let Some(address) = &request.pull_request {
            output.line(format!("  pull request: {}", line(address)));
        }
        if let Some(trouble) = &request.trouble {
            output.warn(
                &format!("the pull request: {trouble}"),
                Some("open it yourself, and keep its address: `modelreg request link`"),
            );
        }
        if let Some(page) = &request.page {
            output.line(format!("  open the pull request: {}", line(page)));
        }
        let id = for_shell(&request.id);
        match request.approvals_needed {
            0 if request.pushed_to.is_some() => {}
            0 => next(output, &push_request(session, &request.branch)),
            _ => next(output, &format!("modelreg request show {id}   # what a reviewer sees")),
        }
        return moved;
    }
    if !moved.beside.is_empty() {
        let beside: Vec<String> = moved.beside.iter().map(u64::to_string).collect();
        output.line(format!("  {} keeps beside it: {}", line(&moved.stage), beside.join(", ")));
    }
    if let Some(at) = moved.clock_behind {
        let text = format!("this machine's clock is behind the registry; the entry was given the time {at}");
        output.warn(&text, Some("check the clock: `date -u`"));
    }
    moved
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
