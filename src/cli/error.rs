//! Error messages and exit statuses.

use super::output::{BAD, HINT, Output, styled};
use crate::diag::render::{Colour, human};
use crate::diag::sanitize::for_log;
use crate::ops::Told;

/// The command was understood and refused, or there are findings.
pub(super) const REFUSED: u8 = 1;
/// The command was not understood, or its environment failed.
pub(super) const USAGE: u8 = 2;

/// Prints an error with its hint, and returns the exit status.
pub(super) fn report(error: &anyhow::Error, output: &mut Output) -> u8 {
    let told = Told::of(error);
    if let Some(report) = told.report {
        output.note(human::render(report, "", Colour::On));
    }
    output.note(format!("{}: {}", styled(BAD, "error"), for_log(&told.why)));
    if let Some(hint) = told.hint {
        output.note(format!("  {}: {}", styled(HINT, "hint"), for_log(&hint)));
    }
    if told.refused { REFUSED } else { USAGE }
}
