//! `modelreg whoami`. Its JSON is one object:
//!
//! | key         | what it is                                                                              |
//! |-------------|-----------------------------------------------------------------------------------------|
//! | `user_id`, `name` | the user id, which is the e-mail address, and the name, both from git             |
//! | `key`       | `{place, fingerprint, listed}` of the key that signs approvals, or null; `listed`: `yes`, `no`, `another-person`, `another-namespace`, `another-time` |
//! | `teams`     | the user's teams in `registry.toml`                                                      |
//! | `stages`    | `[{stage, review, approvals_needed, every_model, owned}]`: whether the user may approve for every model; otherwise the models that the user may approve for as owner |
//! | `awaiting`  | the ids of the open requests that await the user's approval                              |

use anyhow::Result;
use serde_json::json;

use super::outcome;
use crate::cli::args::Format;
use crate::cli::output::{BOLD, DIM, GOOD, Output, WARN, styled};
use crate::cli::table::{Columns, line};
use crate::cli::{Context, Status};
use crate::diag::sanitize::for_shell;
use crate::model::Review;
use crate::model::signers::Listing;
use crate::ops::{Key, MayApprove, WhoAmI, whoami};

/// Show your user id in this registry, your signing key, and what you may approve
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
        outcome::print_next(output, &format!("modelreg request show {}", for_shell(first)));
    }
    Ok(Status::Done)
}

fn shown_key(key: Option<&Key>) -> String {
    let Some(key) = key else {
        return styled(DIM, "none: git is not configured to sign with SSH (`modelreg doctor` prints the commands)");
    };
    let fingerprint =
        key.public.as_ref().map_or("the public key file is missing", |public| public.fingerprint.as_str());
    let says = match key.listing {
        Listing::Listed => styled(GOOD, "allowed_signers lists the key for you"),
        Listing::Absent => styled(WARN, "allowed_signers does not list the key"),
        Listing::AnotherPerson => styled(WARN, "allowed_signers lists the key for another user"),
        Listing::AnotherNamespace => styled(WARN, "allowed_signers lists the key, but not for approvals"),
        Listing::AnotherTime => styled(WARN, "allowed_signers lists the key, but it is not valid now"),
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
        styled(GOOD, "every model, except your own requests")
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
