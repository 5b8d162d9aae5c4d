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
    /// Which of the pages in the bar it belongs to.
    pub section: &'static str,
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
}
