//! Handling a sent form: the checks, making the change once, and the response.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::Response;
use base16ct::lower::encode_string;
use http_body_util::LengthLimitError;
use sha2::{Digest as _, Sha256};

use super::act::Act;
use super::{Changes, Entered, Notice};
use crate::diag::Severity;
use crate::ops::{ErrorReport, Precondition};
use crate::web::guard::Hosts;
use crate::web::pages::missing;
use crate::web::query::Query;
use crate::web::route::{Links, Resolved, Route};
use crate::web::serve::{HTML, PLAIN, Served, answered, moved_to, reply, working};
use crate::web::site::log;

/// The maximum size of a form, in bytes: enough for the longest text with all characters escaped.
const LONGEST: usize = 1 << 20;
/// The timeout for receiving a form.
const PATIENCE: Duration = Duration::from_secs(10);

/// Handles a form. A form that fails the checks gets a short plain text.
pub(in crate::web) async fn send(State(served): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(changes) = served.site.changes.as_ref() else { return refused(StatusCode::METHOD_NOT_ALLOWED) };
    if let Err(status) = may_send(&parts) {
        return refused(status);
    }
    if !changes.admit(&parts.headers) {
        return refused(StatusCode::FORBIDDEN);
    }
    let text = match text_of(body, LONGEST).await {
        Ok(text) => text,
        Err(status) => return refused(status),
    };
    let path = parts.uri.path().to_owned();
    let turn = Arc::clone(&changes.turn).lock_owned().await;
    working(served.clone(), move |served| {
        // The turn ends with the work, even if the client has disconnected.
        let _turn = turn;
        let Some(changes) = served.site.changes.as_ref() else { return Ok(refused(StatusCode::METHOD_NOT_ALLOWED)) };
        let form = Query::parse(&text);
        if !changes.key.is_token(form.get("token")) {
            return Ok(refused(StatusCode::FORBIDDEN));
        }
        let Resolved::Page(route) = Route::find(&path) else { return Ok(refused(StatusCode::NOT_FOUND)) };
        match changes.perform(&route, &form, &format!("{path}\n{text}")) {
            Ok(to) => Ok(moved_to(StatusCode::SEE_OTHER, &to)),
            Err(error) => {
                let (status, notice) = notice_of(&error);
                let view = served.site.look();
                let why = [std::slice::from_ref(&notice.title), notice.lines.as_slice()].concat().join(" ");
                let entered = Entered { changes, notice: Some(notice), form: Some(&form) };
                let mut page = answered(&served.site, &parts.uri, Some(&entered))?;
                if page.status() != StatusCode::OK {
                    // The form's model or version does not exist, or has another name now.
                    let text = missing(&view, Links::from_path(&path), status.as_u16(), "Not done", &why);
                    page = reply(status, HTML, text);
                }
                *page.status_mut() = status;
                Ok(page)
            }
        }
    })
    .await
}

/// Checks that the request is a form, and comes from a page of this server.
pub(super) fn may_send(asked: &Parts) -> Result<(), StatusCode> {
    let kind = asked.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    // The middleware of all routes adds the hosts.
    let hosts = asked.extensions.get::<Arc<Hosts>>();
    if hosts.is_some_and(|hosts| hosts.sent_from_here(&asked.headers)) { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
}

/// The text of a form of at most `most` bytes.
pub(super) async fn text_of(body: Body, most: usize) -> Result<String, StatusCode> {
    let read = tokio::time::timeout(PATIENCE, to_bytes(body, most)).await.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
    let too_long = |error: &axum::Error| error.source().is_some_and(|source| source.is::<LengthLimitError>());
    let bytes = read.map_err(|error| match too_long(&error) {
        true => StatusCode::PAYLOAD_TOO_LARGE,
        false => StatusCode::BAD_REQUEST,
    })?;
    String::from_utf8(bytes.into()).map_err(|_| StatusCode::BAD_REQUEST)
}

pub(super) fn refused(status: StatusCode) -> Response {
    let why = match status {
        StatusCode::FORBIDDEN => {
            "The form was refused: it was not sent from a page of this server, or the server has restarted since. \
             Open the page again, and enter the key that the server printed.\n"
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Only HTML forms are accepted.\n",
        StatusCode::PAYLOAD_TOO_LARGE => "The form is too large.\n",
        StatusCode::NOT_FOUND => "This page does not exist.\n",
        StatusCode::REQUEST_TIMEOUT => "The form took too long to arrive.\n",
        StatusCode::METHOD_NOT_ALLOWED => "This page does not accept changes.\n",
        _ => "This form is malformed.\n",
    };
    reply(status, PLAIN, why.to_owned())
}

impl Changes {
    /// Makes the change of a form, and returns the address of the page that shows the outcome. The same form from the
    /// same page, sent again by a second click or after a lost response, does not repeat the change.
    fn perform(&self, route: &Route, form: &Query, sent: &str) -> Result<String> {
        let id = encode_string(&Sha256::digest(sent))[..20].to_owned();
        if self.outcome(&id).is_some() {
            return Ok(format!("?done={id}&again=yes"));
        }
        let act = Act::of(route, form)?;
        let outcome = act.perform(&self.session()?, &precondition(&act, form))?;
        self.keep(&id, outcome);
        Ok(format!("?done={id}"))
    }
}

/// The state that the page showed to the user. A comment does not depend on the state.
fn precondition(act: &Act, form: &Query) -> Precondition {
    match act {
        Act::Comment(..) => Precondition::None,
        Act::Approve(id, _) | Act::Reject(id, _) | Act::Land(id) if !form.get("at").is_empty() => {
            Precondition::Request(id.clone(), form.get("at").to_owned())
        }
        act => Precondition::Model(act.model().clone(), form.get("commit").to_owned()),
    }
}

/// The notice for a refused form. Errors other than refusals are logged too.
fn notice_of(error: &anyhow::Error) -> (StatusCode, Notice) {
    let report = ErrorReport::of(error);
    if !report.refused {
        log(error);
    }
    let mut lines = Vec::new();
    if let Some(findings) = report.report {
        let broken = findings.findings.iter().filter(|finding| finding.code.severity == Severity::Error);
        lines.extend(broken.map(|finding| format!("{}. {}.", finding.message, finding.hint)));
    }
    lines.extend(report.hint.map(|hint| format!("What to do: {hint}.")));
    let status = if report.refused { StatusCode::CONFLICT } else { StatusCode::INTERNAL_SERVER_ERROR };
    (status, Notice { class: "bad", title: format!("Nothing was changed: {}.", report.why), lines })
}
