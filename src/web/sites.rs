//! The registries of one server.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::changes::DOOR;
use super::route::encoded;
use super::site::Site;
use crate::ops::Refusal;

/// The page of a registry on which a browser enters the key.
#[derive(Debug, Clone)]
pub struct Door {
    /// The path below the server's address.
    pub path: String,
    /// The registry's name.
    pub registry: String,
    /// The author of the registry's changes.
    pub who: String,
}

/// The registries of one server: a single one at the root, or several, each below its name.
pub struct Sites {
    sites: Vec<Arc<Site>>,
}

impl Sites {
    /// Sorts the registries by name.
    ///
    /// # Errors
    /// Two registries have the same name, or a name cannot be part of an address.
    pub fn new(mut sites: Vec<Site>) -> Result<Self, Refusal> {
        if sites.len() > 1 {
            let mut names = BTreeSet::new();
            for site in &sites {
                if matches!(site.name(), "." | "..") {
                    let why = format!("the registry name `{}` cannot be part of an address", site.name());
                    return Err(Refusal::new(why, "change `name` in registry.toml, or serve this registry alone"));
                }
                if !names.insert(site.name()) {
                    let why = format!("two registries have the name `{}`", site.name());
                    return Err(Refusal::new(why, "change `name` in one registry.toml, or serve the two separately"));
                }
            }
            sites.iter_mut().for_each(Site::place_among_others);
            sites.sort_by_cached_key(|site| (site.name().to_lowercase(), site.name().to_owned()));
        }
        Ok(Self { sites: sites.into_iter().map(Arc::new).collect() })
    }

    /// The number of registries.
    pub fn count(&self) -> usize {
        self.sites.len()
    }

    /// The number of models in all registries.
    pub fn models(&self) -> usize {
        self.iter().map(|site| site.models()).sum()
    }

    /// The pages to enter the key, of the registries that allow changes.
    pub fn doors(&self) -> Vec<Door> {
        let door = |site: &Arc<Site>| {
            let below = if self.alone().is_some() { String::new() } else { format!("/{}", encoded(site.name())) };
            Some(Door { path: below + DOOR, registry: site.name().to_owned(), who: site.changes_as()? })
        };
        self.iter().filter_map(door).collect()
    }

    /// The registries, sorted by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Site>> {
        self.sites.iter()
    }

    /// A text that differs whenever the page of all registries could differ.
    pub(super) fn stamp(&self) -> String {
        let stamps: Vec<String> = self.iter().map(|site| site.last().stamp()).collect();
        stamps.join(".")
    }

    /// The registry, if there is only one.
    pub(super) fn alone(&self) -> Option<&Arc<Site>> {
        self.sites.first().filter(|_| self.sites.len() == 1)
    }
}
