//! Moving a stage's pointer: what promotion, rollback and withdrawal have in common.

use anyhow::Result;

use super::commit::{Asked, Done, Edits, Plan, Way, commit_as};
use super::find::{self, nearest};
use super::forge;
use super::refusal::Refusal;
use super::request::{self, Requested};
use super::session::Session;
use crate::model::snapshot::text;
use crate::model::{
    Action, Link, Manifest, ModelName, ModelSnapshot, Move, RequestId, Review, Snapshot, Stage, StageName, StagePolicy,
    Text, Timestamp, write,
};
use crate::store::Receipt;

/// A pointer that was moved.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Moved {
    /// The model.
    pub model: String,
    /// The stage.
    pub stage: String,
    /// What was done.
    pub action: Action,
    /// The version that was moved.
    pub version: u64,
    /// The version that was in the stage before.
    pub from: Option<u64>,
    /// The version that is in the stage now.
    pub now: Option<u64>,
    /// Other versions in the stage.
    pub beside: Vec<u64>,
    /// Why.
    pub reason: Option<Text>,
    /// The request that was made, where the move has not landed.
    pub request: Option<Requested>,
    /// The time that was written, where the clock was behind the journal's last entry or the version.
    pub clock_behind: Option<Timestamp>,
}

/// The policy of a stage; refused where the registry has no such stage.
pub(super) fn declared<'r>(snapshot: &'r Snapshot<'_>, stage: &str) -> Result<&'r StagePolicy> {
    let names: Vec<String> = snapshot.registry.stages.iter().map(|s| s.name.to_string()).collect();
    Ok(snapshot.registry.stage(stage).ok_or_else(|| {
        let all = if names.is_empty() {
            "registry.toml declares none".into()
        } else {
            format!("the stages are {}", names.join(", "))
        };
        Refusal::new(format!("the registry has no stage `{stage}`"), nearest(stage, &names, &all))
    })?)
}

/// The id that a move has as a request.
pub(super) fn id(session: &Session, model: &ModelName, stage: &str, version: u64) -> Result<RequestId> {
    let tree = session.for_moves()?;
    let snapshot = Snapshot::open(&tree)?;
    let stage = declared(&snapshot, stage)?.name.clone();
    Ok(RequestId { model: find::model_name(&snapshot, model)?, stage, version })
}

/// Commits a move: at once, or as a request where the stage's policy wants a review or the user asks for one.
///
/// The plan is made on the branch that is checked out in the one case, and on the registry's own in the other.
pub(super) fn commit_move(
    session: &Session,
    id: &RequestId,
    (action, how): (Action, How),
    why: Option<&Text>,
    mut plan: impl FnMut(&Snapshot<'_>, &Asked) -> Result<Plan<Moved>>,
) -> Result<Done<Moved>> {
    let wants = declared(&Snapshot::open(&session.for_moves()?)?, id.stage.as_str())?.wants_request();
    if how == How::Emergency {
        let home = session.home()?;
        home.refuse_behind(session)?;
        return commit_as(session, Way::to(home.branch), |tree, asked| plan(&Snapshot::open(tree)?, asked));
    }
    if !wants && how == How::AsThePolicySays {
        return commit_as(session, Way::to(session.target()?), |tree, asked| {
            let snapshot = Snapshot::open(tree)?;
            // Lost a race against a change of the policy: asked again, it becomes a request.
            if declared(&snapshot, id.stage.as_str())?.wants_request() {
                let hint = "run the command again: it makes a request";
                return Err(Refusal::new(format!("{} wants a review since a moment ago", id.stage), hint).into());
            }
            plan(&snapshot, asked)
        });
    }
    let home = session.home()?;
    let branch = session.store.branch_of_requests(&id.branch())?;
    let forge = forge::Remote::of(session, home.branch.name())?;
    let review = declared(&Snapshot::open(&session.on_registry_branch()?)?, id.stage.as_str())?.review;
    let asking = forge::Asking { id, action, review, reason: why };
    // What pushes has the branch here follow before it starts from it.
    let on = if session.pushes() { &home.branch } else { home.newest() };
    let mut way = Way { on: Some(on.clone()), ..Way::to(branch) };
    if let Some(forge) = &forge {
        way.push = forge.asks(&asking);
    }
    let mut done = commit_as(session, way, |tree, asked| {
        refuse_second(session, id)?;
        let snapshot = Snapshot::open(tree)?;
        let policy = declared(&snapshot, id.stage.as_str())?;
        let owners = snapshot.model_file(&id.model)?.map(|model| model.owners).unwrap_or_default();
        let Plan { edits, message, mut value } = plan(&snapshot, asked)?;
        value.request = Some(Requested {
            id: id.to_string(),
            branch: id.branch(),
            pushed_to: session.remote()?,
            pull_request: None,
            page: None,
            trouble: None,
            approvals_needed: policy.needed_approvals() as usize,
            approvers: match policy.review {
                Review::None | Review::Forge => Vec::new(),
                Review::Recorded | Review::Signed => snapshot.registry.approvers(policy, &owners),
            },
        });
        let mut message = message.body(Some(&review_text(&snapshot, id, &value, asked)?));
        if let Some(change) =
            forge.as_ref().and_then(|forge| forge.change_id(&format!("{id} {} {}", asked.by, asked.at)))
        {
            message = message.change_id(change);
        }
        Ok(Plan { edits, message, value })
    })?;
    if let Some(forge) = forge {
        open(session, &asking, &forge, &mut done)?;
    }
    Ok(done)
}

/// Asks the forge for the pull request, and keeps its address in the journal. The request is pushed already: what goes
/// wrong here is told, and undoes nothing.
fn open(
    session: &Session,
    asking: &forge::Asking<'_>,
    forge: &forge::Remote<'_>,
    done: &mut Done<Moved>,
) -> Result<()> {
    let opened = forge.open(asking, done.commit, &done.said);
    let mut trouble = opened.trouble;
    if let Some(address) = &opened.address
        && forge.keeps_addresses()
    {
        // The one receipt is given for the other: a second commit waits for whoever holds the first.
        std::mem::replace(&mut done.receipt, Receipt::settled()).acknowledge()?;
        match Link::new(address.clone())
            .map_err(anyhow::Error::from)
            .and_then(|link| super::link(session, asking.id, &link))
        {
            Ok(linked) => {
                trouble = trouble.or(forge.follow(asking, linked.commit).err().map(|error| error.to_string()));
                (done.commit, done.receipt) = (linked.commit, linked.receipt);
            }
            Err(error) => trouble = Some(format!("its address could not be kept in the journal: {error}")),
        }
    }
    if let Some(request) = &mut done.value.request {
        (request.pull_request, request.page, request.trouble) = (opened.address, opened.page, trouble);
    }
    Ok(())
}

/// How a move is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// At once, or as a request.
    AsThePolicySays,
    /// As a request in any case.
    Request,
    /// At once, before its approval.
    Emergency,
}

impl How {
    pub(super) fn of(request: bool) -> Self {
        if request { Self::Request } else { Self::AsThePolicySays }
    }
}

/// Refuses a request where there is one of the same id that could still land.
fn refuse_second(session: &Session, id: &RequestId) -> Result<()> {
    let there = request::branches(session)?.into_iter().find(|found| found.name == id.branch());
    let Some(found) = there else { return Ok(()) };
    match request::read(session, &session.home()?, &found) {
        Ok(Some(request)) if request.stale.is_none() => {
            let by = &request.entry.by;
            let hint = format!("see `modelreg request show {id}`; `modelreg reject {id}` takes it back");
            Err(Refusal::new(format!("`{by}` has asked for this already, as the request {id}"), hint).into())
        }
        // A stale one, or one that cannot be read, begins anew.
        _ => Ok(()),
    }
}

/// What a reviewer reads in the commit: why, and the metrics of both versions side by side.
fn review_text(snapshot: &Snapshot<'_>, id: &RequestId, moved: &Moved, asked: &Asked) -> Result<String> {
    let new = snapshot.manifest(&id.model, id.version)?;
    let old = moved
        .from
        .filter(|from| *from != id.version)
        .map(|from| snapshot.manifest(&id.model, from))
        .transpose()?
        .flatten();
    let mut text = format!("Asked for by {}.\n", asked.by);
    if let Some(reason) = &moved.reason {
        text.push_str(&format!("Why: {reason}\n"));
    }
    let metrics = |manifest: Option<&Manifest>| manifest.map(|manifest| manifest.metrics.clone()).unwrap_or_default();
    let (was, is) = (metrics(old.as_ref()), metrics(new.as_ref()));
    let mut keys: Vec<_> = was.keys().chain(is.keys()).collect();
    keys.sort();
    keys.dedup();
    if !keys.is_empty() && moved.action != Action::Withdraw {
        let from = moved.from.map_or("nothing".to_owned(), |from| format!("version {from}"));
        text.push_str(&format!("\nMetrics, {from} -> version {}:\n", id.version));
        for key in keys {
            let shown = |metrics: &std::collections::BTreeMap<_, crate::model::Number>| {
                metrics.get(key).map_or("-".to_owned(), ToString::to_string)
            };
            text.push_str(&format!("{key}: {} -> {}\n", shown(&was), shown(&is)));
        }
    }
    Ok(text)
}

/// The stage of a model as it stands.
pub(super) fn stage_of(model: &ModelSnapshot, name: &StageName) -> Stage {
    model.stage(name.as_str()).cloned().unwrap_or_else(|| Stage::empty(name.clone()))
}

/// A move that is asked for.
pub(super) struct Wanted<'w> {
    /// What to do.
    pub action: Action,
    /// With which version.
    pub version: u64,
    /// Why.
    pub reason: Option<&'w Text>,
    /// Whether the displaced version stays beside.
    pub keep: bool,
    /// Whether it lands before its approval.
    pub emergency: bool,
}

/// Plans a move: the stage's new file, and what to tell of it.
pub(super) fn plan(
    snapshot: &Snapshot<'_>,
    model: &ModelSnapshot,
    stage: &Stage,
    wanted: &Wanted<'_>,
    asked: &Asked,
) -> Result<(Edits, Moved)> {
    // A journal's times never fall, and no version was moved before it was registered: where the clock is behind, the entry
    // takes the next millisecond.
    let registered = model.versions.get(&wanted.version).map(|manifest| manifest.created_at);
    let last = stage.history.last().map(|entry| entry.at).max(registered);
    let at = last.map_or(asked.at, |last| if asked.at < last { last.next() } else { asked.at });
    let entry = Move {
        at,
        by: asked.by.clone(),
        action: wanted.action,
        version: wanted.version,
        from: stage.replay().current(),
        reason: wanted.reason.cloned(),
        emergency: wanted.emergency,
        request: None,
        approvals: Vec::new(),
    };
    let next = stage.moved(entry, wanted.keep);
    let path = snapshot.layout().stage_file(&model.file.name, &stage.stage);
    let present = snapshot.tree.find(&path)?.map(|entry| text(snapshot.tree, &entry)).transpose()?;
    let written = write::stage_text(&next, present.as_deref(), &path)?;
    let moved = Moved {
        model: model.file.name.to_string(),
        stage: stage.stage.to_string(),
        action: wanted.action,
        version: wanted.version,
        from: stage.version,
        now: next.version,
        beside: next.beside.clone(),
        reason: wanted.reason.cloned(),
        request: None,
        clock_behind: (at != asked.at).then_some(at),
    };
    Ok((Edits::from([(path, Some(written.into_bytes()))]), moved))
}
