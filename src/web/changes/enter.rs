//! The page on which a browser enters the key, once.

use anyhow::Result;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::header::{ORIGIN, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::send::{may_send, refused, text_of};
use crate::web::pages::Frame;
use crate::web::query::Query;
use crate::web::route::Links;
use crate::web::serve::{HTML, Served, moved_to, reading, reply};

/// The maximum size of the form with the key, in bytes.
const LONGEST_KEY: usize = 1_024;

/// The path of the page, below the dashboard's root.
pub(in crate::web) const DOOR: &str = "/enter/";

#[derive(Template)]
#[template(path = "enter.html", config = "src/web/askama.toml")]
struct Enter<'a> {
    frame: Frame,
    who: &'a str,
    wrong: bool,
}

/// The page with the field for the key.
pub(in crate::web) async fn enter_page(State(served): State<Served>) -> Response {
    reading(served, |served| page(served, false)).await
}

/// Checks the key and sets the browser's cookie.
pub(in crate::web) async fn enter(State(served): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(status) = may_send(&parts) {
        return refused(status);
    }
    let text = match text_of(body, LONGEST_KEY).await {
        Ok(text) => text,
        Err(status) => return refused(status),
    };
    let secure = parts.headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https:"));
    reading(served, move |served| {
        let form = Query::parse(&text);
        match served.site.changes.as_ref().filter(|changes| changes.key.is(form.get("key"))) {
            Some(changes) => {
                // Without the empty fragment, a browser keeps the fragment with the key in the address.
                let mut response = moved_to(StatusCode::SEE_OTHER, "../#");
                response.headers_mut().insert(SET_COOKIE, HeaderValue::from_str(&changes.key.cookie(secure))?);
                Ok(response)
            }
            None => page(served, true),
        }
    })
    .await
}

fn page(served: &Served, wrong: bool) -> Result<Response> {
    let Some(changes) = served.site.changes.as_ref() else { return Ok(refused(StatusCode::NOT_FOUND)) };
    let around = Frame::around(&served.site.view(), Links::from_path(DOOR), "Change the registry".to_owned(), "");
    let frame = Frame { keyed: true, ..around };
    let text = Enter { frame, who: changes.acting.by.as_str(), wrong }.render()?;
    Ok(reply(if wrong { StatusCode::FORBIDDEN } else { StatusCode::OK }, HTML, text))
}
