//! Links between the documents lead to existing files and headings.

use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{files, root};

/// The documents of the repository.
fn documents() -> Vec<PathBuf> {
    let top = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = top.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    for folder in ["docs", "example-registry", "tests/broken"] {
        all.extend(files(&root().join(folder), "md"));
    }
    all
}

/// The links of a document, and the names by which GitHub and GitLab link to its headings.
fn links_and_anchors(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut links, mut anchors) = (Vec::new(), Vec::new());
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.into_string())
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let title = heading.take().unwrap_or_default().to_lowercase();
                let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                anchors.push(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
            }
            Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
            _ => {}
        }
    }
    (links, anchors)
}

#[test]
fn links_between_the_documents_have_targets() {
    let mut wrong = Vec::new();
    for document in documents() {
        let (links, own) = links_and_anchors(&fs::read_to_string(&document).unwrap());
        for link in links.iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').map_or((link.as_str(), None), |(path, at)| (path, Some(at)));
            let target = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            let leads = match anchor {
                _ if !target.exists() => false,
                None => true,
                Some(anchor) if path.is_empty() => own.iter().any(|known| known == anchor),
                Some(anchor) => anchors_of(&target).iter().any(|known| known == anchor),
            };
            if !leads {
                wrong.push(format!("{}: {link}", document.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_documents_that_the_library_names_exist() {
    let head = super::read("src/lib.rs");
    let named: Vec<&str> = super::backticked(&head).into_iter().filter(|name| name.ends_with(".md")).collect();
    assert!(named.len() > 3, "{named:?}");
    let missing: Vec<&&str> = named.iter().filter(|name| !root().join(name).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn anchors_of(path: &Path) -> Vec<String> {
    links_and_anchors(&fs::read_to_string(path).unwrap_or_default()).1
}
