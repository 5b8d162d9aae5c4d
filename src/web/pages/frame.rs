//! What stands around every page.

use super::Asked;
use crate::model::Timestamp;
use crate::web::route::Links;
use crate::web::site::View;

/// What stands around every page.
pub(in crate::web) struct Frame {
    pub title: String,
    /// The registry's name.
    pub registry: String,
    pub links: Links,
    /// Which of the pages in the bar it belongs to; `registries` for a page of no single one.
    pub section: &'static str,
    /// The way to the list of all registries, where this is one of several.
    pub all: Option<String>,
    /// How many requests wait.
    pub waiting: usize,
    /// The commit, shortened.
    pub commit: String,
    pub stamp: String,
    pub files: bool,
    /// Why this is not the newest, where it is not.
    pub trouble: Option<String>,
    /// Since when what the remote has could not be had, where it cannot.
    pub remote: Option<Timestamp>,
    /// Whether the bar has a field to find a model: a page with one of its own needs no other.
    pub find: bool,
}

impl Frame {
    pub fn new(asked: &Asked<'_>, title: impl Into<String>, section: &'static str) -> Self {
        Self {
            find: !asked.files,
            files: asked.files,
            ..Self::around(asked.view, asked.links(), title.into(), section)
        }
    }

    /// Around a page that says what is wrong.
    pub fn around(view: &View, links: Links, title: String, section: &'static str) -> Self {
        Self {
            title,
            registry: view.catalog.registry.name.to_string(),
            all: view.among.then(|| links.beside("../")),
            links,
            section,
            waiting: view.reviews.open.len(),
            commit: view.commit().map_or("none", |commit| &commit[..commit.len().min(10)]).to_owned(),
            stamp: view.stamp(),
            files: false,
            trouble: view.trouble.clone(),
            remote: view.remote,
            find: true,
        }
    }

    /// Around a page of no single registry.
    pub fn of_all(title: String, links: Links, stamp: String) -> Self {
        Self {
            title,
            registry: "modelreg".into(),
            links,
            section: "registries",
            all: None,
            waiting: 0,
            commit: String::new(),
            stamp,
            files: false,
            trouble: None,
            remote: None,
            find: false,
        }
    }
}
