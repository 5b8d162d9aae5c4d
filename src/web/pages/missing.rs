//! What stands where no page is.

use askama::Template;

use super::frame::Frame;
use crate::web::route::Links;
use crate::web::site::View;

#[derive(Template)]
#[template(path = "missing.html", config = "src/web/askama.toml")]
struct Missing {
    frame: Frame,
    status: u16,
    why: String,
}

/// A page that says what is wrong, with the status that HTTP has for it.
pub(in crate::web) fn missing(view: &View, links: Links, status: u16, title: &str, why: &str) -> String {
    let frame = Frame::around(view, links, title.to_owned(), "");
    // Rendering fails only where writing to memory does.
    Missing { frame, status, why: why.to_owned() }.render().unwrap_or_else(|_| title.to_owned())
}
