//! What stands around every page.

use super::Asked;
use crate::model::{Text, Timestamp};
use crate::web::changes::{Entered, Notice};
use crate::web::query::Query;
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
    /// Whether it is the page on which a browser shows the key.
    pub keyed: bool,
    /// What forms need, where the browser may send any.
    pub desk: Option<Desk>,
    /// What came of the form that was sent last.
    pub notice: Option<Notice>,
    /// Where the browser shows the key, where it can and has not.
    pub enter: Option<String>,
}

/// What the forms of a page need.
pub(in crate::web) struct Desk {
    /// As whom a form changes the registry.
    pub who: String,
    pub token: String,
    /// The commit that the page was made from.
    pub commit: String,
    /// The fields of a form that was refused.
    form: Query,
}

impl Desk {
    fn of(entered: &Entered<'_>, view: &View) -> Self {
        Self {
            who: entered.changes.acting.by.to_string(),
            token: entered.changes.key.token(),
            commit: view.commit().unwrap_or_default().to_owned(),
            form: entered.form.cloned().unwrap_or_default(),
        }
    }

    /// The commit, shortened.
    pub fn short(&self) -> &str {
        self.commit.get(..10).unwrap_or("none")
    }

    /// Whether this form was refused, and is filled in again.
    pub fn is_refused(&self, form: &str) -> bool {
        self.form.get("form") == form
    }

    /// What was typed into a field of a form that was refused.
    pub fn typed(&self, form: &str, field: &str) -> &str {
        if self.is_refused(form) { self.form.get(field) } else { "" }
    }
}

impl Frame {
    pub fn new(asked: &Asked<'_>, title: impl Into<String>, section: &'static str) -> Self {
        Self {
            find: !asked.files,
            files: asked.files,
            desk: asked.entered.map(|entered| Desk::of(entered, asked.view)),
            notice: asked.entered.and_then(|entered| entered.notice.clone()),
            enter: asked.enter_link(),
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
            keyed: false,
            desk: None,
            notice: None,
            enter: None,
        }
    }

    /// A text to be edited in a form: the one that was refused, else the one that is there.
    pub fn edited(&self, form: &str, there: Option<&Text>) -> String {
        let Some(desk) = &self.desk else { return String::new() };
        let text = if desk.is_refused(form) { desk.typed(form, "text") } else { there.map_or("", Text::as_str) };
        text.to_owned()
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
            keyed: false,
            desk: None,
            notice: None,
            enter: None,
        }
    }
}
