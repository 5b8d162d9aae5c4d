//! The pages. Each is a function of one commit, the open requests and the address. One page, one file.

mod activity;
mod compare;
mod event;
mod feed;
mod frame;
mod lineage;
mod manifest_diff;
mod missing;
mod model;
mod overview;
mod pager;
mod registries;
mod requests;
mod usage;
mod version;

use anyhow::Result;
use askama::Template;

pub(super) use frame::Frame;
pub(super) use missing::missing;
pub(super) use registries::{no_registry, registries};

use super::changes::Entered;
use super::query::Query;
use super::route::{Links, Route};
use super::site::{Site, View};
use crate::model::{ModelName, Timestamp};

/// A request for a page.
pub(super) struct Asked<'a> {
    /// The registry.
    pub site: &'a Site,
    /// The registry at one commit.
    pub view: &'a View,
    /// The page.
    pub route: &'a Route,
    /// The query of the address.
    pub query: &'a Query,
    /// Whether the page is part of a static site, without queries and without a server.
    pub files: bool,
    /// The current time; none for a static page, which must not depend on the time.
    pub now: Option<Timestamp>,
    /// Set for a browser that may change the registry.
    pub entered: Option<&'a Entered<'a>>,
}

/// An answer.
pub(super) enum Answer {
    /// A page of HTML.
    Page(String),
    /// An Atom feed.
    Feed(String),
    /// The model or version does not exist. Contains the message.
    Missing(String),
    /// The model has a new name.
    Moved(Route),
}

impl Asked<'_> {
    fn links(&self) -> Links {
        Links::from(self.route, self.files)
    }

    /// The link to enter the key, if the key would allow changes and was not entered yet.
    fn enter_link(&self) -> Option<String> {
        let wants = !self.files && self.site.changes.is_some() && self.entered.is_none();
        wants.then(|| self.links().beside("enter/"))
    }
}

/// Renders a page.
pub(super) fn answer(asked: &Asked<'_>) -> Result<Answer> {
    match asked.route {
        Route::Overview | Route::OverviewPage(_) => overview::page(asked),
        Route::Model(name) => model::page(asked, name),
        Route::Version(name, number) => version::page(asked, name, *number),
        Route::CompareModel(name) => compare::model_page(asked, name),
        Route::Compare => compare::page(asked),
        Route::Requests => requests::page(asked),
        Route::Activity | Route::ActivityPage(_) => activity::page(asked),
        Route::Feed => feed::feed(asked, None),
        Route::ModelFeed(name) => feed::feed(asked, Some(name)),
    }
}

/// Every page and feed of a static site.
pub(super) fn routes_of_files(view: &View) -> Vec<Route> {
    let mut routes = vec![Route::Overview, Route::Activity, Route::Requests, Route::Feed];
    routes.extend((2..=overview::pages_of_files(view) as u64).map(Route::OverviewPage));
    routes.extend((2..=activity::pages_of_files(view) as u64).map(Route::ActivityPage));
    for model in view.catalog.models() {
        let Ok(name) = ModelName::new(model.listed.name.as_str()) else { continue };
        routes.extend([Route::Model(name.clone()), Route::CompareModel(name.clone()), Route::ModelFeed(name.clone())]);
        routes.extend(model.versions.iter().map(|version| Route::Version(name.clone(), version.version)));
    }
    routes
}

fn html(template: &impl Template) -> Result<Answer> {
    Ok(Answer::Page(template.render()?))
}
