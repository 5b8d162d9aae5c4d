//! The registries that one server shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::changes::DOOR;
use super::route::encoded;
use super::site::Site;
use crate::ops::Refusal;

/// Where a browser shows the key to a registry.
#[derive(Debug, Clone)]
pub struct Door {
    /// The path below the server's address.
    pub path: String,
    /// The registry's name.
    pub registry: String,
    /// The user whom its changes name.
    pub who: String,
}

/// The registries that one server shows: one at its root, or several, each below its name.
pub struct Sites {
    sites: Vec<Arc<Site>>,
}

impl Sites {
    /// Takes the registries together, in the order of their names.
    ///
    /// # Errors
    /// Where a name would not tell one from another in an address.
    pub fn new(mut sites: Vec<Site>) -> Result<Self, Refusal> {
        if sites.len() > 1 {
            let mut names = BTreeSet::new();
            for site in &sites {
                if matches!(site.name(), "." | "..") {
                    let why = format!("`{}` is no name for a part of an address", site.name());
                    return Err(Refusal::new(why, "change `name` in its registry.toml, or serve it alone"));
                }
                if !names.insert(site.name()) {
                    let why = format!("two of the registries are called `{}`", site.name());
                    return Err(Refusal::new(why, "change `name` in the registry.toml of one, or serve them apart"));
                }
            }
            sites.iter_mut().for_each(Site::place_among_others);
            sites.sort_by_cached_key(|site| (site.name().to_lowercase(), site.name().to_owned()));
        }
        Ok(Self { sites: sites.into_iter().map(Arc::new).collect() })
    }

    /// How many registries there are.
    pub fn count(&self) -> usize {
        self.sites.len()
    }

    /// How many models there are to show.
    pub fn models(&self) -> usize {
        self.iter().map(|site| site.models()).sum()
    }

    /// Where the key is shown to each registry that can be changed from its pages.
    pub fn doors(&self) -> Vec<Door> {
        let door = |site: &Arc<Site>| {
            let below = if self.alone().is_some() { String::new() } else { format!("/{}", encoded(site.name())) };
            Some(Door { path: below + DOOR, registry: site.name().to_owned(), who: site.changes_as()? })
        };
        self.iter().filter_map(door).collect()
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Site>> {
        self.sites.iter()
    }

    /// What differs whenever a page of all of them could.
    pub(super) fn stamp(&self) -> String {
        let stamps: Vec<String> = self.iter().map(|site| site.last().stamp()).collect();
        stamps.join(".")
    }

    /// The only one, where it is that.
    pub(super) fn alone(&self) -> Option<&Arc<Site>> {
        self.sites.first().filter(|_| self.sites.len() == 1)
    }
}
