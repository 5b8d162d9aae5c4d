//! What is asked by programs that watch the server: whether it is well, and how much of everything there is.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::metrics;
use super::serve::{PLAIN, reading, reply};
use super::sites::Sites;

/// `/healthz` and `/metrics`, for all registries together.
pub(super) fn routes() -> Router<Arc<Sites>> {
    Router::new().route("/healthz", get(healthz)).route("/metrics", get(prometheus))
}

async fn healthz(State(sites): State<Arc<Sites>>) -> Response {
    reading(sites, |sites| {
        let ill: Vec<&str> =
            sites.iter().filter(|site| site.view().trouble.is_some()).map(|site| site.name()).collect();
        Ok(match (ill.as_slice(), sites.alone()) {
            ([], _) => reply(StatusCode::OK, PLAIN, "ok\n".to_owned()),
            (_, Some(_)) => reply(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "the registry cannot be read\n".to_owned()),
            (ill, None) => {
                let text: String = ill.iter().map(|name| format!("{name} cannot be read\n")).collect();
                reply(StatusCode::SERVICE_UNAVAILABLE, PLAIN, text)
            }
        })
    })
    .await
}

async fn prometheus(State(sites): State<Arc<Sites>>) -> Response {
    reading(sites, |sites| {
        let text = sites.iter().map(|site| metrics::metrics(&site.view(), site.session.now())).collect();
        Ok(reply(StatusCode::OK, metrics::KIND, text))
    })
    .await
}
