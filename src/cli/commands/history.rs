//! `modelreg history`. Its JSON is `{"events": [...], "stages": [...], "unreadable": [...]}`:
//!
//! | key                                | what it is                                                                 |
//! |------------------------------------|----------------------------------------------------------------------------|
//! | `events`                           | the events, oldest first                                                   |
//! | `events[].at`, `by`                | when and by whom                                                           |
//! | `events[].action`                  | `create` (of a model), `register` (of a version), `promote`, `rollback`, `withdraw`, `comment`, `reject` and `withdraw-request` (of a request), `edit` (the last edit), `delete` |
//! | `events[].model`, `version`        | the model and the version; no version for the model as a whole             |
//! | `events[].stage`, `from`           | of a move: the stage, and the version that was in it before, or null       |
//! | `events[].text`                    | the reason, the description or the comment, or null                        |
//! | `events[].emergency`, `approved_by`| of a move: whether it is an emergency, and who approved it                 |
//! | `events[].requested_by`, `requested_action` | of a request that was rejected or withdrawn: the requester and the kind of move |
//! | `events[].request`                 | of a move: the address of its pull request, or null                        |
//! | `stages`                           | `[{model, stage, version, since}]`: the version in each stage at the end   |
//! | `unreadable`                       | `[{path, why}]`: files that cannot be read and leave out their models; the exit status is 1 then |

use anyhow::Result;

use crate::cli::args::{Format, ReadArgs, parsed};
use crate::cli::output::{BAD, BOLD, DIM, GOOD, LIST_ERRORS, Output, WARN, styled};
use crate::cli::table::{Columns, line, stage};
use crate::cli::{Context, Status};
use crate::diag::sanitize::for_log;
use crate::model::{Invalid, ModelName, StageName, Timestamp};
use crate::ops::{Event, EventKind, History, history};

/// Show the history of models, newest first: who did what, when and why
///
/// Shows the history of one model or of all: registrations, promotions, rollbacks, withdrawals, comments, deletions,
/// rejected requests, and the last edit of each model and version. With `--as-of`, shows only the events until that
/// time, and the version in each stage at that time.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg history iris --moves
  modelreg history --stage Production --as-of 2022-02-02
  modelreg history iris --as-of 2022-02-03T18:02:16+01:00 --format json")]
pub(in crate::cli) struct Args {
    /// Only this model
    #[arg(value_parser = parsed::<ModelName>)]
    model: Option<ModelName>,
    /// Only events until this time; a date means the end of the day, in UTC without an offset
    #[arg(long, value_name = "TIME", value_parser = moment)]
    as_of: Option<Timestamp>,
    /// Only moves of this stage
    #[arg(long, value_parser = parsed::<StageName>)]
    stage: Option<StageName>,
    /// Only promotions, rollbacks and withdrawals
    #[arg(long)]
    moves: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(in crate::cli) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.reading(args.read.rev.as_ref())?;
    let mut found = history(&session, args.model.as_ref(), args.stage.as_ref(), args.as_of)?;
    if args.moves {
        found.events.retain(Event::is_move);
    }
    match args.read.format {
        Format::Json => output.json(&found)?,
        Format::Human => output.text(&page(&found, args.as_of)),
    }
    Ok(output.left_out(&found.unreadable, LIST_ERRORS))
}

/// Reads a time. A date means the last millisecond of the day.
fn moment(text: &str) -> Result<Timestamp, String> {
    let read = |text: &str| Timestamp::parse(text).map_err(|e: Invalid| format!("{}; {}", e.why, e.hint));
    let at = read(text)?;
    match text.trim().len() {
        10 => read(&format!("{}T23:59:59.999Z", text.trim())),
        _ => Ok(at),
    }
}

fn page(history: &History, as_of: Option<Timestamp>) -> String {
    let mut page = String::new();
    if let Some(at) = as_of {
        page.push_str(&format!("{}\n", styled(BOLD, format!("In each stage at {} UTC", at.human()))));
        let mut table = Columns::new(["MODEL", "STAGE", "VERSION", "SINCE"]);
        table.keep_whole([3, 2, 1]);
        for held in &history.stages {
            let version = held.version.map_or("-".into(), |version| version.to_string());
            let since = held.since.map_or("-".into(), Timestamp::human);
            table.row([line(&held.model), stage(&held.stage), version, since]);
        }
        page.push_str(&if history.stages.is_empty() { "nothing\n".to_owned() } else { table.text() });
        page.push('\n');
    }
    if history.events.is_empty() {
        page.push_str("no events");
        page.push_str(if as_of.is_some() { " until then\n" } else { " yet\n" });
    }
    page.extend(history.events.iter().rev().map(entry));
    page
}

pub(super) fn entry(event: &Event) -> String {
    let style = match event.action {
        EventKind::Promote => GOOD,
        EventKind::Rollback => WARN,
        EventKind::Withdraw | EventKind::Delete => BAD,
        _ => DIM,
    };
    let version = event.version.map_or(String::new(), |version| format!("@{version}"));
    let moved = event.stage.as_ref().map_or(String::new(), |name| match (event.action, event.from) {
        (EventKind::Withdraw, _) => format!(" out of {}", stage(name)),
        (_, Some(from)) => format!(" -> {} (was {from})", stage(name)),
        (_, None) => format!(" -> {}", stage(name)),
    });
    let emergency = if event.emergency { styled(BAD, " emergency") } else { String::new() };
    let approvers: Vec<&str> = event.approved_by.iter().map(|user| user.as_str()).collect();
    let approved = if approvers.is_empty() { String::new() } else { format!(", approved by {}", approvers.join(", ")) };
    let requester = event.requested_by.as_ref().map_or(String::new(), |by| format!(", requested by {by}"));
    let mut text = format!(
        "{}  {} {}{moved}{emergency}  {}\n",
        styled(DIM, event.at.human()),
        styled(style, format!("{:<8}", event.action.as_str())),
        styled(BOLD, format!("{}{version}", line(&event.model))),
        styled(DIM, line(&format!("by {}{approved}{requester}", event.by))),
    );
    for said in event.text.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty()) {
        text.push_str(&format!("{:21}{}\n", "", for_log(said)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserId;
    use crate::ops::StageVersion;

    fn event(action: EventKind, from: Option<u64>, text: Option<&str>) -> Event {
        let at = Timestamp::parse("2022-02-03 18:02:16").unwrap();
        let moved = action.moved().is_some();
        Event {
            version: Some(9),
            stage: moved.then(|| "Production".into()),
            from,
            text: text.map(str::to_owned),
            ..Event::new(action, at, &UserId::new("ada@example.com").unwrap(), "iris")
        }
    }

    #[test]
    fn a_day_means_its_last_millisecond() {
        assert_eq!(moment("2022-02-02").unwrap().rfc3339(), "2022-02-02T23:59:59.999Z");
        assert_eq!(moment("2022-02-02 10:00:00").unwrap().rfc3339(), "2022-02-02T10:00:00.000Z");
        assert_eq!(moment("2022-02-02T10:00:00+01:00").unwrap().rfc3339(), "2022-02-02T09:00:00.000Z");
        assert!(moment("2022-13-02").unwrap_err().contains("write it as"));
    }

    #[test]
    fn the_newest_comes_first_with_its_reason_below() {
        let mut approved = event(EventKind::Rollback, Some(10), Some("accuracy fell\n\n::error::forged \u{1b}[2J"));
        approved.emergency = true;
        approved.approved_by = vec![UserId::new("lead@example.com").unwrap()];
        let events = vec![
            event(EventKind::Register, None, None),
            event(EventKind::Promote, None, None),
            event(EventKind::Promote, Some(8), Some("better")),
            event(EventKind::Withdraw, Some(9), None),
            approved,
        ];
        let held = StageVersion { model: "iris".into(), stage: "Production".into(), version: Some(9), since: None };
        let at = moment("2022-02-10").unwrap();
        let text = page(&History { events, stages: vec![held], unreadable: Vec::new() }, Some(at));
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());
    }
}
