//! Signatures of commits, and SSH signatures of approvals with their keys and cached verdicts.

pub(super) mod commit;
pub(super) mod key;
pub(super) mod ssh;
pub(super) mod verdicts;
