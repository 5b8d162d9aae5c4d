//! The pages. Each is a function of one commit, the open requests and what the address asks for. One page, one file.

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

/// What a page is asked for, and of what.
pub(super) struct Asked<'a> {
    /// The registry.
    pub site: &'a Site,
    /// It at one commit.
    pub view: &'a View,
    /// Which page.
    pub route: &'a Route,
    /// Which view of it.
    pub query: &'a Query,
    /// Whether it is for a disk: such a page has no query to obey and no server to ask.
    pub files: bool,
    /// The time now; none where the page must be the same whenever it is made.
    pub now: Option<Timestamp>,
    /// The browser, where it may change what it is shown.
    pub entered: Option<&'a Entered<'a>>,
}

/// An answer.
pub(super) enum Answer {
    /// A page of HTML.
    Page(String),
    /// An Atom feed.
    Feed(String),
    /// There is no such model or version; what is missing.
    Missing(String),
    /// It is called otherwise now.
    Moved(Route),
}

impl Asked<'_> {
    fn links(&self) -> Links {
        Links::from(self.route, self.files)
    }

    /// Where the browser shows the key, where it can and has not.
    fn enter_link(&self) -> Option<String> {
        let wants = !self.files && self.site.changes.is_some() && self.entered.is_none();
        wants.then(|| self.links().beside("enter/"))
    }
}

/// Makes a page.
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

/// Every page and feed of a site of files.
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
