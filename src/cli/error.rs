//! From errors to what people read, and to the exit status.

use super::output::{BAD, HINT, Output, styled};
use crate::diag::render::{Colour, human};
use crate::diag::sanitize::for_log;
use crate::model::{Invalid, Unreadable};
use crate::ops::{ArtifactError, Refusal, StoreError};

/// The command was understood and refused, or there are findings.
pub(super) const REFUSED: u8 = 1;
/// The command was not understood, or its environment failed.
pub(super) const USAGE: u8 = 2;

/// Prints an error with its mend, and gives the exit status that it means.
pub(super) fn report(error: &anyhow::Error, output: &mut Output) -> u8 {
    let mut mend = None;
    let mut status = USAGE;
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        if let Some(report) = &refusal.report {
            output.note(human::render(report, "", Colour::On));
        }
        mend = refusal.mend.clone();
        status = REFUSED;
    } else if let Some(invalid) = error.downcast_ref::<Invalid>() {
        mend = Some(invalid.mend.clone());
        status = REFUSED;
    } else if error.is::<Unreadable>() {
        mend = Some("`modelreg validate` says all that is wrong with it".into());
        status = REFUSED;
    } else if let Some(artifact) = error.downcast_ref::<ArtifactError>() {
        mend = artifact.mend();
        status = REFUSED;
    } else if let Some(store) = error.downcast_ref::<StoreError>() {
        mend = store.mend();
    }
    output.note(format!("{}: {}", styled(BAD, "error"), for_log(&told(error))));
    if let Some(mend) = mend {
        output.note(format!("  {}: {}", styled(HINT, "help"), for_log(&mend)));
    }
    status
}

/// The error with its causes, each said once: some errors' own text has the cause in it.
fn told(error: &anyhow::Error) -> String {
    error
        .chain()
        .skip(1)
        .map(ToString::to_string)
        .fold(error.to_string(), |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") })
}
