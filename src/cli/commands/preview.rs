//! The output of a dry run.

use crate::cli::Status;
use crate::cli::output::{BAD, BOLD, DIM, GOOD, Output, styled};
use crate::cli::table::{count, line};
use crate::diag::render::{Colour, gates, human};
use crate::ops::Preview;

/// Prints what a move would do.
pub(super) fn print(preview: &Preview, output: &mut Output) -> Status {
    let Preview { subject, request, report } = preview;
    if report.findings.is_empty() {
        output.text(&gates::text(report, Colour::On));
    } else {
        output.text(&human::render(report, "", Colour::On));
    }
    let would = if report.errors() > 0 { styled(BAD, "would be refused") } else { styled(GOOD, "would be done") };
    output.line(format!("{}: {would}", styled(BOLD, line(subject))));
    match request {
        Some((0, _)) => output.line("  as a request, reviewed on the forge"),
        Some((needed, people)) => {
            let people: Vec<String> = people.iter().map(|person| line(person.as_str())).collect();
            output.line(format!("  as a request that needs {} by {}", count(*needed, "approval"), people.join(" or ")));
        }
        None => {}
    }
    output.line(styled(DIM, "  nothing was written"));
    if report.errors() > 0 { Status::Findings } else { Status::Done }
}
