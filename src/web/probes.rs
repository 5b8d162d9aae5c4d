//! The routes for monitoring: a health check and the metrics.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use prometheus::TextEncoder;

use super::latency::Requests;
use super::metrics;
use super::serve::{PLAIN, reading, reply};
use super::sites::Sites;

/// The state of these routes.
#[derive(Clone)]
pub(super) struct Probed {
    pub sites: Arc<Sites>,
    pub requests: Arc<Requests>,
}

/// `/healthz` and `/metrics`, for all registries together.
pub(super) fn routes() -> Router<Probed> {
    Router::new().route("/healthz", get(healthz)).route("/metrics", get(prometheus))
}

async fn healthz(State(probed): State<Probed>) -> Response {
    reading(probed, |Probed { sites, .. }| {
        let failing: Vec<&str> =
            sites.iter().filter(|site| site.last().error.is_some()).map(|site| site.name()).collect();
        Ok(match (failing.as_slice(), sites.alone()) {
            ([], _) => reply(StatusCode::OK, PLAIN, "ok\n".to_owned()),
            (_, Some(_)) => reply(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "the registry cannot be read\n".to_owned()),
            (failing, None) => {
                let text: String = failing.iter().map(|name| format!("{name} cannot be read\n")).collect();
                reply(StatusCode::SERVICE_UNAVAILABLE, PLAIN, text)
            }
        })
    })
    .await
}

async fn prometheus(State(probed): State<Probed>) -> Response {
    reading(probed, |probed| {
        let families = [metrics::families(&probed.sites)?, probed.requests.families()].concat();
        Ok(reply(StatusCode::OK, metrics::KIND, TextEncoder::new().encode_to_string(&families)?))
    })
    .await
}
