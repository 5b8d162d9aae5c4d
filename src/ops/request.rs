//! Review requests: what one asks for, what it has, and what is still missing.

use anyhow::Result;

use super::event::EventKind;
use super::home::Home;
use super::pending::{emergencies, emergencies_of};
use super::refusal::Refusal;
use super::session::Session;
use crate::check::{self, Count, Judge, Subject};
use crate::diag::{Report, Verdict};
use crate::model::snapshot;
use crate::model::{
    Action, Digest, Layout, Manifest, Move, Overlay, RequestId, Review, Snapshot, Stage, StagePolicy, Text, Timestamp,
    Tree, UserId,
};
use crate::store::{Branch, Merge, Oid, RequestBranch};

/// A request, as it stands against the registry's branch.
#[derive(Debug)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// The remote that its branch is on; none for a branch of this clone, or an emergency that has landed.
    pub remote: Option<String>,
    /// Its commit.
    pub commit: Oid,
    /// The move.
    pub entry: Move,
    /// Its place in the journal, from 1.
    pub place: usize,
    /// Which review the stage wants.
    pub review: Review,
    /// Its approvals, and whose would count.
    pub count: Count,
    /// Why it cannot land any more and must be made again.
    pub stale: Option<String>,
    /// What the rules say of the merge result, the missing approvals included.
    pub report: Report,
    /// Whether it has landed, as an emergency that awaits its approval.
    pub landed: bool,
    /// Files that it would change beside the stage's: nobody asked for that, and an approval says nothing of them.
    pub also_changes: Vec<String>,
    pub(super) merge: Merge,
}

impl Request {
    /// Whether it could land now.
    pub fn ready(&self) -> bool {
        self.state() == State::Ready
    }

    /// How it stands.
    pub fn state(&self) -> State {
        if self.landed {
            return State::Emergency;
        }
        if self.stale.is_some() {
            return State::Stale;
        }
        match self.report.verdict() {
            Verdict::Passes => State::Ready,
            Verdict::AwaitsApprovals => State::AwaitsApproval,
            Verdict::Breaks => State::BreaksRules,
        }
    }
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Approvals are missing, and nothing else.
    AwaitsApproval,
    /// It could land now.
    Ready,
    /// The pointer was moved meanwhile: it must be made again.
    Stale,
    /// What it would land breaks rules.
    BreaksRules,
    /// It has landed as an emergency, and awaits its approval.
    Emergency,
}

/// A request that was made.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Requested {
    /// Its id.
    pub id: String,
    /// Its branch.
    pub branch: String,
    /// The remote that it was pushed to.
    pub pushed_to: Option<String>,
    /// The address of the pull request that was opened for it.
    pub pull_request: Option<String>,
    /// The forge's page on which a person opens one, where the forge has not.
    pub page: Option<String>,
    /// Why none could be opened.
    pub trouble: Option<String>,
    /// How many approvals it needs.
    pub approvals_needed: usize,
    /// Whose approval counts.
    pub approvers: Vec<UserId>,
}

/// What a stage's file on a branch adds to the one of its base.
pub(super) fn stage_at(session: &Session, commit: Oid, id: &RequestId) -> Result<Option<Stage>> {
    let tree = session.store.tree(Some(commit))?;
    Snapshot::open(&tree)?.stage(&id.model, &id.stage)
}

/// Reads the request of a branch. None where the branch's name is no request's id, and where it has landed.
pub(super) fn read(session: &Session, home: &Home, found: &RequestBranch) -> Result<Option<Request>> {
    let Ok(id) = found.name.parse::<RequestId>() else { return Ok(None) };
    let (store, branch, tip) = (&session.store, &home.branch, home.tip);
    let strange = |why: &str| {
        Refusal::new(
            format!("`{}` is no request: {why}", found.name),
            "ask for it again: `modelreg promote MODEL VERSION --to STAGE`",
        )
    };
    let base =
        store.merge_base(tip, found.commit)?.ok_or_else(|| strange("it has no commit in common with the registry"))?;
    if base == found.commit {
        return Ok(None);
    }
    let before = stage_at(session, base, &id)?.map(|stage| stage.history).unwrap_or_default();
    let asked = stage_at(session, found.commit, &id)?.ok_or_else(|| strange("it moves nothing"))?;
    let Some(entry) = asked.history.get(before.len()).filter(|entry| entry.version == id.version).cloned() else {
        return Err(strange("its journal has no such move").into());
    };
    let tree = store.tree(Some(tip))?;
    let snapshot = Snapshot::open(&tree)?;
    let now = snapshot.stage(&id.model, &id.stage)?.map(|stage| stage.history).unwrap_or_default();
    if now
        .get(before.len())
        .is_some_and(|there| (there.at, &there.by, there.version) == (entry.at, &entry.by, entry.version))
    {
        // A forge that squashed or rebased it has left the branch.
        return Ok(None);
    }
    let policy = super::transition::declared(&snapshot, id.stage.as_str())?;
    let merge = store.merge(base, tip, found.commit)?;
    let stale = merge.conflicts.first().map(|path| format!("`{path}` was changed on {} meanwhile", branch.name()));
    let merged = Overlay::new(&tree, &merge.edits);
    let report = check::change(&tree, &merged, &merge.elsewhere, &session.signatures()?)?;
    let stage_file = snapshot.layout().stage_file(&id.model, &id.stage);
    let changed = merge.edits.keys().chain(&merge.elsewhere).filter(|path| **path != stage_file);
    let also_changes = changed.cloned().collect();
    let place = before.len() + 1;
    let facts = facts(&merged, snapshot.layout(), &id)?;
    let count = count(session, &snapshot, policy, &id, (place, &entry, facts))?;
    let remote = found.remote.clone();
    let (commit, review) = (found.commit, policy.review);
    Ok(Some(Request {
        id,
        remote,
        commit,
        entry,
        place,
        review,
        count,
        stale,
        report,
        landed: false,
        also_changes,
        merge,
    }))
}

/// The digest of the facts of a request's version, which its own branch may bring; none where it has no manifest.
pub(super) fn facts(tree: &dyn Tree, layout: Layout, id: &RequestId) -> Result<Option<Digest>> {
    let manifest: Option<Manifest> = snapshot::read(tree, &layout.version_file(&id.model, id.version))?;
    Ok(manifest.map(|manifest| manifest.facts_digest()))
}

/// Counts the approvals of a move, with its place in the journal and its version's facts, by the registry's policy at a
/// commit.
pub(super) fn count(
    session: &Session,
    snapshot: &Snapshot<'_>,
    policy: &StagePolicy,
    id: &RequestId,
    (place, entry, facts): (usize, &Move, Option<Digest>),
) -> Result<Count> {
    let signatures = session.signatures()?;
    let judge = Judge::new(snapshot, &signatures)?;
    judge.count(policy, &subject(snapshot, id, facts)?, place, entry)
}

/// The model that a request is about.
fn subject<'a>(snapshot: &Snapshot<'_>, id: &'a RequestId, facts: Option<Digest>) -> Result<Subject<'a>> {
    let model = snapshot.model_file(&id.model)?;
    let mut names = vec![id.model.to_string()];
    for former in model.iter().flat_map(|model| &model.former_names) {
        // What was signed under the name of another model is that one's.
        if snapshot.model_file(former)?.is_none() {
            names.push(former.to_string());
        }
    }
    Ok(Subject {
        names,
        owners: model.as_ref().map(|model| model.owners.clone()).unwrap_or_default(),
        stage: &id.stage,
        facts: facts.into_iter().map(|facts| (id.version, facts)).collect(),
    })
}

/// All open requests.
#[derive(Debug, Default)]
pub struct Open {
    /// Those of branches, this clone's before a remote's of the same id, and emergencies that await approval.
    pub requests: Vec<Request>,
    /// Branches that are named like one and are none, each with why.
    pub strange: Vec<String>,
}

/// The branches of requests, one for each name: of a clone's and a remote's, the one that has what the other has and more.
/// Where each has what the other has not, the clone's own counts.
pub(super) fn branches(session: &Session) -> Result<Vec<RequestBranch>> {
    let mut newest: Vec<RequestBranch> = Vec::new();
    for found in session.store.request_branches()? {
        match newest.iter_mut().find(|known| known.name == found.name) {
            None => newest.push(found),
            Some(known) if found.commit != known.commit && session.store.stems_from(found.commit, known.commit)? => {
                *known = found
            }
            Some(_) => {}
        }
    }
    Ok(newest)
}

/// All open requests, oldest first.
pub fn requests(session: &Session) -> Result<Open> {
    let home = session.home()?;
    let mut open = Open::default();
    for found in branches(session)? {
        match read(session, &home, &found) {
            Ok(Some(request)) => open.requests.push(request),
            Ok(None) => {}
            // One branch that somebody spoilt hides no other.
            Err(error) if error.is::<Refusal>() || error.is::<crate::model::Unreadable>() => {
                open.strange.push(error.to_string())
            }
            Err(error) => return Err(error),
        }
    }
    open.requests.extend(emergencies(session, &home)?);
    open.requests.sort_by(|a, b| (a.entry.at, &a.id).cmp(&(b.entry.at, &b.id)));
    Ok(open)
}

/// The request of an id: a branch of this clone, a remote's, or an emergency that has landed.
pub fn request(session: &Session, id: &RequestId) -> Result<Request> {
    let home = session.home()?;
    if let Some(found) = branch_of(session, id)?
        && let Some(request) = read(session, &home, &found)?
    {
        return Ok(request);
    }
    let tree = session.store.tree(Some(home.tip))?;
    let snapshot = Snapshot::open(&tree)?;
    let landed = match snapshot.registry.stage(id.stage.as_str()) {
        Some(policy) => emergencies_of(session, &home, &snapshot, &id.model, policy)?,
        None => Vec::new(),
    };
    Ok(landed.into_iter().find(|request| request.id.version == id.version).ok_or_else(|| none(id))?)
}

/// The branch of a request, landed or not.
pub(super) fn branch_of(session: &Session, id: &RequestId) -> Result<Option<RequestBranch>> {
    Ok(branches(session)?.into_iter().find(|found| found.name == id.branch()))
}

/// The branch of a request that is to be landed or rejected; also one that a killed run has removed before it could tell.
pub(super) fn branch_to_close(session: &Session, id: &RequestId) -> Result<RequestBranch> {
    if let Some(found) = branch_of(session, id)?.or(session.store.noted_request(&id.branch())?) {
        return Ok(found);
    }
    // An emergency has no branch.
    let landed = request(session, id)?.id;
    let hint = format!("`modelreg approve {landed}` gives it the approval that it awaits; a promotion undoes it");
    Err(Refusal::new(format!("{landed} has landed already, as an emergency"), hint).into())
}

/// That there is no such request.
pub(super) fn none(id: &RequestId) -> Refusal {
    let hint = "`modelreg requests` lists them; `git fetch` brings those of others";
    Refusal::new(format!("there is no open request `{id}`"), hint)
}

/// This clone's branch of a request that is to be done with, unless it has more than the request.
pub(super) fn own_branch(session: &Session, id: &RequestId, at: Oid) -> Result<Option<(Branch, Oid)>> {
    let branch = session.store.branch_of_requests(&id.branch())?;
    let Some(tip) = session.store.tip(&branch)? else { return Ok(None) };
    Ok(session.store.stems_from(at, tip)?.then_some((branch, tip)))
}

/// What moves, in a line.
pub fn in_words(id: &RequestId, entry: &Move) -> String {
    let RequestId { model, stage, version } = id;
    let was = entry.from.map_or(String::new(), |from| format!(" (was {from})"));
    match entry.action {
        Action::Promote => format!("Promote {model} {version} to {stage}{was}"),
        Action::Rollback => {
            let from = entry.from.map_or(String::new(), |from| format!(" from {from}"));
            format!("Roll back {model} in {stage}{from} to {version}")
        }
        Action::Withdraw => format!("Withdraw {model} {version} from {stage}"),
    }
}

/// Why somebody's approval of a request would not count, and the hint.
pub(super) fn no_approver(request: &Request, entry: &Move, by: &UserId) -> Option<Refusal> {
    let people: Vec<&str> = request.count.approvers.iter().map(UserId::as_str).collect();
    let others = format!(
        "ask one of: {}",
        if people.is_empty() { "nobody, name approvers in registry.toml".into() } else { people.join(", ") }
    );
    let id = &request.id;
    if request.review == Review::Forge || request.review == Review::None {
        let why = format!("the approvals of {} are not counted here (registry.toml: review)", id.stage);
        return Some(Refusal::new(why, "approve the pull request on the forge"));
    }
    if by.same_person(&entry.by) {
        return Some(Refusal::new(format!("`{by}` asks for {id}, and nobody approves what they ask for"), others));
    }
    if !request.count.approvers.iter().any(|person| person.same_person(by)) {
        return Some(Refusal::new(format!("the policy does not name `{by}` as an approver of {}", id.stage), others));
    }
    if entry.approvals.iter().any(|approval| approval.by.same_person(by)) {
        return Some(Refusal::new(
            format!("`{by}` has approved {id} already"),
            format!("`modelreg request show {id}` shows what is missing"),
        ));
    }
    None
}

/// An approval's time: now, and not before the move or the approval before it, whatever the clock says.
pub(super) fn approval_time(now: Timestamp, entry: &Move) -> Timestamp {
    entry.approvals.iter().map(|approval| approval.at).fold(entry.at, Timestamp::max).max(now)
}

/// How a comment begins that stays on the version when a request is gone, and what follows what was asked for.
const REMARK: &str = "Request to ";
const REJECTED: &str = " rejected (asked for by ";
const WITHDRAWN: &str = " withdrawn (asked for by ";

/// A comment that stays on the version when a request is gone; its own is one that who had made it took back.
pub(super) fn remark(request: &Request, own: bool, reason: Option<&Text>) -> Result<Text> {
    let why = reason.map_or(String::new(), |reason| format!(": {reason}"));
    let (what, went) = (lower_first(&in_words(&request.id, &request.entry)), if own { WITHDRAWN } else { REJECTED });
    let text = format!("{REMARK}{what}{went}{} at {}){why}", request.entry.by, request.entry.at);
    Ok(Text::new(text).map_err(Refusal::from)?)
}

/// What a comment tells of a request; none where it is any other comment.
pub(super) fn remark_kind(text: &str) -> Option<EventKind> {
    let rest = text.strip_prefix(REMARK)?;
    let place = |went: &str| rest.find(went);
    match (place(REJECTED), place(WITHDRAWN)) {
        (Some(rejected), Some(withdrawn)) if withdrawn < rejected => Some(EventKind::WithdrawRequest),
        (Some(_), _) => Some(EventKind::Reject),
        (None, withdrawn) => withdrawn.map(|_| EventKind::WithdrawRequest),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}

/// A metric of the version that is to be moved, beside that of the one in the stage now.
#[derive(Debug, Clone, serde::Serialize)]
pub struct MetricPair {
    /// The metric's key.
    pub metric: String,
    /// Its value of the version in the stage now.
    pub now: Option<crate::model::Number>,
    /// Its value of the version that is asked for.
    pub asked: Option<crate::model::Number>,
}

/// The metrics of both versions of a request, by key.
pub fn metric_pairs(session: &Session, request: &Request) -> Result<Vec<MetricPair>> {
    let tree = session.store.tree(Some(request.commit))?;
    let snapshot = Snapshot::open(&tree)?;
    let metrics = |version: Option<u64>| -> Result<std::collections::BTreeMap<_, _>> {
        let manifest = version.map(|version| snapshot.manifest(&request.id.model, version)).transpose()?.flatten();
        Ok(manifest.map(|manifest| manifest.metrics).unwrap_or_default())
    };
    let (now, asked) = (metrics(request.entry.from)?, metrics(Some(request.entry.version))?);
    let keys: std::collections::BTreeSet<_> = now.keys().chain(asked.keys()).collect();
    let pair = |key: &crate::model::Key| MetricPair {
        metric: key.to_string(),
        now: now.get(key).copied(),
        asked: asked.get(key).copied(),
    };
    Ok(keys.into_iter().map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_told_from_other_comments() {
        let asked = "(asked for by ada@example.com at 2026-01-02T03:04:05.000Z)";
        for (text, kind) in [
            (
                format!("Request to promote iris 3 to Production (was 2) rejected {asked}: too slow"),
                Some(EventKind::Reject),
            ),
            (format!("Request to promote iris 3 to Production withdrawn {asked}"), Some(EventKind::WithdrawRequest)),
            (
                format!("Request to roll back iris withdrawn {asked}: a rejected {asked}"),
                Some(EventKind::WithdrawRequest),
            ),
            ("Request to whom it may concern".into(), None),
            ("It was rejected (asked for by me)".into(), None),
        ] {
            assert_eq!(remark_kind(&text), kind, "{text}");
        }
    }
}
