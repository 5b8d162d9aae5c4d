//! `modelreg requests`. Its JSON is `{"requests": [...], "unreadable": [{path, why}]}`. `unreadable` has the branches and files that cannot be
//! read as requests; the exit status is 1 then. Each request, oldest first, has:
//!
//! | key                                       | what it is                                                        |
//! |-------------------------------------------|-------------------------------------------------------------------|
//! | `id`, `branch`, `remote`                  | `MODEL/STAGE/VERSION`; the branch; the remote of the branch, or null |
//! | `model`, `stage`, `action`, `version`, `from`, `by`, `at`, `reason` | the move, as in the journal entry          |
//! | `review`                                  | the review that the stage requires                                |
//! | `approvals`                               | `[{by, at, comment, signed, counts, why_not}]`                    |
//! | `approvals_counted`, `approvals_needed`, `approvers` | the numbers of approvals, and the users whose approval counts |
//! | `pull_request`                            | the address of the pull request, or null                          |
//! | `also_changes`                            | the other files that the request changes                          |
//! | `stale`                                   | why the request must be made again, or null                       |
//! | `landed`                                  | whether the request is a landed emergency that awaits approval    |
//! | `ready`                                   | whether the request can land now                                  |
//! | `state`                                   | `awaits_approval`, `ready`, `stale`, `breaks_rules` or `emergency` |
//! | `only_here`                               | whether the branch has commits that only this clone has           |
//! | `findings`                                | `[{code, message, hint}]`: the findings in the merge result       |

use anyhow::Result;
use serde_json::{Value, json};

use super::outcome;
use crate::cli::args::{Format, ReadArgs};
use crate::cli::output::{BAD, BOLD, DIM, GOOD, Output, WARN, styled};
use crate::cli::table::{Columns, cell, line};
use crate::cli::{Context, Status};
use crate::model::{RequestId, Timestamp};
use crate::ops::{Request, Requests, State, requests};

/// List the open review requests
///
/// Prints one line for each request: its id, requester and age, the approvals it has and needs, and its state. The list
/// includes landed emergencies that await approval.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg requests
  modelreg request show iris/Production/10")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.reading(args.read.rev.as_ref())?;
    let Requests { requests: open, unreadable } = requests(&session)?;
    match args.read.format {
        Format::Json => {
            output.json(&json!({ "requests": open.iter().map(view).collect::<Vec<_>>(), "unreadable": unreadable }))?
        }
        Format::Human if open.is_empty() => output.line("no open requests"),
        Format::Human => {
            let mut table = Columns::new(["REQUEST", "REQUESTER", "AGE", "APPROVALS", "STATE"]);
            table.keep_whole([2, 3]);
            for request in &open {
                table.row([
                    styled(BOLD, line(&request.id.to_string())),
                    cell(Some(request.entry.by.as_str())),
                    age(session.now(), request.entry.at),
                    approvals(request.count.counted.len(), request.count.needed),
                    match only_here(request) {
                        None => state(request.state()),
                        Some(_) => format!("{}, {}", state(request.state()), styled(WARN, ONLY_HERE)),
                    },
                ]);
            }
            output.text(&table.text());
            for push in open.iter().filter_map(only_here) {
                outcome::print_next(output, push);
            }
        }
    }
    Ok(output.left_out(
        &unreadable,
        "delete the branch or make the request again; `modelreg validate` lists errors in files",
    ))
}

/// What is said of a request that has commits which the remote does not have.
pub(super) const ONLY_HERE: &str = "only in this clone";

/// The command that pushes a request, if only this clone has it.
fn only_here(request: &Request) -> Option<&str> {
    request.open()?.only_here.as_deref()
}

/// The time since `then`, in one unit.
pub(super) fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = (now.utc() - then.utc()).num_seconds().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The number of approvals that a request has and needs.
pub(in crate::cli) fn approvals(counted: usize, needed: usize) -> String {
    if needed == 0 {
        return "by the forge".into();
    }
    styled(if counted >= needed { GOOD } else { WARN }, format!("{counted} of {needed}"))
}

/// The state of a request in a few words.
pub(in crate::cli) fn state(state: State) -> String {
    match state {
        State::Emergency => styled(WARN, "emergency, awaits approval"),
        State::Stale => styled(WARN, "stale: make the request again"),
        State::Ready => styled(GOOD, "ready to land"),
        State::BreaksRules => styled(BAD, "breaks rules"),
        State::AwaitsApproval => styled(DIM, "awaits approval"),
    }
}

/// A request as JSON.
pub(super) fn view(request: &Request) -> Value {
    let RequestId { model, stage, version } = &request.id;
    let entry = &request.entry;
    let approvals: Vec<Value> = entry
        .approvals
        .iter()
        .enumerate()
        .map(|(at, approval)| {
            let why = request.count.not_counted.iter().find(|(not, _)| *not == at).map(|(_, why)| why);
            json!({
                "by": approval.by, "at": approval.at.rfc3339(), "comment": approval.comment,
                "signed": approval.signature.is_some(), "counts": why.is_none(), "why_not": why,
            })
        })
        .collect();
    let open = request.open();
    let findings: Vec<Value> = open
        .iter()
        .flat_map(|open| &open.report.findings)
        .map(|finding| json!({ "code": finding.code.id, "message": finding.message, "hint": finding.hint }))
        .collect();
    json!({
        "id": request.id.to_string(), "branch": request.id.branch(), "remote": open.and_then(|open| open.remote.as_ref()),
        "summary": request.in_words(),
        "model": model, "stage": stage, "action": entry.action, "version": version, "from": entry.from,
        "by": entry.by, "at": entry.at.rfc3339(), "reason": entry.reason, "review": request.review,
        "approvals": approvals, "approvals_counted": request.count.counted.len(),
        "approvals_needed": request.count.needed, "approvers": request.count.approvers,
        "pull_request": entry.request, "also_changes": open.map(|open| open.also_changes.as_slice()).unwrap_or_default(), "stale": request.stale(),
        "landed": request.has_landed(), "only_here": only_here(request).is_some(), "ready": request.ready(), "state": request.state(), "findings": findings,
    })
}
