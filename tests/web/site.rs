//! The dashboard as files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::TestEnvironment;
use crate::example;

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path().strip_prefix(folder).unwrap().to_owned(), fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

/// Where a relative link of a page leads, as a path of the site.
fn target(page: &Path, link: &str) -> PathBuf {
    let link = percent_encoding::percent_decode_str(link.split(['?', '#']).next().unwrap()).decode_utf8().unwrap();
    let mut path = page.parent().unwrap().to_owned();
    for part in link.split('/') {
        match part {
            ".." => assert!(path.pop(), "{link} of {} climbs out", page.display()),
            "." | "" => {}
            part => path.push(part),
        }
    }
    path
}

#[test]
fn the_same_commit_gives_the_same_bytes_whenever_it_is_exported() {
    let mut env = example();
    env.succeed("reg", &["export", &env.path("one").display().to_string()]);
    env.set_clock("2036-05-06T07:08:09.000Z");
    env.succeed("reg", &["export", &env.path("two").display().to_string()]);
    let (one, two) = (files(&env.path("one")), files(&env.path("two")));
    assert!(one.len() > 50, "{}", one.len());
    assert!(one == two, "{:?}", one.iter().filter(|(path, bytes)| two.get(*path) != Some(bytes)).map(|(p, _)| p));
}

#[test]
fn every_link_of_the_site_leads_to_a_file_of_it_or_to_another_site() {
    let env = example();
    env.succeed("reg", &["rename", "digits-reader", "digits reader 2"]);
    env.succeed("reg", &["export", &env.path("site").display().to_string()]);
    let files = files(&env.path("site"));
    let mut links = 0;
    for (page, bytes) in files.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "html")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        for part in text.split(" href=\"").skip(1).chain(text.split(" src=\"").skip(1)) {
            let link = part.split('"').next().unwrap();
            if link.starts_with("https://") || link.starts_with('#') {
                continue;
            }
            links += 1;
            assert!(files.contains_key(&target(page, link)), "{} links to {link}", page.display());
        }
        for bad in ["localhost", "5800", "data-events"] {
            assert!(!text.contains(bad), "{} has {bad}", page.display());
        }
    }
    assert!(links > 500, "{links}");
}

#[test]
fn an_export_says_what_it_wrote() {
    let env = TestEnvironment::with_model();
    let said = env.run("reg", &["export", "../site"]);
    assert!(said.starts_with("$ modelreg export ../site\n✔ ") && said.contains("files, "), "{said}");
    assert!(env.path("site/models/iris/versions/2/index.html").is_file());
}
