//! The open requests, read again only when the registry's branch or a request's has moved.

use std::sync::Arc;

use anyhow::Result;

use super::Catalog;
use crate::model::{ModelName, Snapshot, Unreadable};
use crate::ops::home::Home;
use crate::ops::pending::emergencies_of;
use crate::ops::refusal::Refusal;
use crate::ops::request::{MetricPair, Request, branches, metric_pairs, read};
use crate::ops::session::Session;
use crate::store::{Oid, RequestBranch};

/// An open request, with the metrics of both versions.
#[derive(Debug)]
pub struct Review {
    /// The request.
    pub request: Request,
    /// The metrics of the version in the stage now and of the one that is asked for.
    pub metrics: Vec<MetricPair>,
}

/// All open requests of a registry.
#[derive(Debug, Default)]
pub struct Reviews {
    /// Those of branches, and emergencies that await approval; oldest first.
    pub open: Vec<Review>,
    /// Branches that are named like one and are none, each with why.
    pub strange: Vec<String>,
    /// Why the requests cannot be told, where they cannot.
    pub trouble: Option<String>,
    /// Where the registry's branch and those of the requests stood when they were read.
    read_at: (Option<Oid>, Vec<RequestBranch>),
}

/// The open requests as the branches stand now. `before` are those of an earlier look, if there was one; the catalog says
/// which models had an emergency, so that no other model's journals are read.
///
/// A clone in which requests cannot be judged, such as one that lacks the registry's branch, still has models to show: then
/// the answer says the trouble.
pub fn reviews(session: &Session, catalog: &Catalog, before: Option<&Arc<Reviews>>) -> Result<Arc<Reviews>> {
    let branches = branches(session)?;
    let home = match session.home() {
        Ok(home) => home,
        Err(error) => {
            let trouble = Some(error.to_string());
            let known = before.filter(|before| before.trouble == trouble);
            return Ok(known.map_or_else(|| Arc::new(Reviews { trouble, ..Reviews::default() }), Arc::clone));
        }
    };
    let read_at = (Some(home.tip), branches);
    if let Some(before) = before.filter(|before| before.read_at == read_at) {
        return Ok(Arc::clone(before));
    }
    let mut reviews = Reviews { read_at, ..Reviews::default() };
    let mut requests = emergencies(session, &home, catalog)?;
    for found in &reviews.read_at.1 {
        match read(session, &home, found) {
            Ok(request) => requests.extend(request),
            // One branch that somebody spoilt hides no other.
            Err(error) if error.is::<Refusal>() || error.is::<Unreadable>() => reviews.strange.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    requests.sort_by(|a, b| (a.entry.at, &a.id).cmp(&(b.entry.at, &b.id)));
    for request in requests {
        let metrics = metric_pairs(session, &request)?;
        reviews.open.push(Review { request, metrics });
    }
    Ok(Arc::new(reviews))
}

fn emergencies(session: &Session, home: &Home, catalog: &Catalog) -> Result<Vec<Request>> {
    let tree = session.store.tree(Some(home.tip))?;
    let snapshot = Snapshot::open(&tree)?;
    let mut waiting = Vec::new();
    for model in catalog.models().filter(|model| model.had_emergency) {
        let Ok(name) = ModelName::new(model.listed.name.as_str()) else { continue };
        for policy in &snapshot.registry.stages {
            waiting.extend(emergencies_of(session, home, &snapshot, &name, policy)?);
        }
    }
    Ok(waiting)
}
