//! A change becomes one commit, or nothing: planned on the branch's tip, judged by the rules, written, and moved to by
//! compare-and-swap. Whoever loses that race plans again on the new tip.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;

use super::message::Message;
use super::refusal::Refusal;
use super::session::Session;
use crate::check;
use crate::model::{Overlay, Snapshot, Timestamp, Tree, UserId};
use crate::store::{Advance, Behind, Draft, Oid, StoreError};

/// New content by path, or none where the file goes.
pub(super) type Edits = BTreeMap<String, Option<Vec<u8>>>;

/// A change that is planned on a snapshot.
pub(super) struct Plan<T> {
    /// What it writes.
    pub edits: Edits,
    /// What its commit says.
    pub message: Message,
    /// What the command tells of it.
    pub value: T,
}

/// Who asks, and when.
pub(super) struct Asked {
    /// The user id.
    pub by: UserId,
    /// The time.
    pub at: Timestamp,
}

/// A change that is in the branch.
#[derive(Debug)]
pub struct Done<T> {
    /// What the command tells of it.
    pub value: T,
    /// The commit.
    pub commit: Oid,
    /// The branch that it is on.
    pub branch: String,
    /// The commit's subject.
    pub subject: String,
    /// Checked-out files that could not follow.
    pub behind: Behind,
}

/// How often a change is planned anew before giving up; with the pauses between, about half a minute.
const TRIES: usize = 200;

/// Commits what `plan` makes of the branch's tip.
pub(super) fn commit<T>(
    session: &Session,
    mut plan: impl FnMut(&Snapshot<'_>, &Asked) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    commit_on(session, |tree, asked| plan(&Snapshot::open(tree)?, asked))
}

/// The same for a change that does not need a registry to be there yet.
pub(super) fn commit_on<T>(
    session: &Session,
    mut plan: impl FnMut(&dyn Tree, &Asked) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    let store = &session.store;
    let branch = session.target()?;
    let person = session.person()?;
    let by = session.user(&person)?;
    let _lock = store.lock()?;
    // What an earlier run could not finish comes first: its paths would look edited otherwise.
    let before = store.follow();
    if let Some((why, mend)) = before.failed {
        return Err(
            Refusal::new(format!("an earlier commit's files could not be brought up to date: {why}"), mend).into()
        );
    }
    for attempt in 0..TRIES {
        store.wait_for_gc()?;
        let tip = store.tip(&branch)?;
        let tree = store.tree(tip)?;
        let asked = Asked { by: by.clone(), at: session.now() };
        let Plan { edits, message, value } = plan(&tree, &asked)?;
        let report = check::change(&tree, &Overlay::new(&tree, &edits), &[])?;
        if report.errors() > 0 {
            return Err(Refusal::by_rules(report).into());
        }
        let text = message.text();
        let seconds = asked.at.utc().timestamp();
        let new = store.write_commit(tip, &Draft { edits: &edits, message: &text, person: &person, seconds })?;
        store.note_pending(&branch, tip, edits.keys())?;
        let reflog = format!("modelreg: {}", message.subject());
        match store.advance(&branch, tip, new, &reflog) {
            Ok(Advance::Done) => {
                let mut behind = store.follow();
                behind.left.splice(0..0, before.left);
                let branch = branch.name().to_owned();
                return Ok(Done { value, commit: new, branch, subject: message.subject(), behind });
            }
            Ok(Advance::Lost) => {
                store.forget_pending()?;
                // A lock that stays is nobody's race; say whose it is instead of trying for ever.
                if attempt > 20
                    && let Some(locked) = store.branch_lock(&branch)?
                {
                    return Err(locked.into());
                }
                sleep(Duration::from_millis(5 + (attempt as u64).min(20) * 10));
            }
            Err(error) => {
                store.forget_pending()?;
                return Err(error.into());
            }
        }
    }
    Err(StoreError::Contended(TRIES).into())
}
