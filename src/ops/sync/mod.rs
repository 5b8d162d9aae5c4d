//! Joining this clone's own commits with the remote's.
//!
//! Own commits that the remote does not have are made again on the remote's tip ([`replay`]), by what each file means: a
//! version gets the next number, a move is made from the version that is in the stage, an edit changes its own keys. So
//! two clones that registered, promoted or edited at the same time never end in a conflict of lines of text. The result
//! is pushed; after a lost race it is made once more.

mod moves;
mod numbers;
mod replay;
mod take_over;

use anyhow::Result;

use self::replay::Replay;
use self::take_over::{other_side, stopped};
use super::commit::{Done, Reach, finish_earlier, push_noted};
use super::refusal::Refusal;
use super::review::delete_closed;
use super::session::Session;
use crate::check;
use crate::store::{
    Advance, Behind, Branch, Draft, NOTHING_ELSEWHERE, Note, Oid, Person, PushOptions, Receipt, Stopped, StoreError,
    WriteLock, Written,
};

/// The result of joining both sides.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Synced {
    /// The branch.
    pub branch: String,
    /// The remote; none if the repository has none.
    pub remote: Option<String>,
    /// The number of commits that this clone received.
    pub received: usize,
    /// The number of commits that the remote received.
    pub sent: usize,
    /// The subjects of the commits that were made again, before and after.
    pub replayed: Vec<(String, String)>,
    /// The moves that were left out, because they do not apply any more.
    pub dropped: Vec<String>,
    /// The command of git that was given up: `merge` or `rebase`.
    pub gave_up: Option<String>,
    /// The branches of this clone that were deleted, because their requests have landed or were closed.
    pub deleted: Vec<String>,
}

/// Fetches, makes this clone's own commits again on the remote's tip, and pushes. `drop_moves` leaves out moves from a
/// version that is not in the stage any more.
pub fn sync(session: &Session, drop_moves: bool) -> Result<Done<Synced>> {
    let person = session.person()?;
    let lock = session.store.lock()?;
    let stopped = stopped(session, session.named_branch())?;
    let branch = match &stopped {
        Some(stopped) => stopped.branch.clone(),
        None => session.target()?,
    };
    let earlier = finish_earlier(&session.store)?;
    let remote = session.store.remote_of(branch.name())?;
    let run = Run { session, person, branch, remote, drop_moves, stopped };
    let Some(mut joined) = run.join()? else {
        let why = "the repository has no remote, so there is nothing to join this clone with";
        return Err(Refusal::new(why, "git remote add origin ADDRESS").into());
    };
    // Both sides are joined already, so a branch that cannot be deleted does not make the command fail.
    joined.synced.deleted = delete_closed(session).unwrap_or_default();
    run.done(joined, earlier, lock)
}

/// One run of `sync`.
struct Run<'s> {
    session: &'s Session,
    person: Person,
    branch: Branch,
    remote: Option<String>,
    drop_moves: bool,
    stopped: Option<Stopped>,
}

/// Both sides, joined.
struct Joined {
    /// The new tip of the branch here and on the remote.
    tip: Oid,
    /// The branch's tip here before.
    from: Oid,
    synced: Synced,
    behind: Behind,
    note: Note,
}

impl Run<'_> {
    /// Joins both sides. None if there is nothing to join with.
    fn join(&self) -> Result<Option<Joined>> {
        let store = &self.session.store;
        let from = store.tip(&self.branch)?.ok_or_else(|| StoreError::NoBranch("the branch has no commit".into()))?;
        let Some(remote) = &self.remote else { return self.join_here(from) };
        for attempt in 0.. {
            store.wait_for_gc()?;
            store.fetch(remote)?;
            let theirs = store.tip(&store.remote_branch(remote, self.branch.name()))?;
            let mut replay = Replay::new(self.session, &self.person, self.drop_moves);
            let ours = self.with_other_side(&mut replay, from, theirs)?;
            let tip = match theirs {
                Some(theirs) if !store.stems_from(ours, theirs)? => replay.all(ours, theirs)?,
                _ => ours,
            };
            self.judge(theirs, tip)?;
            // Nothing was given up until here, so a refusal leaves the clone as it was.
            self.give_up()?;
            let note = self.note(from, tip, Some(remote))?;
            if theirs != Some(tip) {
                let (name, options) = (self.branch.name(), PushOptions::default());
                if push_noted(store, remote, tip, name, &options, attempt)?.is_none() {
                    continue;
                }
            }
            let behind = self.advance(from, tip, &note);
            let synced = Synced {
                remote: Some(remote.clone()),
                sent: theirs.map_or(Ok(0), |theirs| store.commits_between(theirs, tip))?,
                received: theirs.map_or(Ok(0), |theirs| store.commits_between(from, theirs))?,
                ..self.synced(replay)
            };
            return Ok(Some(Joined { tip, from, synced, behind, note }));
        }
        Ok(None)
    }

    /// Refuses to publish a change that breaks the rules, also one that was made with git alone. As in a server's hook, all
    /// commits together are one change, by the policy that the remote has.
    fn judge(&self, theirs: Option<Oid>, tip: Oid) -> Result<()> {
        let Some(theirs) = theirs.filter(|theirs| *theirs != tip) else { return Ok(()) };
        let store = &self.session.store;
        let elsewhere = match store.own_commits(tip, theirs)?.len() {
            1 => store.changed_elsewhere(theirs, tip)?,
            // Another commit than that of the models may have changed the files beside the registry.
            _ => Vec::new(),
        };
        let (base, head) = (store.tree(Some(theirs))?, store.tree(Some(tip))?);
        let report = check::change(&base, &head, &elsewhere, &self.session.signatures()?)?;
        if report.errors() == 0 {
            return Ok(());
        }
        let mut refusal = Refusal::by_rules(report);
        refusal.why = "the commits of this clone would break the registry's rules on the remote".into();
        Err(refusal.into())
    }

    /// Joins the two sides of a stopped merge or rebase in a repository without a remote.
    fn join_here(&self, from: Oid) -> Result<Option<Joined>> {
        if self.stopped.is_none() {
            return Ok(None);
        }
        let mut replay = Replay::new(self.session, &self.person, self.drop_moves);
        let tip = self.with_other_side(&mut replay, from, None)?;
        self.give_up()?;
        let note = self.note(from, tip, None)?;
        let behind = self.advance(from, tip, &note);
        Ok(Some(Joined { tip, from, synced: self.synced(replay), behind, note }))
    }

    fn synced(&self, replay: Replay<'_>) -> Synced {
        Synced {
            branch: self.branch.name().to_owned(),
            replayed: replay.replayed,
            dropped: replay.dropped,
            gave_up: self.stopped.as_ref().map(|stopped| stopped.what().to_owned()),
            ..Synced::default()
        }
    }

    /// The tip with the other side of a stopped merge or rebase joined, if that side is not the remote's.
    fn with_other_side(&self, replay: &mut Replay<'_>, ours: Oid, theirs: Option<Oid>) -> Result<Oid> {
        let Some(stopped) = &self.stopped else { return Ok(ours) };
        let Some(other) = other_side(self.session, stopped, theirs)? else { return Ok(ours) };
        if stopped.is_rebase {
            return replay.all(ours, other);
        }
        let tip = replay.all(other, ours)?;
        self.merge_commit(tip, other)
    }

    /// Gives up the stopped merge or rebase, once.
    fn give_up(&self) -> Result<()> {
        let store = &self.session.store;
        match &self.stopped {
            Some(stopped) if store.stopped()?.is_some() => Ok(store.give_up(stopped)?),
            _ => Ok(()),
        }
    }

    /// A commit that records that `other` is merged, without a change.
    fn merge_commit(&self, tip: Oid, other: Oid) -> Result<Oid> {
        let message = format!("Merge {other} into {}\n", self.branch.name());
        let draft = Draft {
            edits: &Default::default(),
            message: &message,
            person: &self.person,
            seconds: self.session.now().utc().timestamp(),
            merged: Some(other),
            author: None,
            elsewhere: NOTHING_ELSEWHERE,
        };
        Ok(self.session.store.write_commit(Some(tip), &draft)?)
    }

    /// Notes the new tip, so that the next run can finish this one.
    fn note(&self, from: Oid, tip: Oid, remote: Option<&str>) -> Result<Note> {
        let store = &self.session.store;
        let paths = store.changed_paths(from, tip)?;
        let commit = (tip, self.session.now());
        let written = Written {
            branch: &self.branch,
            tip: Some(from),
            from: Some(from),
            commit,
            remote,
            whole: true,
            closes: None,
        };
        Ok(store.note_pending(written, paths.iter())?)
    }

    /// Moves the branch of this clone to the new tip, and updates the checked-out files.
    fn advance(&self, from: Oid, tip: Oid, note: &Note) -> Behind {
        let store = &self.session.store;
        if from == tip {
            return Behind::default();
        }
        let moved = store.advance(&self.branch, Some(from), tip, "modelreg: sync");
        let failed = |why: &str, hint| Behind::branch(&self.branch, self.remote.as_deref().unwrap_or("."), why, hint);
        match moved {
            Ok(Advance::Done) => store.follow(note),
            Ok(Advance::Lost) => {
                failed("another process has moved the branch", Some("run `modelreg sync` again".into()))
            }
            Err(e) => failed(&e.to_string(), e.hint()),
        }
    }

    fn done(self, joined: Joined, earlier: Behind, lock: WriteLock) -> Result<Done<Synced>> {
        let store = &self.session.store;
        let Joined { tip, from, synced, mut behind, note } = joined;
        behind.left.splice(0..0, earlier.left);
        let receipt = store.receipt(lock, &behind, &note)?;
        let name = self.branch.name().to_owned();
        let subject = match (&self.remote, from == tip && synced.sent == 0) {
            (Some(remote), true) => format!("{name} and {remote}/{name} are the same"),
            (Some(remote), false) => format!("Joined {name} and {remote}/{name}"),
            (None, _) => format!("Joined both sides on {name}"),
        };
        let reach = self.remote.map_or(Reach::NoRemote, |remote| Reach::Pushed { remote });
        Ok(Done {
            value: synced,
            commit: tip,
            branch: name,
            subject,
            behind,
            earlier: false,
            broken_before: Vec::new(),
            reach,
            said: String::new(),
            receipt,
        })
    }
}

impl Done<Synced> {
    /// What there is to say of both sides.
    pub fn into_summary(self) -> (super::Summary, Synced, Receipt) {
        let (mut summary, synced, receipt) = self.into_commit_summary();
        if let Some(what) = &synced.gave_up {
            summary.line(format!("gave up the {what} that git had stopped, and joined both sides instead"));
        }
        let commits = |n: usize| if n == 1 { "1 commit".to_owned() } else { format!("{n} commits") };
        if synced.received > 0 {
            summary.line(format!("received {}", commits(synced.received)));
        }
        if synced.sent > 0 {
            summary.line(format!("sent {}", commits(synced.sent)));
        }
        for (old, new) in &synced.replayed {
            summary.line(if old == new { format!("made again: {new}") } else { format!("{old} is now: {new}") });
        }
        for branch in &synced.deleted {
            summary.line(format!("deleted {branch}, whose request is closed"));
        }
        for dropped in &synced.dropped {
            summary.warn(format!("left out, because it does not apply any more: {dropped}"), None);
        }
        (summary, synced, receipt)
    }
}
