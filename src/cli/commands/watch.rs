//! `modelreg watch`. With `--format json` it prints one JSON object per line and event, as in `events` of `modelreg
//! history`. Additional actions are `request` (a new request) and `approve`. Instead of `edit`, the action is
//! `describe` (`text` is the new description), `tag` (`text` has a line `KEY=VALUE` for each tag that was set and
//! `-KEY` for each that was removed), `alias` (`text` is the alias, `version` its new and `from` its old version),
//! `rename`, `archive`, `unarchive` or `restore`. `--exec` passes the same object to its command, and `--webhook` posts
//! the object as `data` of `{entity, action, timestamp, data}`.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::history;
use crate::cli::args::Format;
use crate::cli::output::{DIM, GOOD, Output, styled};
use crate::cli::table::{count, line};
use crate::cli::{Context, Status};
use crate::diag::render::{Colour, human};
use crate::ops::{Event, Poster, Scope, Session, StoreError, Watcher, validate, watch_files};

/// Print the events of a registry as they happen, and check its files on every save
///
/// Prints registrations, moves, requests, approvals, comments, edits and deletions when they are on the registry's
/// branch or on the branch of a request: committed here, pulled, or fetched. Stop with Ctrl-C.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg watch
  modelreg watch --fetch 60 --exec 'jq -r .model >> moved.txt'
  modelreg watch --fetch 60 --webhook https://hooks.example.com/models")]
pub(in crate::cli) struct Args {
    /// Fetch every this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    fetch: Option<u64>,
    /// Run this shell command for each event, with the event as JSON on standard input
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,
    /// Post each event to this address, as JSON [env: MODELREG_WEBHOOK]
    ///
    /// If MODELREG_WEBHOOK_SECRET is set, the header `X-Modelreg-Signature` is `v1,` and the base64 of the HMAC-SHA256
    /// of `ID.TIMESTAMP.BODY`, with the values of `X-Modelreg-Delivery-Id` and `X-Modelreg-Timestamp`. A delivery is
    /// tried five times.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Allow a webhook on this machine or its network, and without TLS
    #[arg(long)]
    webhook_private: bool,
    /// Do not check files on save
    #[arg(long)]
    no_validate: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The maximum time between two polls.
const BETWEEN: Duration = Duration::from_millis(500);

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.reading(None)?;
    let address = args.webhook.clone().or(context.environment()?.webhook);
    let poster = address.map(|address| Poster::new(&session, &address, args.webhook_private)).transpose()?;
    let mut watcher = Watcher::new(&session)?;
    let files = match if args.no_validate { Ok(None) } else { watch_files(&session) } {
        Ok(files) => files,
        Err(error) => {
            let hint = "`sysctl fs.inotify.max_user_watches` prints the maximum number of watched folders; `--no-validate` watches none";
            output.warn(&format!("files are not checked on save: {error}"), Some(hint));
            None
        }
    };
    let mut shown = String::new();
    if files.is_some() {
        check(&session, &mut shown, args.format, output)?;
    }
    let every = args.fetch.map(Duration::from_secs);
    let mut fetched: Option<Instant> = None;
    let mut last_error = String::new();
    while !output.is_closed() {
        let saved = files.as_ref().map_or_else(
            || {
                sleep(BETWEEN);
                false
            },
            |files| files.wait(BETWEEN),
        );
        if saved {
            check(&session, &mut shown, args.format, output)?;
        }
        if every.is_some_and(|every| fetched.is_none_or(|at| at.elapsed() >= every)) {
            fetched = Some(Instant::now());
            note(watcher.fetch().map(drop), &mut last_error, output);
        }
        match watcher.news() {
            Ok(news) => {
                for event in &news {
                    tell(event, args, output);
                    poster.iter().for_each(|poster| poster.post(event));
                }
            }
            Err(error) => note(Err(error), &mut last_error, output),
        }
        poster.iter().flat_map(Poster::failures).for_each(|why| output.warn(&why, None));
    }
    Ok(Status::Done)
}

/// Prints a warning, but not again while the same error repeats.
fn note(result: Result<()>, last_error: &mut String, output: &mut Output) {
    match result {
        Ok(()) => last_error.clear(),
        Err(error) => {
            let text = error.to_string();
            if *last_error != text {
                let hint = error.downcast_ref::<StoreError>().and_then(StoreError::hint);
                output.warn(&text, Some(hint.as_deref().unwrap_or("the command retries")));
                *last_error = text;
            }
        }
    }
}

/// Checks the files, and prints the findings if they differ from the last output.
fn check(session: &Session, shown: &mut String, format: Format, output: &mut Output) -> Result<()> {
    let found = validate(session, &Scope::Files)?;
    let text = if found.report.findings.is_empty() {
        format!("{} {}\n", styled(GOOD, "✔"), styled(DIM, format!("{} in order", count(found.report.files, "file"))))
    } else {
        human::render(&found.report, &found.prefix, Colour::On)
    };
    if *shown != text {
        match format {
            Format::Human => output.text(&text),
            // The lines of events stay what a program reads.
            Format::Json => output.note(text.trim_end()),
        }
        *shown = text;
    }
    Ok(())
}

fn tell(event: &Event, args: &Args, output: &mut Output) {
    let json = serde_json::to_string(event).unwrap_or_default().replace("##[", "#\\u0023[");
    match args.format {
        Format::Human => output.text(&history::entry(event)),
        Format::Json => output.line(&json),
    }
    output.flush();
    if let Some(command) = &args.exec
        && let Err(why) = exec(command, &json)
    {
        output.warn(&format!("the command `{}` failed: {why}", line(command)), None);
    }
}

/// Runs the user's command with the event on its standard input. The event is never part of the command line.
fn exec(command: &str, json: &str) -> Result<(), String> {
    let mut child =
        Command::new("sh").args(["-c", command]).stdin(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        // A command need not read it.
        let _ = input.write_all(format!("{json}\n").as_bytes());
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(status.to_string()) }
}
