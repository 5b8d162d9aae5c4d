//! The targets of the log (`MODELREG_LOG`).

/// A step of a write: planning, judging, writing, pushing, noting, moving the branch, updating files.
pub const STEP: &str = "modelreg::step";
/// A run of a program, with its arguments and duration.
pub const PROGRAM: &str = "modelreg::program";
/// A retry, or a wait.
pub const RETRY: &str = "modelreg::retry";
/// A registry file that was read from a commit.
pub const READ: &str = "modelreg::read";
