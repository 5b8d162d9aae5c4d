//! `modelreg request show ID`. Its JSON is one request as `modelreg requests` has them, with `metrics`:
//! `[{metric, now, asked}]`, of the version in the stage now and of the request's version, and `gates`: the policy's gates for
//! the version, as in `modelreg validate --format json`.

use anyhow::Result;
use clap::Subcommand;

use super::outcome;
use super::requests::{ONLY_HERE, age, approvals, state, view};
use crate::cli::args::{CommitArgs, Format, ReadArgs, parsed};
use crate::cli::output::{BAD, BOLD, DIM, GOOD, Output, WARN, styled};
use crate::cli::table::{Columns, cell, line};
use crate::cli::{Context, Status};
use crate::diag::Report;
use crate::diag::render::{Colour, gates, human};
use crate::diag::sanitize::for_shell;
use crate::model::{Link, RequestId};
use crate::ops::{MetricPair, OpenRequest, Request, link, metric_pairs, request};

/// Show one review request, or record the address of its pull request
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a request: the move and its reason, the metrics of both versions, the approvals and the findings
    Show {
        /// The id of the request, from `modelreg requests`: MODEL/STAGE/VERSION
        #[arg(value_parser = parsed::<RequestId>)]
        id: RequestId,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Record the address of the request's pull request in the journal; `--push` records the address that the forge
    /// returns
    Link {
        /// The id of the request, from `modelreg requests`: MODEL/STAGE/VERSION
        #[arg(value_parser = parsed::<RequestId>)]
        id: RequestId,
        /// The pull request's address
        #[arg(value_parser = parsed::<Link>)]
        address: Link,
        #[command(flatten)]
        commit: CommitArgs,
    },
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    match &args.command {
        Command::Show { id, read } => show(id, read, context, output)?,
        Command::Link { id, address, commit } => {
            return outcome::print_commit(link(&context.reviewing(commit)?, id, address)?, commit.format, output);
        }
    }
    Ok(Status::Done)
}

fn show(id: &RequestId, read: &ReadArgs, context: &Context, output: &mut Output) -> Result<()> {
    let session = context.reading(read.rev.as_ref())?;
    let found = request(&session, id)?;
    let metrics = metric_pairs(&session, &found)?;
    if read.format == Format::Json {
        let mut value = view(&found);
        value["gates"] = found.open().map(|open| gates::values(&open.report)).unwrap_or_default().into();
        value["metrics"] = serde_json::to_value(&metrics)?;
        return output.json(&value);
    }
    print_head(&found, &age(session.now(), found.entry.at), output);
    if !metrics.is_empty() {
        output.line("");
        output.text(&metric_table(&found, &metrics));
    }
    print_approvals(&found, output);
    if let Some(open) = found.open() {
        print_rules(open, output);
    }
    print_next(&found, output);
    Ok(())
}

/// The move, its requester and reason, and the state of the request.
fn print_head(found: &Request, age: &str, output: &mut Output) {
    let entry = &found.entry;
    output.line(styled(BOLD, line(&found.in_words())));
    output.line(format!("  requested by {}, {age} ago ({})", line(entry.by.as_str()), entry.at.human()));
    if let Some(reason) = &entry.reason {
        output.line(format!("  reason:       {}", line(reason.as_str())));
    }
    if !entry.beside.is_empty() {
        let versions: Vec<String> = entry.beside.iter().map(u64::to_string).collect();
        let plural = if versions.len() == 1 { "" } else { "s" };
        output.line(format!("  also in the stage: version{plural} {}", versions.join(", ")));
    }
    if let Some(address) = &entry.request {
        output.line(format!("  pull request: {}", line(address.as_str())));
    }
    output.line(format!("  state:        {}", state(found.state())));
    if let Some(stale) = found.stale() {
        output.line(format!("                {}", line(stale)));
    }
    if found.open().is_some_and(|open| open.only_here.is_some()) {
        output.line(format!("                {}", styled(WARN, ONLY_HERE)));
    }
    if let Some(open) = found.open().filter(|open| !open.also_changes.is_empty()) {
        let files: Vec<String> = open.also_changes.iter().map(|path| line(path)).collect();
        let text = format!("the request also changes files that no approval covers: {}", files.join(", "));
        output.line(format!("                {}", styled(WARN, text)));
    }
}

/// The approvals, those that do not count with the reason, and the users who may approve.
fn print_approvals(found: &Request, output: &mut Output) {
    let count = &found.count;
    output.line(format!("\napprovals: {}", approvals(count.counted.len(), count.needed)));
    for (at, approval) in found.entry.approvals.iter().enumerate() {
        let why = count.not_counted.iter().find(|(not, _)| *not == at).map(|(_, why)| why);
        let mark = if why.is_none() { styled(GOOD, "✔") } else { styled(BAD, "✘") };
        let signed = if approval.signature.is_some() { "signed" } else { "not signed" };
        let comment =
            approval.comment.as_ref().map_or(String::new(), |comment| format!(": {}", line(comment.as_str())));
        output.line(format!("  {mark} {} at {}, {signed}{comment}", line(approval.by.as_str()), approval.at.human()));
        if let Some(why) = why {
            output.line(format!("    {}", styled(WARN, format!("does not count: {}", line(why)))));
        }
    }
    if !count.enough() {
        let people: Vec<String> = count.approvers.iter().map(|person| line(person.as_str())).collect();
        output.line(styled(DIM, format!("  may approve: {}", people.join(", "))));
    }
}

/// The policy's gates for the version, and the findings other than missing approvals.
fn print_rules(open: &OpenRequest, output: &mut Output) {
    for gated in &open.report.gates {
        output.line("");
        output.text(&gates::table(gated, Colour::On));
    }
    if open.has_other_findings() {
        output.line("");
        let report = Report { gates: Vec::new(), ..open.report.clone() };
        output.text(&human::render(&report, "", Colour::On));
    }
}

fn print_next(found: &Request, output: &mut Output) {
    let id = for_shell(&found.id.to_string());
    if let Some(push) = found.open().and_then(|open| open.only_here.as_ref()) {
        outcome::print_next(output, push);
    }
    if found.ready() {
        outcome::print_next(output, &format!("modelreg land {id}"));
    } else if found.stale().is_some() {
        outcome::print_next(output, &format!("modelreg reject {id} --reason stale   # and make the request again"));
    } else if !found.count.enough() {
        outcome::print_next(output, &format!("modelreg approve {id}"));
    }
}

fn metric_table(found: &Request, metrics: &[MetricPair]) -> String {
    let now = found.entry.from.map_or("NOW: NONE".to_owned(), |from| format!("NOW: {from}"));
    let asked = format!("REQUESTED: {}", found.entry.version);
    let mut table = Columns::new(["METRIC", now.as_str(), asked.as_str()]);
    for pair in metrics {
        let shown = |value: Option<crate::model::Number>| cell(value.map(|value| value.to_string()).as_deref());
        table.row([line(&pair.metric), shown(pair.now), shown(pair.asked)]);
    }
    table.indented("  ")
}
