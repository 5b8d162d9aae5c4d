//! Writing a change as one commit, or not at all.
//!
//! | step      | what happens                                                                               |
//! |-----------|--------------------------------------------------------------------------------------------|
//! | recover   | finish the work of an earlier run that was stopped                                         |
//! | prepare   | plan the change on the branch's tip, check it by the rules, write the commit               |
//! | publish   | push the commit, if the run pushes                                                         |
//! | advance   | move the branch with a compare-and-swap, then update the checked-out files                 |
//!
//! After a lost race in `publish` or `advance`, the run continues at `prepare` on the new tip.

mod destination;
mod done;
mod earlier;
mod edit;
mod message;
mod plan;
mod precondition;
mod push;
mod summary;
mod writer;

pub(super) use destination::Destination;
pub use done::{Done, Reach};
pub(super) use earlier::finish_earlier;
pub(super) use edit::{edit, edit_version, label, select, write_stage};
pub use message::Message;
pub(super) use plan::{Attempt, Edits, Plan, Rules};
pub use precondition::{Acting, Precondition, acting};
pub(super) use push::push_noted;
pub use summary::{Summary, Warning};

use anyhow::Result;

use super::session::Session;
use crate::model::{Snapshot, Tree};
use crate::store::PushOptions;

/// Commits a change to the session's branch, and pushes the commit if the session pushes.
pub(super) fn commit<T>(
    session: &Session,
    precondition: &Precondition,
    plan: impl FnMut(&Snapshot<'_>, &Attempt) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    let mut to = Destination::branch(session.target()?);
    if session.pushes() {
        to = to.pushed_to(session.registry_branch()?.remote, PushOptions::default());
    }
    commit_to(session, to, precondition, None, plan)
}

/// Like [`commit`], but the caller chooses the destination. Unchanged files that `known` has read are not read again.
pub(super) fn commit_to<T>(
    session: &Session,
    to: Destination,
    precondition: &Precondition,
    known: Option<&Snapshot<'_>>,
    mut plan: impl FnMut(&Snapshot<'_>, &Attempt) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    writer::run(session, to, precondition, known, writer::Planner::OnRegistry(&mut plan))
}

/// Commits a change to the session's branch, which does not need to contain a registry yet.
pub(super) fn commit_first<T>(
    session: &Session,
    mut plan: impl FnMut(&dyn Tree, &Attempt) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    let to = Destination::branch(session.target()?);
    writer::run(session, to, &Precondition::None, None, writer::Planner::First(&mut plan))
}
