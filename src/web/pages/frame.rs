//! The frame of every page: navigation bar, notices and footer.

use super::Asked;
use crate::model::{Text, Timestamp};
use crate::web::changes::{Entered, Notice};
use crate::web::query::Query;
use crate::web::route::Links;
use crate::web::site::View;

/// The frame of a page.
pub(in crate::web) struct Frame {
    pub title: String,
    /// The registry's name.
    pub registry: String,
    pub links: Links,
    /// The page's entry in the navigation bar; `registries` for a page of several registries.
    pub section: &'static str,
    /// The link to the list of all registries, if the server shows several.
    pub all: Option<String>,
    /// The number of open requests and unapproved emergencies.
    pub waiting: usize,
    /// The commit, shortened.
    pub commit: String,
    pub stamp: String,
    pub files: bool,
    /// The reason why the page is stale, if so.
    pub error: Option<String>,
    /// The time of the last successful fetch, if fetching fails now.
    pub remote: Option<Timestamp>,
    /// Whether the navigation bar has a search field. A page with its own search field needs no second one.
    pub find: bool,
    /// Whether this is the page on which a browser enters the key.
    pub keyed: bool,
    /// The data for forms; none if the browser may not change the registry.
    pub form_data: Option<FormData>,
    /// The outcome of the last form.
    pub notice: Option<Notice>,
    /// The link to enter the key, if the key would allow changes and was not entered yet.
    pub enter: Option<String>,
}

/// The data for the forms of a page.
pub(in crate::web) struct FormData {
    /// The author of the changes.
    pub who: String,
    pub token: String,
    /// The page's commit.
    pub commit: String,
    /// The fields of the refused form.
    form: Query,
}

impl FormData {
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

    /// Whether this form was refused, so its fields are filled in again.
    pub fn is_refused(&self, form: &str) -> bool {
        self.form.get("form") == form
    }

    /// The typed text of a field, if the form was refused.
    pub fn typed(&self, form: &str, field: &str) -> &str {
        if self.is_refused(form) { self.form.get(field) } else { "" }
    }
}

impl Frame {
    pub fn new(asked: &Asked<'_>, title: impl Into<String>, section: &'static str) -> Self {
        Self {
            find: !asked.files,
            files: asked.files,
            form_data: asked.entered.map(|entered| FormData::of(entered, asked.view)),
            notice: asked.entered.and_then(|entered| entered.notice.clone()),
            enter: asked.enter_link(),
            ..Self::around(asked.view, asked.links(), title.into(), section)
        }
    }

    /// The frame of an error page.
    pub fn around(view: &View, links: Links, title: String, section: &'static str) -> Self {
        Self {
            title,
            registry: view.catalog.registry.name.to_string(),
            all: view.one_of_several.then(|| links.beside("../")),
            links,
            section,
            waiting: view.requests.open.len(),
            commit: view.commit().map_or("none", |commit| &commit[..commit.len().min(10)]).to_owned(),
            stamp: view.stamp(),
            files: false,
            error: view.error.clone(),
            remote: view.remote,
            find: true,
            keyed: false,
            form_data: None,
            notice: None,
            enter: None,
        }
    }

    /// The text to edit in a form: the typed text if the form was refused, or else the current one.
    pub fn edited(&self, form: &str, there: Option<&Text>) -> String {
        let Some(form_data) = &self.form_data else { return String::new() };
        let text =
            if form_data.is_refused(form) { form_data.typed(form, "text") } else { there.map_or("", Text::as_str) };
        text.to_owned()
    }

    /// The frame of a page about several registries.
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
            error: None,
            remote: None,
            find: false,
            keyed: false,
            form_data: None,
            notice: None,
            enter: None,
        }
    }
}
