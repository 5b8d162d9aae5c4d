//! Reading a request from a branch: its journal entry, its approvals, and the rules' findings in the merge result.

use anyhow::Result;

use super::request::{OpenRequest, Request, Standing};
use crate::check::{self, Count, Judge, JudgedMove, Judgement, Subject};
use crate::model::{ClosedRequest, Digest, Files, Move, Overlay, RequestId, Snapshot, Stage, StagePolicy, UserId};
use crate::ops::find;
use crate::ops::publish::push_branch;
use crate::ops::refusal::Refusal;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::session::Session;
use crate::store::{Merge, Oid, RequestBranch};

/// Reads requests against a commit of the registry's branch.
pub(in crate::ops) struct Reader<'a> {
    pub session: &'a Session,
    /// The registry's branch.
    pub branch: &'a str,
    /// The commit of that branch that requests are merged with.
    pub tip: Oid,
    /// The registry at that commit.
    pub snapshot: &'a Snapshot<'a>,
}

/// A request's branch, before the rules check it.
pub(super) struct Unjudged {
    /// The request's id.
    pub id: RequestId,
    /// The branch.
    pub found: RequestBranch,
    /// The merge base with the registry's branch.
    pub base: Oid,
    /// The stage on the request's branch.
    pub stage: Stage,
    /// The position of the entry in the journal, from 1.
    pub place: usize,
}

impl Unjudged {
    /// The move's journal entry.
    pub fn entry(&self) -> &Move {
        &self.stage.history[self.place - 1]
    }
}

/// Opens the registry's branch at its newest known commit, and reads requests against that commit.
pub(in crate::ops) fn with_reader<T>(
    session: &Session,
    branch: &RegistryBranch,
    work: impl FnOnce(&Reader<'_>) -> Result<T>,
) -> Result<T> {
    let tree = session.store.tree(Some(branch.tip))?;
    let snapshot = Snapshot::open(&tree)?;
    work(&Reader { session, branch: branch.branch.name(), tip: branch.tip, snapshot: &snapshot })
}

impl Reader<'_> {
    /// Reads the request of a branch. None if the branch's name is not the id of a request, or the request has landed,
    /// or was rejected or withdrawn.
    pub(super) fn read(&self, found: &RequestBranch) -> Result<Option<Unjudged>> {
        let read = self.read_closed(found)?;
        Ok(match read {
            Some(read) if self.is_closed(&read)? => None,
            read => read,
        })
    }

    /// Whether another clone has rejected or withdrawn the request: its branch stays in this clone until `sync`.
    fn is_closed(&self, read: &Unjudged) -> Result<bool> {
        let (id, entry) = (&read.id, read.entry());
        let closed = |snapshot: &Snapshot<'_>| -> Result<usize> {
            let is_this = |closed: &&ClosedRequest| {
                closed.stage == id.stage && closed.requested_at == entry.at && closed.requested_by == entry.by
            };
            let manifest = snapshot.manifest(&id.model, id.version)?;
            Ok(manifest.map_or(0, |manifest| manifest.closed_requests.iter().filter(is_this).count()))
        };
        let now = closed(self.snapshot)?;
        if now == 0 {
            return Ok(false);
        }
        // A request that was made again in the same moment starts from a commit that has the earlier end.
        let base = self.session.store.tree(Some(read.base))?;
        Ok(now > closed(&Snapshot::beside(self.snapshot, &base)?)?)
    }

    /// Like [`Reader::read`], also for a request that was rejected or withdrawn.
    pub(super) fn read_closed(&self, found: &RequestBranch) -> Result<Option<Unjudged>> {
        let Some((id, base)) = self.branch_point(found)? else { return Ok(None) };
        let tree = self.session.store.tree(Some(found.commit))?;
        self.read_on(&Snapshot::beside(self.snapshot, &tree)?, found, id, base)
    }

    /// The id of a branch's request, and the merge base with the registry's branch. None if the branch's name is not
    /// the id of a request, or the branch has no commits of its own.
    pub(super) fn branch_point(&self, found: &RequestBranch) -> Result<Option<(RequestId, Oid)>> {
        let Ok(id) = found.name.parse::<RequestId>() else { return Ok(None) };
        let base = self.session.store.merge_base(self.tip, found.commit)?;
        let base =
            base.ok_or_else(|| not_a_request(found, "the branch has no commit in common with the registry's branch"))?;
        Ok((base != found.commit).then_some((id, base)))
    }

    /// Reads the request from the files of its branch. None if the request has landed.
    pub(super) fn read_on(
        &self,
        on_branch: &Snapshot<'_>,
        found: &RequestBranch,
        id: RequestId,
        base: Oid,
    ) -> Result<Option<Unjudged>> {
        let now = self.snapshot.stage(&id.model, &id.stage)?.map(|stage| stage.history).unwrap_or_default();
        let before =
            if base == self.tip { now.len() } else { self.stage_at(base, &id)?.map_or(0, |stage| stage.history.len()) };
        let stage = on_branch
            .stage(&id.model, &id.stage)?
            .ok_or_else(|| not_a_request(found, "the branch moves no pointer"))?;
        let Some(entry) = stage.history.get(before).filter(|entry| entry.version == id.version) else {
            return Err(not_a_request(found, "the journal does not contain the move").into());
        };
        let same = |there: &Move| (there.at, &there.by, there.version) == (entry.at, &entry.by, entry.version);
        if now.get(before).is_some_and(same) {
            // The move has landed: the forge squashed or rebased the branch and did not delete it.
            return Ok(None);
        }
        Ok(Some(Unjudged { id, found: found.clone(), base, place: before + 1, stage }))
    }

    /// Merges a request in memory, checks the result by the rules, and counts the approvals.
    pub(super) fn judge(&self, unjudged: Unjudged) -> Result<Request> {
        let policy = self.policy(&unjudged.id)?;
        let merge = self.merge(&unjudged)?;
        let merged = Overlay::new(self.snapshot.tree, &merge.edits);
        let files = Files::of_change(&self.snapshot.files, &merged);
        let Judgement { report, moves, .. } =
            check::judge(self.snapshot, &files, &merge.elsewhere, &self.session.signatures()?)?;
        let also_changes = self.also_changes(&unjudged.id, &merge);
        let (id, place) = (&unjudged.id, unjudged.place);
        let this = |judged: &JudgedMove| judged.model == id.model && judged.stage == id.stage && judged.place == place;
        let count = match moves.into_iter().find(this) {
            Some(judged) => judged.count,
            // The rules count no approvals in a journal that lost an entry, nor for a policy that counts none.
            None => self.count_merged(&unjudged, &merge)?,
        };
        let stale = self.stale(&merge);
        let only_here = self.only_here(&unjudged.found)?;
        let Unjudged { id, found, base: _, mut stage, place } = unjudged;
        let entry = stage.history.swap_remove(place - 1);
        let open = OpenRequest { remote: found.remote, commit: found.commit, only_here, stale, report, also_changes };
        let standing = Standing::Open(Box::new(open));
        Ok(Request { id, entry, place, review: policy.review, count, standing })
    }

    /// The command that pushes a request's branch; none if the remote has all of its commits.
    fn only_here(&self, found: &RequestBranch) -> Result<Option<String>> {
        let store = &self.session.store;
        let Some(remote) = store.remote_of(self.branch)?.filter(|_| found.remote.is_none()) else { return Ok(None) };
        let is_there = store.tip(&store.remote_branch(&remote, &found.name))? == Some(found.commit);
        Ok((!is_there).then(|| push_branch(&remote, &found.name)))
    }

    /// The policy of a request's stage.
    pub(super) fn policy(&self, id: &RequestId) -> Result<&StagePolicy> {
        find::stage_policy(self.snapshot, id.stage.as_str())
    }

    /// The result of merging a request.
    pub(super) fn merge(&self, unjudged: &Unjudged) -> Result<Merge> {
        Ok(self.session.store.merge(unjudged.base, self.tip, unjudged.found.commit)?)
    }

    /// The files other than the stage's that the merge of a request changes. No approval covers them.
    pub(super) fn also_changes(&self, id: &RequestId, merge: &Merge) -> Vec<String> {
        let stage_file = self.snapshot.layout().stage_file(&id.model, &id.stage);
        merge.edits.keys().chain(&merge.elsewhere).filter(|path| **path != stage_file).cloned().collect()
    }

    /// Why the request is stale: the first conflict of its merge; none without conflicts.
    pub(super) fn stale(&self, merge: &Merge) -> Option<String> {
        merge
            .conflicts
            .first()
            .map(|path| format!("`{path}` has changed on {} since the request was made", self.branch))
    }

    /// Counts the approvals of a request, with the manifest from the merge result: the branch may add the version
    /// itself.
    pub(super) fn count_merged(&self, unjudged: &Unjudged, merge: &Merge) -> Result<Count> {
        let (id, merged) = (&unjudged.id, Overlay::new(self.snapshot.tree, &merge.edits));
        let manifest = Snapshot::beside(self.snapshot, &merged)?.manifest(&id.model, id.version)?;
        self.count(id, unjudged.place, unjudged.entry(), manifest.map(|manifest| manifest.facts_digest()), 0)
    }

    /// Counts the approvals of a move by the registry's policy. `place` is the position of the entry in the journal,
    /// from 1; `facts` is the digest of the version's facts; the first `landed` approvals are on the registry's branch.
    pub fn count(
        &self,
        id: &RequestId,
        place: usize,
        entry: &Move,
        facts: Option<Digest>,
        landed: usize,
    ) -> Result<Count> {
        let signatures = self.session.signatures()?;
        let judge = Judge::new(self.snapshot, &signatures)?;
        judge.count(self.policy(id)?, &self.subject(id, facts)?, place, entry, landed)
    }

    /// The model of a request, with the names under which its approvals may be signed.
    fn subject<'i>(&self, id: &'i RequestId, facts: Option<Digest>) -> Result<Subject<'i>> {
        let model = self.snapshot.model_file(&id.model)?;
        let mut names = vec![id.model.to_string()];
        for former in model.iter().flat_map(|model| &model.former_names) {
            // If another model has the former name now, a signature under that name belongs to that model.
            if self.snapshot.model_file(former)?.is_none() {
                names.push(former.to_string());
            }
        }
        let owners: Vec<UserId> = model.map(|model| model.owners).unwrap_or_default();
        let facts = facts.into_iter().map(|facts| (id.version, facts)).collect();
        Ok(Subject { names, owners, stage: &id.stage, facts })
    }

    fn stage_at(&self, commit: Oid, id: &RequestId) -> Result<Option<Stage>> {
        let tree = self.session.store.tree(Some(commit))?;
        Snapshot::beside(self.snapshot, &tree)?.stage(&id.model, &id.stage)
    }
}

/// The refusal of a commit on a request's branch whose journal has lost the move.
pub(super) fn lost_move() -> Refusal {
    Refusal::new("the branch of the request no longer contains the move", "run `modelreg requests`")
}

/// The refusal of a branch that is named like a request but contains none.
fn not_a_request(found: &RequestBranch, why: &str) -> Refusal {
    Refusal::new(
        format!("the branch `{}` is not a request: {why}", found.name),
        "make the request again: `modelreg promote MODEL VERSION --to STAGE`",
    )
}
