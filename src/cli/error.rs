//! Error messages and exit statuses.

use super::output::{BAD, HINT, Output, styled};
use crate::diag::render::{Colour, human};
use crate::diag::sanitize::for_log;
use crate::ops::ErrorReport;

/// The command was understood and refused, or there are findings.
pub(super) const REFUSED: u8 = 1;
/// The command was not understood, or its environment failed.
pub(super) const USAGE: u8 = 2;

/// Prints an error with its hint, and returns the exit status.
pub(super) fn report(error: &anyhow::Error, output: &mut Output) -> u8 {
    let shown = ErrorReport::of(error);
    if let Some(report) = shown.report {
        output.note(human::render(report, "", Colour::On));
    }
    output.note(format!("{}: {}", styled(BAD, "error"), for_log(&shown.why)));
    if let Some(hint) = shown.hint {
        output.note(format!("  {}: {}", styled(HINT, "hint"), for_log(&hint)));
    }
    if shown.refused { REFUSED } else { USAGE }
}
