//! `modelreg whoami`. Its JSON is one object:
//!
//! | key         | what it is                                                                              |
//! |-------------|-----------------------------------------------------------------------------------------|
//! | `user_id`, `name` | the address that counts as the person, and the name, both from git                |
//! | `key`       | `{place, fingerprint, listed}` of the key that approvals are signed with, or null; `listed`: `yes`, `no`, `another-person`, `another-namespace`, `another-time` |
//! | `teams`     | the teams of `registry.toml` that name the person                                        |
//! | `stages`    | `[{stage, review, approvals_needed, every_model, owned}]`: whether the person may approve for every model, else the models that they may as owner |
//! | `awaiting`  | the ids of open requests that await the person's approval                                |

use anyhow::Result;
use serde_json::json;

use super::told;
use crate::cli::args::Format;
use crate::cli::output::{BOLD, DIM, GOOD, Output, WARN, styled};
use crate::cli::table::{Columns, line};
use crate::cli::{Context, Status};
use crate::diag::sanitize::for_shell;
use crate::model::Review;
use crate::model::signers::Listing;
use crate::ops::{Key, MayApprove, WhoAmI, whoami};

/// Say who you are to this registry, with which key you sign, and what you may approve
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let me = whoami(&context.reading(None)?)?;
    if args.format == Format::Json {
        output.json(&view(&me))?;
        return Ok(Status::Done);
    }
    output.line(format!("{} {}", styled(BOLD, line(me.by.as_str())), styled(DIM, format!("({})", line(&me.name)))));
    output.line(format!("  key:   {}", shown_key(me.key.as_ref())));
    if !me.teams.is_empty() {
        let teams: Vec<String> = me.teams.iter().map(|team| format!("@{}", line(team))).collect();
        output.line(format!("  teams: {}", teams.join(", ")));
    }
    if !me.stages.is_empty() {
        let mut table = Columns::new(["STAGE", "REVIEW", "YOU MAY APPROVE"]);
        for stage in &me.stages {
            table.row([styled(BOLD, line(&stage.stage)), review(stage), may(stage)]);
        }
        output.line("");
        output.text(&table.text());
    }
    if let Some(first) = me.awaiting.first() {
        let ids: Vec<String> = me.awaiting.iter().map(|id| line(id)).collect();
        output.line(format!("\n{}: {}", styled(WARN, "awaiting your approval"), ids.join(", ")));
        told::next(output, &format!("modelreg request show {}", for_shell(first)));
    }
    Ok(Status::Done)
}

fn shown_key(key: Option<&Key>) -> String {
    let Some(key) = key else {
        return styled(DIM, "none: git is not set to sign by SSH (`modelreg doctor` says how)");
    };
    let fingerprint = key.public.as_ref().map_or("no public key beside it", |public| public.fingerprint.as_str());
    let says = match key.listing {
        Listing::Listed => styled(GOOD, "allowed_signers lists it for you"),
        Listing::Absent => styled(WARN, "allowed_signers does not list it"),
        Listing::AnotherPerson => styled(WARN, "allowed_signers lists it for somebody else"),
        Listing::AnotherNamespace => styled(WARN, "allowed_signers lists it for something else than approvals"),
        Listing::AnotherTime => styled(WARN, "allowed_signers lists it for another time"),
    };
    format!("{}\n         {}\n         {says}", line(fingerprint), styled(DIM, line(&key.place)))
}

fn review(stage: &MayApprove) -> String {
    let plural = if stage.approvals_needed == 1 { "" } else { "s" };
    match stage.review {
        Review::None => styled(DIM, "none"),
        Review::Forge => "on the forge".into(),
        Review::Recorded => format!("{} approval{plural}", stage.approvals_needed),
        Review::Signed => format!("{} signed approval{plural}", stage.approvals_needed),
    }
}

fn may(stage: &MayApprove) -> String {
    if stage.approvals_needed == 0 {
        styled(DIM, "-")
    } else if stage.every_model {
        styled(GOOD, "every model, but not what you ask for yourself")
    } else if stage.owned.is_empty() {
        "no".into()
    } else {
        let names: Vec<String> = stage.owned.iter().take(3).map(|name| line(name.as_str())).collect();
        let more = stage.owned.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        styled(GOOD, format!("as owner of {}{more}", names.join(", ")))
    }
}

fn view(me: &WhoAmI) -> serde_json::Value {
    let key = me.key.as_ref().map(|key| {
        let listed = match key.listing {
            Listing::Listed => "yes",
            Listing::Absent => "no",
            Listing::AnotherPerson => "another-person",
            Listing::AnotherNamespace => "another-namespace",
            Listing::AnotherTime => "another-time",
        };
        json!({ "place": key.place, "fingerprint": key.public.as_ref().map(|p| &p.fingerprint), "listed": listed })
    });
    json!({
        "user_id": me.by, "name": me.name, "key": key, "teams": me.teams, "stages": me.stages, "awaiting": me.awaiting,
    })
}
