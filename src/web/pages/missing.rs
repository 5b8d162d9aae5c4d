//! The error page.

use askama::Template;

use super::frame::Frame;
use crate::web::route::Links;
use crate::web::site::View;

/// A page that says what is wrong.
#[derive(Template)]
#[template(path = "missing.html", config = "src/web/askama.toml")]
pub(super) struct Missing {
    pub frame: Frame,
    pub status: u16,
    pub why: String,
    /// What the way home is called.
    pub home: &'static str,
}

impl Missing {
    /// The page. Rendering fails only where writing to memory does.
    pub fn page(self) -> String {
        self.render().unwrap_or(self.frame.title)
    }
}

/// A page of a registry that says what is wrong, with the status that HTTP has for it.
pub(in crate::web) fn missing(view: &View, links: Links, status: u16, title: &str, why: &str) -> String {
    let frame = Frame::around(view, links, title.to_owned(), "");
    Missing { frame, status, why: why.to_owned(), home: "All models" }.page()
}
