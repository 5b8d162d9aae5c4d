//! The error page.

use askama::Template;

use super::frame::Frame;
use crate::web::route::Links;
use crate::web::site::View;

/// A page with an error.
#[derive(Template)]
#[template(path = "missing.html", config = "src/web/askama.toml")]
pub(super) struct Missing {
    pub frame: Frame,
    pub status: u16,
    pub why: String,
    /// The text of the link to the first page.
    pub home: &'static str,
}

impl Missing {
    /// The page. Rendering cannot fail, because it writes to memory.
    pub fn page(self) -> String {
        self.render().unwrap_or(self.frame.title)
    }
}

/// A registry's page with an error and its HTTP status.
pub(in crate::web) fn missing(view: &View, links: Links, status: u16, title: &str, why: &str) -> String {
    let frame = Frame::around(view, links, title.to_owned(), "");
    Missing { frame, status, why: why.to_owned(), home: "All models" }.page()
}
