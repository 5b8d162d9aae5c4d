//! The open requests. They are read again only if the registry's branch or a request's branch has moved.

use std::sync::Arc;

use anyhow::Result;

use super::Catalog;
use crate::model::{ModelName, Unreadable};
use crate::ops::request_branches;
use crate::ops::review::{self, MetricPair, Request, Scope, metrics, with_reader};
use crate::ops::session::Session;
use crate::store::{Oid, RequestBranch};

/// An open request, with the metrics of both versions.
#[derive(Debug)]
pub struct CatalogRequest {
    /// The request.
    pub request: Request,
    /// The metrics of the version in the stage and of the request's version.
    pub metrics: Vec<MetricPair>,
}

/// All open requests of a registry.
#[derive(Debug, Default)]
pub struct CatalogRequests {
    /// The open requests and the emergencies that await approval, oldest first.
    pub open: Vec<CatalogRequest>,
    /// Branches that are named like a request but contain none, and stages whose journal cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// Why the requests cannot be read, if they cannot.
    pub error: Option<String>,
    /// The commits of the registry's branch and of the requests' branches when they were read.
    read_at: (Option<Oid>, Vec<RequestBranch>),
}

/// The open requests at the present tips of the branches. `before` is an earlier result. The catalog knows which models
/// had an emergency, so only their journals are read.
///
/// If requests cannot be read, for example in a clone without the registry's branch, the result contains the reason:
/// the pages can still show the models.
pub fn catalog_requests(
    session: &Session,
    catalog: &Catalog,
    before: Option<&Arc<CatalogRequests>>,
) -> Result<Arc<CatalogRequests>> {
    let branches = request_branches::all(session)?;
    let branch = match session.registry_branch() {
        Ok(branch) => branch,
        Err(error) => {
            let error = Some(error.to_string());
            let known = before.filter(|before| before.error == error);
            return Ok(
                known.map_or_else(|| Arc::new(CatalogRequests { error, ..CatalogRequests::default() }), Arc::clone)
            );
        }
    };
    let read_at = (Some(branch.tip), branches);
    if let Some(before) = before.filter(|before| before.read_at == read_at) {
        return Ok(Arc::clone(before));
    }
    let had_emergency = catalog.models().filter(|model| model.had_emergency);
    let names = had_emergency.filter_map(|model| ModelName::new(model.listed.name.as_str()).ok());
    let scope = Scope::Of(&read_at.1, names.collect());
    let found = with_reader(session, &branch, |reader| review::open(reader, &scope))?;
    let mut open = Vec::new();
    for request in found.requests {
        let commit = request.open().map_or(branch.tip, |open| open.commit);
        let metrics = metrics::of_request(session, &request, commit)?;
        open.push(CatalogRequest { request, metrics });
    }
    Ok(Arc::new(CatalogRequests { open, unreadable: found.unreadable, error: None, read_at }))
}
