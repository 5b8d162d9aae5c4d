//! The lineage of a version: its sources and its child versions.

use crate::model::{Link, Manifest, ModelUri, RepositoryUrl, Selector};
use crate::ops::{Catalog, CatalogModel};
use crate::web::route::Links;

/// A box of the lineage's graph.
pub(super) struct Node {
    /// The kind of source: `Dataset`, `Code`, ...
    pub kind: &'static str,
    pub name: String,
    /// The link; empty for a box without one.
    pub link: String,
    /// Further information.
    pub note: String,
}

/// The sources of a version, and its child versions.
pub(super) struct Graph {
    pub before: Vec<Node>,
    pub after: Vec<Node>,
}

impl Graph {
    pub fn of(model: &CatalogModel, manifest: &Manifest, catalog: &Catalog, links: &Links) -> Self {
        let lineage = &manifest.lineage;
        let mut before = Vec::new();
        if let Some(parent) = &lineage.parent {
            before.push(parent_node(parent.as_str(), catalog, links));
        }
        before.extend(lineage.datasets.iter().map(|dataset| {
            let uri = dataset.uri.as_ref().map_or("", |uri| uri.as_str());
            let digest = dataset.short_digest().unwrap_or_default();
            let note = [uri, &digest].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
            Node { kind: "Dataset", name: dataset.name.to_string(), link: page(uri), note }
        }));
        if let Some(code) = &lineage.code {
            let repository = code.repository.as_ref().map_or("", RepositoryUrl::as_str);
            let commit = code.commit.as_str();
            before.push(Node {
                kind: "Code",
                name: commit.chars().take(12).collect(),
                link: page(repository),
                note: repository.to_owned(),
            });
        }
        if lineage.run_id.is_some() || lineage.run_link.is_some() || lineage.experiment.is_some() {
            before.push(Node {
                kind: "Run",
                name: lineage.run_id.as_ref().map_or("run".into(), |run| run.to_string()),
                link: lineage.run_link.as_ref().map_or("", Link::as_str).to_owned(),
                note: lineage.experiment.as_ref().map_or(String::new(), |experiment| experiment.to_string()),
            });
        }
        let child = |(name, version): &(String, u64)| Node {
            kind: "Child version",
            name: format!("{name} {version}"),
            link: links.version(name, version),
            note: String::new(),
        };
        Self { before, after: catalog.children(model, manifest.version).iter().map(child).collect() }
    }

    /// Whether the graph has no boxes.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }
}

/// The parent with its current name; without a link if the registry does not have the parent.
fn parent_node(parent: &str, catalog: &Catalog, links: &Links) -> Node {
    let node = |name: String, link: String| Node { kind: "Parent version", name, link, note: String::new() };
    let Ok(uri) = ModelUri::parse(parent) else { return node(parent.to_owned(), page(parent)) };
    let Some(model) = catalog.model(uri.model.as_str()) else { return node(parent.to_owned(), String::new()) };
    let name = model.listed.name.as_str();
    match &uri.selector {
        Selector::Version(version) if model.versions.iter().any(|known| known.version == *version) => {
            node(format!("{name} {version}"), links.version(name, version))
        }
        _ => node(parent.to_owned(), links.model(name)),
    }
}

/// The address, if a browser can open it; otherwise empty.
pub(super) fn page(address: &str) -> String {
    let opens = address.starts_with("https://") || address.starts_with("http://");
    if opens { address.to_owned() } else { String::new() }
}
