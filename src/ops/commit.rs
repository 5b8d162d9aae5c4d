//! A change becomes one commit, or nothing: planned on the branch's tip, judged by the rules, written, and moved to by
//! compare-and-swap. Whoever loses that race plans again on the new tip.
//!
//! A run can be killed after the branch has moved and before it has told so. The same request asked again is then told of
//! the commit that is there, and nothing is done twice.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;

use super::message::Message;
use super::refusal::Refusal;
use super::session::Session;
use crate::check;
use crate::model::{Overlay, Snapshot, Timestamp, Tree, UserId};
use crate::store::{Advance, Behind, Branch, Draft, Note, Oid, PushOptions, Pushed, Receipt, Store, StoreError};

/// New content by path in the registry's folder, or none where the file goes. A path that begins with `/` is one from the
/// repository's top: it is no file of the registry's, and not for its rules to judge.
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
    /// The commit that it is planned on; none on a branch without one.
    pub on: Option<Oid>,
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
    /// Whether an earlier run had made the commit, and was stopped before it could tell.
    pub earlier: bool,
    /// What the remote said to the push.
    pub said: String,
    /// To be acknowledged when the user has been told; else the same request, asked next, is taken for a repetition.
    pub receipt: Receipt,
}

/// How often a change is planned anew before giving up; with the pauses between, about half a minute.
const TRIES: usize = 200;

/// How often a push that lost a race is tried again; with the pauses between, about as long.
const PUSHES: usize = 60;

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
    plan: impl FnMut(&dyn Tree, &Asked) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    commit_as(session, Way::to(session.target()?), plan)
}

/// Where a commit goes.
pub(super) struct Way {
    /// The branch that is moved to it.
    pub branch: Branch,
    /// The branch on whose tip it is made, where that is another one: the first branch begins there, or begins anew.
    pub on: Option<Branch>,
    /// A second parent: what is merged with it.
    pub merged: Option<Oid>,
    /// Where it is pushed, what goes with it: words for a forge, a branch that is removed there.
    pub push: PushOptions,
    /// A branch of this clone that is done with when the user has been told, and where it is.
    pub removes: Option<(Branch, Oid)>,
}

impl Way {
    /// One more commit on a branch.
    pub fn to(branch: Branch) -> Self {
        Self { branch, on: None, merged: None, push: PushOptions::default(), removes: None }
    }
}

/// The same, another way than to the end of the session's branch.
pub(super) fn commit_as<T>(
    session: &Session,
    way: Way,
    mut plan: impl FnMut(&dyn Tree, &Asked) -> Result<Plan<T>>,
) -> Result<Done<T>> {
    let store = &session.store;
    let Way { branch, on, merged, push, removes } = way;
    let remote = session.remote()?;
    let person = session.person()?;
    let by = session.user(&person)?;
    let lock = store.lock()?;
    // What an earlier run could not finish comes first: its paths would look edited otherwise.
    let mut before = Behind::default();
    if let Some(note) = store.pending()? {
        before = store.follow(&note);
        // Without the lock, the note may be of a run that is about to tell its own user.
        if lock.is_alone()
            && let Some((commit, Plan { message, value, .. })) = repeated(store, &branch, &note, &by, &mut plan)?
        {
            let receipt = store.receipt(lock, &before, &note)?;
            let (branch, subject) = (branch.name().to_owned(), message.subject());
            return Ok(Done {
                value,
                commit,
                branch,
                subject,
                behind: before,
                earlier: true,
                said: String::new(),
                receipt,
            });
        }
        if let Some((why, hint)) = before.failed {
            let why = format!("an earlier commit's files could not be brought up to date: {why}");
            return Err(Refusal::new(why, hint).into());
        }
        if !before.again() {
            store.remove_noted(&note)?;
            store.forget_pending()?;
        }
    }
    for attempt in 0..TRIES {
        store.wait_for_gc()?;
        if let Some(remote) = &remote {
            if attempt == 0 {
                session.fetch_once()?
            } else {
                store.fetch(remote)?
            }
            store.catch_up(remote, on.as_ref().unwrap_or(&branch))?;
        }
        let tip = store.tip(on.as_ref().unwrap_or(&branch))?;
        let before_it = if on.is_some() { store.tip(&branch)? } else { tip };
        let tree = store.tree(tip)?;
        session.refuse_unexpected(&tree)?;
        let asked = Asked { by: by.clone(), at: session.now(), on: tip };
        let Plan { edits, message, value } = plan(&tree, &asked)?;
        let own: Edits =
            edits.iter().filter(|(path, _)| !path.starts_with('/')).map(|(p, e)| (p.clone(), e.clone())).collect();
        let mut report = check::change(&tree, &Overlay::new(&tree, &own), &[], &session.signatures()?)?;
        if on.is_some() {
            // A request is there to be approved.
            report = report.without_missing_approvals();
        }
        if report.errors() > 0 {
            return Err(Refusal::by_rules(report).into());
        }
        let text = message.text();
        let seconds = asked.at.utc().timestamp();
        let draft = Draft { edits: &edits, message: &text, person: &person, seconds, merged };
        let new = store.write_commit(tip, &draft)?;
        // The remote's compare-and-swap comes first: what it has refused is not here either.
        let mut said = String::new();
        if let Some(remote) = &remote {
            match store.push(remote, new, branch.name(), &push)? {
                Pushed::Done(words) => said = words,
                Pushed::Lost if attempt >= PUSHES => return Err(StoreError::Contended(attempt).into()),
                Pushed::Lost => {
                    sleep(Duration::from_millis(20 + (attempt as u64).min(20) * 20));
                    continue;
                }
            }
        }
        let note = store.note_pending(&branch, tip, (new, asked.at), edits.keys(), removes.as_ref())?;
        let reflog = format!("modelreg: {}", message.subject());
        match store.advance(&branch, before_it, new, &reflog) {
            Ok(Advance::Done) => {
                session.expect_nothing_more();
                let mut behind = store.follow(&note);
                behind.left.splice(0..0, before.left);
                let receipt = store.receipt(lock, &behind, &note)?;
                let (branch, subject) = (branch.name().to_owned(), message.subject());
                return Ok(Done { value, commit: new, branch, subject, behind, earlier: false, said, receipt });
            }
            Ok(Advance::Lost) => {
                store.forget_pending()?;
                if let Some(remote) = &remote {
                    session.expect_nothing_more();
                    // It is in the remote's branch; another process of this clone was about to take that over.
                    store.fetch(remote)?;
                    store.catch_up(remote, &branch)?;
                    let receipt = store.receipt(lock, &before, &note)?;
                    let (branch, subject) = (branch.name().to_owned(), message.subject());
                    return Ok(Done {
                        value,
                        commit: new,
                        branch,
                        subject,
                        behind: before,
                        earlier: false,
                        said,
                        receipt,
                    });
                }
                // A lock that stays is nobody's race; say whose it is instead of trying for ever.
                if attempt > 3
                    && let Some(locked) = store.branch_lock(&branch)?
                    && (attempt > 20 || locked.is_stale_lock())
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

/// The noted commit, with what its command tells, where it has landed and this is its request asked again: planned as the
/// dead run did, on its tip and at its time, it writes the same to the byte. So a request counts as the same by what it
/// means, wherever it is typed, and not where the artifact or a file that it reads is another by now.
fn repeated<T>(
    store: &Store,
    branch: &Branch,
    note: &Note,
    by: &UserId,
    plan: &mut impl FnMut(&dyn Tree, &Asked) -> Result<Plan<T>>,
) -> Result<Option<(Oid, Plan<T>)>> {
    let Some((commit, at)) = store.landed(note, branch)? else { return Ok(None) };
    let tree = store.tree(note.from())?;
    // What was refused there did not land.
    let Ok(planned) = plan(&tree, &Asked { by: by.clone(), at, on: note.from() }) else { return Ok(None) };
    Ok(store.wrote(note, commit, &planned.edits)?.then_some((commit, planned)))
}
