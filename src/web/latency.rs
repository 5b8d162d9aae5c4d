//! Metrics about HTTP requests, for Prometheus.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use prometheus::core::Collector as _;
use prometheus::proto::MetricFamily;
use prometheus::{HistogramOpts, HistogramVec, IntGauge, IntGaugeVec, Opts};

use super::route::{Resolved, Route};

/// The upper bounds of the buckets, in seconds. A page takes milliseconds; requests above the last bound time out.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The metrics since the start of the server.
pub(super) struct Requests {
    duration: HistogramVec,
    in_flight: IntGaugeVec,
}

impl Default for Requests {
    fn default() -> Self {
        let duration = HistogramOpts::new(
            "modelreg_http_request_duration_seconds",
            "Duration of HTTP requests, by kind of page and class of status.",
        );
        let in_flight = Opts::new("modelreg_http_requests_in_flight", "HTTP requests in progress.");
        Self {
            duration: HistogramVec::new(duration.buckets(BUCKETS.to_vec()), &["registry", "route", "status"])
                .unwrap_or_else(|_| unreachable!("fixed names")),
            in_flight: IntGaugeVec::new(in_flight, &["registry"]).unwrap_or_else(|_| unreachable!("fixed names")),
        }
    }
}

impl Requests {
    /// The metrics in Prometheus' text format.
    pub fn families(&self) -> Vec<MetricFamily> {
        let families = [self.duration.collect(), self.in_flight.collect()].concat();
        // The format does not allow a family without samples.
        families.into_iter().filter(|family| !family.get_metric().is_empty()).collect()
    }
}

/// A measured route and its registry; empty for routes of no single registry.
#[derive(Clone)]
struct Measured {
    registry: Arc<str>,
    requests: Arc<Requests>,
}

/// Measures the requests of these routes.
pub(super) fn measured<S>(routes: Router<S>, registry: &str, requests: &Arc<Requests>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let measured = Measured { registry: registry.into(), requests: Arc::clone(requests) };
    routes.layer(from_fn_with_state(measured, measure))
}

async fn measure(State(measured): State<Measured>, request: Request, next: Next) -> Response {
    let Measured { registry, requests } = measured;
    let is_form = request.method() == Method::POST;
    let route = if is_form { "form" } else { kind(request.uri().path(), &registry) };
    let _flying = InFlight::of(requests.in_flight.with_label_values(&[&*registry]));
    let started = Instant::now();
    let response = next.run(request).await;
    let status = format!("{}xx", response.status().as_u16() / 100);
    requests.duration.with_label_values(&[&*registry, route, &status]).observe(started.elapsed().as_secs_f64());
    response
}

/// Counts a request in progress, also if the client disconnects.
struct InFlight(IntGauge);

impl InFlight {
    fn of(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The kind of page of a path. There are few kinds, because each is a separate time series.
fn kind(path: &str, registry: &str) -> &'static str {
    match path {
        "/healthz" => "health",
        "/metrics" => "metrics",
        "/events" => "events",
        "/" if registry.is_empty() => "registries",
        path if path.starts_with("/assets/") => "asset",
        path => match Route::find(path) {
            Resolved::Page(route) => route.kind(),
            Resolved::MissingSlash | Resolved::Nothing => "other",
        },
    }
}
