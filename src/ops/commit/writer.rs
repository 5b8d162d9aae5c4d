//! The steps from a plan to a commit on the branch; see the table in `commit`.
//!
//! The note of the commit is written before the push: from then on a run that is stopped can be finished by the next one.

use anyhow::Result;

use super::destination::Destination;
use super::done::{Done, Reach};
use super::earlier::{resume, settle};
use super::plan::{Attempt, Edits, Plan, Rules};
use super::precondition::Precondition;
use super::push::{pause, push_noted};
use crate::check;
use crate::diag::Report;
use crate::diag::codes::change::BROKEN_BEFORE;
use crate::model::{Files, Overlay, Snapshot, Timestamp, Tree, UserId};
use crate::ops::publish::publish;
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;
use crate::store::trace::STEP;
use crate::store::{
    Advance, Behind, Draft, NOTHING_ELSEWHERE, Note, Oid, Person, Pushed, Receipt, StoreError, WriteLock, Written,
};

/// The maximum number of attempts; with the pauses between them, about half a minute.
const ATTEMPTS: usize = 200;
/// After this many lost attempts, a lock file on the branch is reported as the reason.
const LOCKED_AFTER: usize = 20;

type PlanOnRegistry<'p, T> = dyn FnMut(&Snapshot<'_>, &Attempt) -> Result<Plan<T>> + 'p;
type PlanOnTree<'p, T> = dyn FnMut(&dyn Tree, &Attempt) -> Result<Plan<T>> + 'p;

/// How an operation plans its change.
pub(super) enum Planner<'p, T> {
    /// On a registry's snapshot.
    OnRegistry(&'p mut PlanOnRegistry<'p, T>),
    /// On a tree that may not contain a registry yet.
    First(&'p mut PlanOnTree<'p, T>),
}

/// Plans a change on the destination's tip and commits it.
pub(super) fn run<T>(
    session: &Session,
    to: Destination,
    precondition: &Precondition,
    known: Option<&Snapshot<'_>>,
    mut planner: Planner<'_, T>,
) -> Result<Done<T>> {
    let person = session.person()?;
    let by = session.user(&person)?;
    let lock = session.store.lock()?;
    let writer = Writer { session, to, person, by, known };
    let before = match writer.recover(&lock, &mut planner)? {
        Recovered::Repeated(repeated) => {
            let Repeated { commit, plan, note, behind } = *repeated;
            writer.publish_earlier(commit, &note)?;
            let receipt = session.store.receipt(lock, &behind, &note)?;
            return writer.done(plan, commit, behind, String::new(), receipt, true);
        }
        Recovered::Ready(behind) => behind,
    };
    for attempt in 0..ATTEMPTS {
        let prepared = writer.prepare(attempt, precondition, &mut planner)?;
        let note = writer.note(&prepared)?;
        let Some(said) = writer.publish(&prepared, attempt)? else { continue };
        let Some(mut behind) = writer.advance(&prepared, &note, attempt)? else { continue };
        behind.left.splice(0..0, before.left);
        let receipt = session.store.receipt(lock, &behind, &note)?;
        let Prepared { plan, commit, broken_before, .. } = prepared;
        let done = writer.done(plan, commit, behind, said, receipt, false)?;
        return Ok(Done { broken_before, ..done });
    }
    Err(StoreError::Contended(ATTEMPTS).into())
}

/// A commit on its way to the branch.
struct Writer<'s> {
    session: &'s Session,
    to: Destination,
    person: Person,
    by: UserId,
    /// A snapshot whose files need not be read again.
    known: Option<&'s Snapshot<'s>>,
}

/// The result of finishing an earlier run.
enum Recovered<T> {
    /// The earlier run made the commit that this run would make.
    Repeated(Box<Repeated<T>>),
    /// The run can start. Contains the checked-out files that are still not updated.
    Ready(Behind),
}

/// A commit that an earlier run made but did not report.
struct Repeated<T> {
    commit: Oid,
    plan: Plan<T>,
    note: Note,
    behind: Behind,
}

/// A written commit that is on no branch yet.
struct Prepared<T> {
    plan: Plan<T>,
    commit: Oid,
    at: Timestamp,
    /// The parent.
    parent: Option<Oid>,
    /// The tip of the branch that will move.
    tip: Option<Oid>,
    /// What the base had before.
    broken_before: Vec<String>,
}

impl<'s> Writer<'s> {
    /// Finishes the work of a run that was stopped.
    fn recover<T>(&self, lock: &WriteLock, planner: &mut Planner<'_, T>) -> Result<Recovered<T>> {
        let store = &self.session.store;
        let Some(note) = store.pending()? else { return Ok(Recovered::Ready(Behind::default())) };
        let (note, behind) = resume(store, note)?;
        // Without the lock, the note may belong to another run that is about to report its commit.
        if lock.is_alone()
            && let Some((commit, plan)) = self.repeated(&note, planner)?
        {
            tracing::debug!(target: STEP, "an earlier run made commit {commit}");
            return Ok(Recovered::Repeated(Box::new(Repeated { commit, plan, note, behind })));
        }
        Ok(Recovered::Ready(settle(store, &note, behind)?))
    }

    /// The noted commit, if the branch contains it and this run repeats its command. A command that is planned on the
    /// same parent and at the same time writes the same bytes, so the comparison is by the written files, not by the
    /// arguments.
    fn repeated<T>(&self, note: &Note, planner: &mut Planner<'_, T>) -> Result<Option<(Oid, Plan<T>)>> {
        let store = &self.session.store;
        let Some((commit, at)) = store.landed(note, &self.to.branch)? else { return Ok(None) };
        let tree = store.tree(note.from())?;
        // A plan that is refused on this parent cannot be the commit that was made on it.
        let attempt = Attempt { by: self.by.clone(), at, parent: note.from(), earlier: Some(commit) };
        let planned = match planner {
            Planner::OnRegistry(plan) => Snapshot::open(&tree).and_then(|snapshot| plan(&snapshot, &attempt)),
            Planner::First(plan) => plan(&tree, &attempt),
        };
        let Ok(planned) = planned else { return Ok(None) };
        Ok(store.wrote(note, commit, &planned.edits)?.then_some((commit, planned)))
    }

    /// Plans the change on the tip, checks it by the rules, and writes the commit.
    fn prepare<T>(
        &self,
        attempt: usize,
        precondition: &Precondition,
        planner: &mut Planner<'_, T>,
    ) -> Result<Prepared<T>> {
        let store = &self.session.store;
        store.wait_for_gc()?;
        self.fetch(attempt)?;
        let parent = store.tip(self.to.base())?;
        let tip = if self.to.parent.is_some() { store.tip(&self.to.branch)? } else { parent };
        let tree = store.tree(parent)?;
        let now = Attempt { by: self.by.clone(), at: self.session.now(), parent, earlier: None };
        let (planned, broken_before) = match planner {
            Planner::First(plan) => {
                let planned = plan(&tree, &now)?;
                // The rules check only the registry's files.
                let own = planned.edits.iter().filter(|(path, _)| !path.starts_with('/'));
                let own: Edits = own.map(|(path, edit)| (path.clone(), edit.clone())).collect();
                let head = Overlay::new(&tree, &own);
                let report = check::change(&tree, &head, &[], &self.session.signatures()?)?;
                let broken_before = refuse(report, &planned.rules)?;
                (planned, broken_before)
            }
            Planner::OnRegistry(plan) => {
                let snapshot = match self.known {
                    Some(known) => Snapshot::beside(known, &tree)?,
                    None => Snapshot::open(&tree)?,
                };
                precondition.check(self.session, &snapshot)?;
                let planned = plan(&snapshot, &now)?;
                let broken_before = self.judge(&snapshot, &planned.edits, &planned.rules)?;
                self.judge_published(parent, &tree, &planned)?;
                (planned, broken_before)
            }
        };
        tracing::debug!(
            attempt,
            files = planned.edits.len(),
            subject = planned.message.subject(),
            "planned and judged"
        );
        let text = planned.message.text();
        let seconds = now.at.utc().timestamp();
        let (person, merged) = (&self.person, self.to.merged);
        let edits = &planned.edits;
        let draft =
            Draft { edits, message: &text, person, seconds, merged, author: None, elsewhere: NOTHING_ELSEWHERE };
        let commit = store.write_commit(parent, &draft)?;
        Ok(Prepared { plan: planned, commit, at: now.at, parent, tip, broken_before })
    }

    /// Updates the branch from the remote that the commit will be pushed to.
    fn fetch(&self, attempt: usize) -> Result<()> {
        let Some(push) = &self.to.push else { return Ok(()) };
        if attempt == 0 {
            self.session.fetch_once(&push.remote)?;
        } else {
            self.session.store.fetch(&push.remote)?;
        }
        Ok(self.session.store.catch_up(&push.remote, self.to.base())?)
    }

    /// Refuses a change that breaks the rules.
    fn judge(&self, base: &Snapshot<'_>, edits: &Edits, rules: &Rules) -> Result<Vec<String>> {
        let head = Overlay::new(base.tree, edits);
        let files = Files::of_change(&base.files, &head);
        let judgement = check::judge(base, &files, &rules.elsewhere, &self.session.signatures()?)?;
        refuse(judgement.report, rules)
    }

    /// Notes the commit and its files, so that the next run can finish this one.
    fn note<T>(&self, prepared: &Prepared<T>) -> Result<Note> {
        let Prepared { plan, commit, at, parent, tip, broken_before: _ } = prepared;
        let written = Written {
            branch: &self.to.branch,
            tip: *tip,
            from: *parent,
            commit: (*commit, *at),
            remote: self.to.push.as_ref().map(|push| push.remote.as_str()),
            whole: false,
            closes: self.to.closes.as_ref(),
        };
        Ok(self.session.store.note_pending(written, plan.edits.keys())?)
    }

    /// Refuses a push that would also publish earlier commits of this clone which break the rules.
    fn judge_published<T>(&self, parent: Option<Oid>, tree: &dyn Tree, planned: &Plan<T>) -> Result<()> {
        let (Some(push), None, Some(parent)) = (&self.to.push, &self.to.parent, parent) else { return Ok(()) };
        let store = &self.session.store;
        let there = store.tip(&store.remote_branch(&push.remote, self.to.branch.name()))?;
        let Some(there) = there.filter(|there| *there != parent) else { return Ok(()) };
        let base = store.tree(Some(there))?;
        let report = check::change(&base, &Overlay::new(tree, &planned.edits), &[], &self.session.signatures()?)?;
        let report = if planned.rules.awaits_approvals { report.without_missing_approvals() } else { report };
        if report.errors() == 0 {
            return Ok(());
        }
        let mut refusal = Refusal::by_rules(report);
        refusal.why =
            "the push would also publish earlier commits of this clone, which break the registry's rules".into();
        Err(refusal.into())
    }

    /// Pushes the commit and returns the remote's answer; `None` after a lost race. The push comes before the local
    /// branch moves: a commit that the remote refused is never on the local branch.
    fn publish<T>(&self, prepared: &Prepared<T>, attempt: usize) -> Result<Option<String>> {
        let store = &self.session.store;
        let Some(push) = &self.to.push else { return Ok(Some(String::new())) };
        Ok(push_noted(store, &push.remote, prepared.commit, self.to.branch.name(), &push.options, attempt)?)
    }

    /// Pushes the commit of an earlier run, if that run did not push.
    fn publish_earlier(&self, commit: Oid, note: &Note) -> Result<()> {
        let Some(push) = self.to.push.as_ref().filter(|push| !note.is_for(&push.remote)) else { return Ok(()) };
        let store = &self.session.store;
        match store.push(&push.remote, commit, self.to.branch.name(), &push.options)? {
            Pushed::Done(_) => Ok(()),
            Pushed::Lost => {
                store.fetch(&push.remote)?;
                store.catch_up(&push.remote, &self.to.branch)?;
                Err(StoreError::Contended(1).into())
            }
        }
    }

    /// Moves the branch to the commit, if the branch's tip has not changed since the plan, and updates the checked-out
    /// files. `None` after a lost race. Once the remote has the commit, nothing that fails here undoes the success.
    fn advance<T>(&self, prepared: &Prepared<T>, note: &Note, attempt: usize) -> Result<Option<Behind>> {
        let store = &self.session.store;
        let reflog = format!("modelreg: {}", prepared.plan.message.subject());
        let advanced = store.advance(&self.to.branch, prepared.tip, prepared.commit, &reflog);
        if matches!(advanced, Ok(Advance::Done)) {
            return Ok(Some(store.follow(note)));
        }
        if let Some(push) = &self.to.push {
            // Another process moved the branch of this clone in between, or the branch cannot be written.
            let caught_up = advanced.and_then(|_| self.catch_up_after_push(&push.remote, prepared.commit));
            return Ok(Some(match caught_up {
                Ok(()) => Behind::default(),
                Err(e) => Behind::branch(&self.to.branch, &push.remote, &e.to_string(), e.hint()),
            }));
        }
        store.forget_pending()?;
        if advanced? == Advance::Lost {
            // A lock that stays is not a race: report the lock instead of retrying.
            if attempt > LOCKED_AFTER
                && let Some(locked) = store.branch_lock(&self.to.branch)?
            {
                return Err(locked.into());
            }
            pause(5, 10, attempt);
        }
        Ok(None)
    }

    /// Updates the branch of this clone to the pushed commit.
    fn catch_up_after_push(&self, remote: &str, commit: Oid) -> Result<(), StoreError> {
        let (store, branch) = (&self.session.store, &self.to.branch);
        store.fetch(remote)?;
        store.catch_up(remote, branch)?;
        match store.tip(branch)? {
            Some(tip) if store.stems_from(tip, commit)? => Ok(()),
            _ => Err(store.branch_lock(branch)?.unwrap_or(StoreError::Contended(1))),
        }
    }

    fn done<T>(
        &self,
        plan: Plan<T>,
        commit: Oid,
        behind: Behind,
        said: String,
        receipt: Receipt,
        earlier: bool,
    ) -> Result<Done<T>> {
        let (branch, subject) = (self.to.branch.name().to_owned(), plan.message.subject());
        let reach = match &self.to.push {
            Some(push) => Reach::Pushed { remote: push.remote.clone() },
            None => self.session.store.remote_of(&branch)?.map_or(Reach::NoRemote, |remote| {
                let publish = publish(&remote, &branch, self.to.branch.checked_out);
                Reach::OnlyHere { remote, publish }
            }),
        };
        let (value, broken_before) = (plan.value, Vec::new());
        Ok(Done { value, commit, branch, subject, behind, earlier, broken_before, reach, said, receipt })
    }
}

/// Refuses a change that breaks the rules. Returns what the base had before.
fn refuse(mut report: Report, rules: &Rules) -> Result<Vec<String>> {
    if rules.awaits_approvals {
        report = report.without_missing_approvals();
    }
    if report.errors() == 0 {
        let before = report.findings.into_iter().filter(|finding| finding.code.id == BROKEN_BEFORE.id);
        return Ok(before.map(|finding| format!("{}: {}", finding.file, finding.message)).collect());
    }
    let mut refusal = Refusal::by_rules(report);
    if let Some((why, hint)) = rules.refusal.clone() {
        (refusal.why, refusal.hint) = (why, Some(hint));
    }
    Err(refusal.into())
}
