//! How a change becomes one commit, or nothing.
//!
//! | step      | what happens                                                                               |
//! |-----------|--------------------------------------------------------------------------------------------|
//! | recover   | the work of an earlier run that was stopped is finished first                              |
//! | prepare   | the change is planned on the branch's tip, judged by the rules, and written as a commit     |
//! | publish   | the commit is pushed, where the user wants that                                            |
//! | advance   | a compare-and-swap moves the branch, and the checked-out files follow                      |
//!
//! A lost race in `publish` or `advance` begins again at `prepare`, on the new tip.

mod destination;
mod done;
mod edit;
mod message;
mod plan;
mod precondition;
mod summary;
mod writer;

pub(super) use destination::Destination;
pub use done::Done;
pub(super) use edit::{edit, edit_version, label, select};
pub use message::Message;
pub(super) use plan::{Attempt, Edits, Plan, Rules};
pub use precondition::{Acting, Precondition, acting};
pub use summary::{Summary, Warning};

use anyhow::Result;

use super::session::Session;
use crate::model::{Snapshot, Tree};
use crate::store::PushOptions;

/// Commits a change to the session's branch, and pushes the branch where the user wants that.
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

/// Commits a change to a branch that the caller chooses. A file that `known` has read is not read again.
pub(super) fn commit_to<T>(
    session: &Session,
    to: Destination,
    precondition: &Precondition,
    known: Option<&Snapshot<'_>>,
    mut plan: impl FnMut(&Snapshot<'_>, &Attempt) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    writer::run(session, to, precondition, known, writer::Planner::OnRegistry(&mut plan))
}

/// Commits a change to the session's branch, which need not hold a registry yet.
pub(super) fn commit_first<T>(
    session: &Session,
    mut plan: impl FnMut(&dyn Tree, &Attempt) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    let to = Destination::branch(session.target()?);
    writer::run(session, to, &Precondition::None, None, writer::Planner::First(&mut plan))
}
