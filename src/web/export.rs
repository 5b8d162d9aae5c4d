//! The dashboard as a static site, for a forge's Pages or a disk.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rayon::prelude::*;

use super::assets::ASSETS;
use super::pages::{Answer, Asked, answer, routes_of_files};
use super::query::Query;
use super::route::Route;
use super::site::Site;

/// The list of the files of an export, in the exported folder.
const LIST: &str = ".modelreg-export";

/// The result of an export.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Exported {
    /// The number of files written.
    pub files: usize,
    /// Their total size in bytes.
    pub bytes: u64,
    /// The number of removed files of an earlier export.
    pub removed: usize,
}

/// A file of the site.
enum Part {
    Page(Route),
    Text(String, &'static str),
}

/// Writes the dashboard's pages into a folder, which is created if missing. The same commit always gives the same
/// bytes. Existing files are overwritten. Files of an earlier export that are not written again are removed; other
/// files stay.
///
/// # Errors
/// A page cannot be rendered, or a file cannot be written.
pub fn export(site: &Site, folder: &Path) -> Result<Exported> {
    let view = site.view();
    let query = Query::default();
    let write = |part: &Part| -> Result<Option<(String, u64)>> {
        let (path, text) = match part {
            Part::Text(path, text) => (path.clone(), Cow::Borrowed(*text)),
            Part::Page(route) => {
                let asked = Asked { site, view: &view, route, query: &query, files: true, now: None, entered: None };
                match answer(&asked)? {
                    Answer::Page(text) | Answer::Feed(text) => (path(route), Cow::Owned(text)),
                    Answer::Missing(_) | Answer::Moved(_) => return Ok(None),
                }
            }
        };
        let bytes = write(&folder.join(&path), &text)?;
        Ok(Some((path, bytes)))
    };
    // A static page has no forms.
    let assets = ASSETS.iter().filter(|asset| asset.name != "forms.css");
    let assets = assets.map(|asset| Part::Text(format!("assets/{}", asset.name), asset.text));
    // Without this file, GitHub Pages would run Jekyll, which the site does not need.
    let mut parts: Vec<Part> = assets.chain([Part::Text(".nojekyll".into(), "")]).collect();
    parts.extend(routes_of_files(&view).into_iter().map(Part::Page));
    let written: Result<Vec<_>> = parts.par_iter().map(write).collect();
    let written: BTreeMap<String, u64> = written?.into_iter().flatten().collect();
    let removed = remove_others(folder, &written)?;
    let list: String = written.keys().map(|path| format!("{path}\n")).collect();
    self::write(&folder.join(LIST), &list)?;
    Ok(Exported { files: written.len(), bytes: written.values().sum(), removed })
}

/// Removes the files in the list of an earlier export that this export did not write, and folders that are then empty.
fn remove_others(folder: &Path, written: &BTreeMap<String, u64>) -> Result<usize> {
    let list = folder.join(LIST);
    let listed = match list.symlink_metadata() {
        Ok(found) if found.is_file() => fs::read_to_string(&list).unwrap_or_default(),
        // Writing would follow a link.
        Ok(_) => bail!("{} is not a plain file; remove it", list.display()),
        Err(_) => String::new(),
    };
    let mut removed = 0;
    for path in listed.lines().filter(|path| !written.contains_key(*path)) {
        let parts: Vec<&str> = path.split('/').collect();
        if parts.iter().any(|part| matches!(*part, "" | "." | "..") || part.contains(['\\', '\0'])) {
            continue;
        }
        // None of the parent folders may be a link, which could lead out of the site.
        let on_the_way: Vec<PathBuf> = (1..parts.len()).map(|depth| folder.join(parts[..depth].join("/"))).collect();
        let is_folder = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_dir());
        let file = folder.join(path);
        if !on_the_way.iter().all(is_folder) || !file.symlink_metadata().is_ok_and(|found| found.is_file()) {
            continue;
        }
        fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
        removed += 1;
        // `remove_dir` removes only empty folders.
        on_the_way.iter().rev().take_while(|folder| fs::remove_dir(folder).is_ok()).for_each(drop);
    }
    Ok(removed)
}

/// The path of a page, relative to the site's folder. A model's name is a valid folder name on every system.
fn path(route: &Route) -> String {
    let mut parts = route.parts();
    if route.is_page() {
        parts.push("index.html".into());
    }
    parts.join("/")
}

fn write(path: &Path, text: &str) -> Result<u64> {
    let failed = || format!("writing {}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(failed)?;
    }
    fs::write(path, text).with_context(failed)?;
    Ok(text.len() as u64)
}
