//! Reading requests: all of a registry, those of a model, or one by its id.

use anyhow::Result;

use super::reader::{Reader, with_reader};
use super::request::{Request, Standing, State};
use crate::model::{Action, ModelName, REQUESTS, RequestId, Snapshot, StagePolicy, Timestamp, Unreadable, UserId};
use crate::ops::list::readable;
use crate::ops::refusal::Refusal;
use crate::ops::request_branches;
use crate::ops::session::Session;
use crate::store::RequestBranch;

/// The requests of a registry.
#[derive(Debug, Default)]
pub struct Requests {
    /// The open requests and the emergencies that await approval, oldest first.
    pub requests: Vec<Request>,
    /// Branches that are named like a request but contain none, and stages whose journal cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// The requests to read.
pub(in crate::ops) enum Scope<'a> {
    /// All requests.
    Registry,
    /// The requests of one model.
    Model(&'a ModelName),
    /// The requests on these branches, and the emergencies of these models.
    Of(&'a [RequestBranch], Vec<ModelName>),
}

/// All requests of a registry, oldest first.
pub fn requests(session: &Session) -> Result<Requests> {
    with_reader(session, &session.registry_branch()?, |reader| open(reader, &Scope::Registry))
}

/// The requests in a scope, oldest first. All listings use this loop. An unreadable branch does not hide the others.
pub(in crate::ops) fn open(reader: &Reader<'_>, scope: &Scope<'_>) -> Result<Requests> {
    let mut found = Requests::default();
    for branch in &scope.branches(reader.session)? {
        match reader.read(branch).and_then(|read| read.map(|read| reader.judge(read)).transpose()) {
            Ok(request) => found.requests.extend(request),
            Err(error) if error.is::<Refusal>() || error.is::<Unreadable>() => {
                found.unreadable.push(Unreadable { path: branch.name.clone(), why: error.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    for model in scope.models(reader.snapshot)? {
        for policy in &reader.snapshot.registry.stages {
            match readable(emergencies(reader, &model, policy))? {
                Ok(waiting) => found.requests.extend(waiting),
                Err(why) => found.unreadable.push(why),
            }
        }
    }
    found.requests.sort_by(|a, b| (a.entry.at, &a.id).cmp(&(b.entry.at, &b.id)));
    Ok(found)
}

impl Scope<'_> {
    fn branches(&self, session: &Session) -> Result<Vec<RequestBranch>> {
        match self {
            Self::Registry => request_branches::all(session),
            Self::Model(model) => {
                let prefix = format!("{REQUESTS}{model}/").replace(' ', "+");
                let all = request_branches::all(session)?.into_iter();
                Ok(all.filter(|branch| branch.name.starts_with(&prefix)).collect())
            }
            Self::Of(branches, _) => Ok(branches.to_vec()),
        }
    }

    /// The models whose journals may contain an emergency.
    fn models(&self, snapshot: &Snapshot<'_>) -> Result<Vec<ModelName>> {
        if !snapshot.registry.stages.iter().any(|policy| policy.emergency) {
            return Ok(Vec::new());
        }
        match self {
            Self::Registry => {
                let folders = snapshot.model_folders()?;
                Ok(folders.iter().filter_map(|folder| ModelName::new(folder.name()).ok()).collect())
            }
            Self::Model(model) => Ok(vec![(*model).clone()]),
            Self::Of(_, models) => Ok(models.clone()),
        }
    }
}

/// The landed emergencies of a model's stage that await approval.
fn emergencies(reader: &Reader<'_>, model: &ModelName, policy: &StagePolicy) -> Result<Vec<Request>> {
    let snapshot = reader.snapshot;
    // Most journals contain no emergency, and a text search costs less than parsing. TOML keys can have escapes.
    let path = snapshot.layout().stage_file(model, &policy.name);
    let text = if policy.emergency { snapshot.text(&path)? } else { None };
    let may = text.is_some_and(|text| text.contains("emergency") || text.contains('\\'));
    let stage = if may { snapshot.stage(model, &policy.name)? } else { None };
    let history = stage.map(|stage| stage.history).unwrap_or_default();
    let mut waiting = Vec::new();
    for (at, entry) in history.into_iter().enumerate().filter(|(_, entry)| entry.emergency) {
        let id = RequestId { model: model.clone(), stage: policy.name.clone(), version: entry.version };
        let facts = snapshot.manifest(model, entry.version)?.map(|manifest| manifest.facts_digest());
        let (place, review) = (at + 1, policy.review);
        let count = reader.count(&id, place, &entry, facts, entry.approvals.len())?;
        if !count.enough() {
            waiting.push(Request { id, entry, place, review, count, standing: Standing::Landed });
        }
    }
    Ok(waiting)
}

/// The request with an id: on a branch of this clone or of a remote, or a landed emergency.
pub fn request(session: &Session, id: &RequestId) -> Result<Request> {
    with_reader(session, &session.registry_branch()?, |reader| {
        if let Some(found) = request_branches::of(session, id)?
            && let Some(read) = reader.read(&found)?
        {
            return reader.judge(read);
        }
        Ok(landed(reader, id)?.ok_or_else(|| none(id))?)
    })
}

/// The landed emergency with an id, if it awaits approval.
pub(super) fn landed(reader: &Reader<'_>, id: &RequestId) -> Result<Option<Request>> {
    let Some(policy) = reader.snapshot.registry.stage(id.stage.as_str()) else { return Ok(None) };
    let landed = emergencies(reader, &id.model, policy)?;
    Ok(landed.into_iter().find(|request| request.id.version == id.version))
}

/// The refusal of an unknown id.
pub(super) fn none(id: &RequestId) -> Refusal {
    let hint = "`modelreg requests` lists the open requests; `git fetch` fetches those of other clones";
    Refusal::new(format!("no open request has the id `{id}`"), hint)
}

/// A request in summary, for the page of its model.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RequestSummary {
    /// The request's id.
    pub id: String,
    /// The stage.
    pub stage: String,
    /// The version.
    pub version: u64,
    /// The kind of move.
    pub action: Action,
    /// The requester.
    pub by: UserId,
    /// The time of the request.
    pub at: Timestamp,
    /// The number of approvals that count.
    pub approvals_counted: usize,
    /// The number of approvals that are needed.
    pub approvals_needed: usize,
    /// The request's state.
    pub state: State,
}

/// The requests of a model, oldest first; empty if the clone does not have the registry's branch, for example in a
/// clone of one commit. `looked_at` is the snapshot that names the branch.
pub(in crate::ops) fn request_summaries(
    session: &Session,
    looked_at: &Snapshot<'_>,
    model: &ModelName,
) -> Result<Vec<RequestSummary>> {
    let branch = match session.registry_branch_of(&looked_at.registry) {
        Err(error) if error.is::<Refusal>() => return Ok(Vec::new()),
        branch => branch?,
    };
    let found = with_reader(session, &branch, |reader| open(reader, &Scope::Model(model)))?;
    let summary = |request: Request| RequestSummary {
        id: request.id.to_string(),
        stage: request.id.stage.to_string(),
        version: request.id.version,
        action: request.entry.action,
        by: request.entry.by.clone(),
        at: request.entry.at,
        approvals_counted: request.count.counted.len(),
        approvals_needed: request.count.needed,
        state: request.state(),
    };
    Ok(found.requests.into_iter().map(summary).collect())
}
