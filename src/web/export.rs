//! The dashboard as files: the same pages, for a forge's Pages or a disk.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rayon::prelude::*;

use super::assets::ASSETS;
use super::pages::{Answer, Asked, answer};
use super::query::Query;
use super::route::Route;
use super::site::Site;
use crate::model::ModelName;

/// What was written.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Exported {
    /// How many files.
    pub files: usize,
    /// How many bytes they have in all.
    pub bytes: u64,
}

/// Writes the dashboard's pages into a folder, which is made where it is not there. The same commit gives the same bytes
/// whenever and wherever it is exported. Files that are there already are overwritten; others stay.
///
/// # Errors
/// Where a page cannot be made or a file cannot be written.
pub fn export(site: &Site, folder: &Path) -> Result<Exported> {
    let view = site.view();
    let query = Query::default();
    let make = |route: &Route| -> Result<Option<String>> {
        let asked = Asked { site, view: &view, route, query: &query, files: true, now: None, entered: None };
        Ok(match answer(&asked)? {
            Answer::Page(text) | Answer::Feed(text) => Some(text),
            Answer::Missing(_) | Answer::Moved(_) => None,
        })
    };
    let mut exported = Exported { files: 0, bytes: 0 };
    let mut count = |bytes: u64| {
        exported.files += 1;
        exported.bytes += bytes;
    };
    // A static page has no forms.
    for asset in ASSETS.iter().filter(|asset| asset.name != "forms.css") {
        count(write(&folder.join("assets").join(asset.name), asset.text)?);
    }
    // Pages would take a folder whose name begins with `_` for Jekyll's, and no model's name can: still, it saves a build.
    count(write(&folder.join(".nojekyll"), "")?);
    for list in [Route::OverviewPage as fn(u64) -> Route, Route::ActivityPage] {
        for page in 1.. {
            let route = match (page, list(2)) {
                (1, Route::ActivityPage(_)) => Route::Activity,
                (1, _) => Route::Overview,
                _ => list(page),
            };
            let Some(text) = make(&route)? else { break };
            count(write(&file(folder, &route), &text)?);
            if !text.contains("rel=\"next\"") {
                break;
            }
        }
    }
    let mut routes = vec![Route::Requests, Route::Feed];
    for model in view.catalog.models() {
        let Ok(name) = ModelName::new(model.listed.name.as_str()) else { continue };
        routes.extend(model.versions.iter().map(|version| Route::Version(name.clone(), version.version)));
        routes.extend([Route::Model(name.clone()), Route::CompareModel(name.clone()), Route::ModelFeed(name)]);
    }
    let written: Result<Vec<Option<u64>>> = routes
        .par_iter()
        .map(|route| make(route)?.map(|text| write(&file(folder, route), &text)).transpose())
        .collect();
    written?.into_iter().flatten().for_each(count);
    Ok(exported)
}

/// Where a page lies. A model's name is a folder's on every system.
fn file(folder: &Path, route: &Route) -> PathBuf {
    let path = route.parts().iter().fold(folder.to_owned(), |path, part| path.join(part));
    if route.is_page() { path.join("index.html") } else { path }
}

fn write(path: &Path, text: &str) -> Result<u64> {
    let failed = || format!("writing {}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(failed)?;
    }
    fs::write(path, text).with_context(failed)?;
    Ok(text.len() as u64)
}
