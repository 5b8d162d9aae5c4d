//! What is open: for one model in a few words, and emergencies that have landed and await approval.

use anyhow::Result;

use super::home::Home;
use super::refusal::Refusal;
use super::request::{Request, State, branches, count, facts, read};
use super::session::Session;
use crate::diag::Report;
use crate::model::snapshot::text;
use crate::model::{Action, ModelName, REQUESTS, RequestId, Snapshot, StagePolicy, Timestamp, Unreadable, UserId};
use crate::store::Merge;

/// An open request in a few words.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Pending {
    /// Its id.
    pub id: String,
    /// The stage.
    pub stage: String,
    /// The version.
    pub version: u64,
    /// What is asked for.
    pub action: Action,
    /// Who asks.
    pub by: UserId,
    /// Since when.
    pub at: Timestamp,
    /// How many approvals count.
    pub approvals_counted: usize,
    /// How many are needed.
    pub approvals_needed: usize,
    /// How it stands.
    pub state: State,
}

/// The open requests of a model, oldest first. None where the registry's branch is not here, as in a clone of one commit.
pub(super) fn pending(session: &Session, model: &ModelName) -> Result<Vec<Pending>> {
    let home = match session.home() {
        Err(error) if error.is::<Refusal>() => return Ok(Vec::new()),
        home => home?,
    };
    let mut open = Vec::new();
    let begin = format!("{REQUESTS}{model}/").replace(' ', "+");
    for found in branches(session)?.into_iter().filter(|found| found.name.starts_with(&begin)) {
        match read(session, &home, &found) {
            Ok(request) => open.extend(request),
            // `modelreg requests` tells what is wrong with it.
            Err(error) if error.is::<Refusal>() || error.is::<Unreadable>() => {}
            Err(error) => return Err(error),
        }
    }
    let tree = session.store.tree(Some(home.tip))?;
    let snapshot = Snapshot::open(&tree)?;
    for policy in &snapshot.registry.stages {
        open.extend(emergencies_of(session, &home, &snapshot, model, policy)?);
    }
    open.sort_by(|a, b| (a.entry.at, &a.id).cmp(&(b.entry.at, &b.id)));
    let short = |request: Request| Pending {
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
    Ok(open.into_iter().map(short).collect())
}

/// Emergencies that have landed and await approval.
pub(super) fn emergencies(session: &Session, home: &Home) -> Result<Vec<Request>> {
    let tree = session.store.tree(Some(home.tip))?;
    let snapshot = Snapshot::open(&tree)?;
    if !snapshot.registry.stages.iter().any(|policy| policy.emergency) {
        return Ok(Vec::new());
    }
    let mut waiting = Vec::new();
    for folder in snapshot.model_folders()? {
        let Ok(model) = ModelName::new(folder.name()) else { continue };
        for policy in &snapshot.registry.stages {
            waiting.extend(emergencies_of(session, home, &snapshot, &model, policy)?);
        }
    }
    Ok(waiting)
}

/// Those of one model's stage.
pub(super) fn emergencies_of(
    session: &Session,
    home: &Home,
    snapshot: &Snapshot<'_>,
    model: &ModelName,
    policy: &StagePolicy,
) -> Result<Vec<Request>> {
    // Most journals have none: to see that costs less than to read them. A key can be written with escapes.
    let path = snapshot.layout().stage_file(model, &policy.name);
    let file = if policy.emergency { snapshot.tree.find(&path)? } else { None };
    let text = file.map(|file| text(snapshot.tree, &file)).transpose()?;
    let may = text.is_some_and(|text| text.contains("emergency") || text.contains('\\'));
    let stage = if may { snapshot.stage(model, &policy.name)? } else { None };
    let history = stage.map(|stage| stage.history).unwrap_or_default();
    let mut waiting = Vec::new();
    for (at, entry) in history.into_iter().enumerate().filter(|(_, entry)| entry.emergency) {
        let id = RequestId { model: model.clone(), stage: policy.name.clone(), version: entry.version };
        let facts = facts(snapshot.tree, snapshot.layout(), &id)?;
        let count = count(session, snapshot, policy, &id, (at + 1, &entry, facts))?;
        if !count.enough() {
            waiting.push(Request {
                id,
                remote: None,
                commit: home.tip,
                entry,
                place: at + 1,
                review: policy.review,
                count,
                stale: None,
                report: Report::default(),
                landed: true,
                also_changes: Vec::new(),
                merge: Merge::default(),
            });
        }
    }
    Ok(waiting)
}
