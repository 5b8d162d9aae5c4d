//! Signatures: those of commits, and the SSH signatures of approvals with their keys and remembered verdicts.

pub(super) mod commit;
pub(super) mod key;
pub(super) mod ssh;
pub(super) mod verdicts;
