//! The targets of the log (`MODELREG_LOG`): what a line is about.

/// A step of a write: what was planned, judged, written, pushed, noted, moved, and brought up to date.
pub const STEP: &str = "modelreg::step";
/// A program that was run, with its arguments and the time it took.
pub const PROGRAM: &str = "modelreg::program";
/// Something that is tried again, or waited for.
pub const RETRY: &str = "modelreg::retry";
/// A registry file that was read from a commit.
pub const READ: &str = "modelreg::read";
