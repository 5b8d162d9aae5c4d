//! JSON: `{"events": [{at, by, model, action, version, stage, from, text, emergency, approved_by}], "stages": [{model,
//! stage, version, since}]}`: what happened, oldest first, and what was in each stage at the end of it.

use anyhow::Result;

use super::show::stage_text;
use crate::cli::args::{Format, ReadArgs, parsed};
use crate::cli::output::{BAD, BOLD, DIM, GOOD, Output, WARN, styled};
use crate::cli::table::{Columns, cell};
use crate::cli::{Context, Status};
use crate::diag::sanitize::{for_terminal, one_line};
use crate::model::{ModelName, Timestamp};
use crate::ops::{Event, History, Refusal, history};

/// Show who moved what, when and why; newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg history iris --moves
  modelreg history --as-of 2022-02-02    # what was in production at the end of that day")]
pub(in crate::cli) struct Args {
    /// Only this model
    #[arg(value_parser = parsed::<ModelName>)]
    model: Option<ModelName>,
    /// What had happened by then, and what was in each stage; a day means its end, in UTC
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Only promotions, rollbacks and withdrawals
    #[arg(long)]
    moves: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let as_of = args.as_of.as_deref().map(moment).transpose()?;
    let mut found = history(&context.reading(args.read.rev.as_ref())?, args.model.as_ref(), as_of)?;
    if args.moves {
        found.events.retain(Event::is_move);
    }
    match args.read.format {
        Format::Json => output.json(&found)?,
        Format::Human => output.text(&page(&found, as_of)),
    }
    Ok(Status::Done)
}

fn moment(text: &str) -> Result<Timestamp, Refusal> {
    let at = Timestamp::parse(text)?;
    Ok(if text.trim().len() == "2022-02-10".len() { at.next_day() } else { at })
}

fn page(history: &History, as_of: Option<Timestamp>) -> String {
    let mut page = String::new();
    if let Some(at) = as_of {
        page.push_str(&format!("{}\n", styled(BOLD, format!("In each stage at {} UTC", at.human()))));
        let mut table = Columns::new(["MODEL", "STAGE", "VERSION", "SINCE"]);
        for held in &history.stages {
            let version = held.version.map_or("-".into(), |v| v.to_string());
            let since = held.since.map_or("-".into(), |at| at.human());
            table.row([cell(Some(&held.model)), stage_text(&held.stage), version, since]);
        }
        page.push_str(&if history.stages.is_empty() { "nothing\n".into() } else { table.text() });
        page.push('\n');
    }
    for event in history.events.iter().rev() {
        page.push_str(&line(event));
    }
    page
}

fn line(event: &Event) -> String {
    let style = match event.action.as_str() {
        "promote" => GOOD,
        "rollback" => WARN,
        "withdraw" | "delete" => BAD,
        _ => DIM,
    };
    let version = event.version.map_or(String::new(), |v| format!(" {v}"));
    let stage = event.stage.as_ref().map_or(String::new(), |stage| {
        let was = event.from.map_or(String::new(), |from| format!(" (was {from})"));
        let arrow = if event.action == "withdraw" { "out of" } else { "->" };
        format!(" {arrow} {}{was}", one_line(stage))
    });
    let emergency = if event.emergency { styled(BAD, " emergency") } else { String::new() };
    let mut text = format!(
        "{}  {} {}{stage}{emergency}  {}\n",
        styled(DIM, event.at.human()),
        styled(style, format!("{:<8}", event.action)),
        styled(BOLD, format!("{}{version}", one_line(&event.model))),
        styled(DIM, one_line(event.by.as_str())),
    );
    for said in event.text.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty()) {
        text.push_str(&format!("                     {}\n", for_terminal(said)));
    }
    text
}
