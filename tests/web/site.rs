//! The dashboard as a static site.

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

/// The target of a page's relative link, as a path of the site.
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
fn an_export_prints_its_summary() {
    let env = TestEnvironment::with_model();
    let said = env.run("reg", &["export", "../site"]);
    assert!(said.starts_with("$ modelreg export ../site\n✔ ") && said.contains("files, "), "{said}");
    assert!(env.path("site/models/iris/versions/2/index.html").is_file());
}

#[test]
fn old_pages_are_removed_and_no_other_file() {
    let env = TestEnvironment::with_model();
    env.register("fir", 1);
    env.succeed("reg", &["export", "../site"]);
    for page in ["site/models/fir/index.html", "site/models/fir/versions/1/index.html", "site/models/fir/activity.atom"]
    {
        assert!(env.path(page).is_file(), "{page}");
    }
    env.write("site/CNAME", "models.example.com");
    env.write("site/models/fir/notes.txt", "somebody's own");
    env.git("reg", &["rm", "-rq", "models/fir"]);
    env.git("reg", &["commit", "-qm", "gone"]);
    let said = env.run("reg", &["export", "../site"]);
    assert!(said.contains(", 4 removed"), "{said}");
    let left: Vec<_> = files(&env.path("site/models/fir")).into_keys().collect();
    assert_eq!(left, [PathBuf::from("notes.txt")]);
    assert!(!env.path("site/models/fir/versions").exists());
    assert!(env.path("site/CNAME").is_file() && env.path("site/models/iris/index.html").is_file());
    // No old file is left, and the files equal those of an export into an empty folder.
    assert!(!env.run("reg", &["export", "../site"]).contains("removed"));
    env.succeed("reg", &["export", "../fresh"]);
    let (site, fresh) = (files(&env.path("site")), files(&env.path("fresh")));
    assert!(fresh.iter().all(|(path, bytes)| site.get(path) == Some(bytes)) && site.len() == fresh.len() + 2);
}

#[test]
fn a_manipulated_list_removes_nothing_outside_of_the_site() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["export", "../site"]);
    env.write("victim", "");
    fs::create_dir(env.path("elsewhere")).unwrap();
    env.write("elsewhere/index.html", "");
    std::os::unix::fs::symlink(env.path("elsewhere"), env.path("site/linked")).unwrap();
    std::os::unix::fs::symlink(env.path("victim"), env.path("site/link")).unwrap();
    let list = env.read("site/.modelreg-export");
    let victim = env.path("victim").display().to_string();
    let bad =
        format!("{list}../victim\n{victim}\n./../victim\nmodels/../../victim\nlinked/index.html\nlink\nmodels\n\n/\n");
    env.write("site/.modelreg-export", &bad);
    env.succeed("reg", &["export", "../site"]);
    for kept in ["victim", "elsewhere/index.html", "site/linked", "site/link", "site/models/iris/index.html"] {
        assert!(env.path(kept).symlink_metadata().is_ok(), "{kept}");
    }
    assert_eq!(env.read("site/.modelreg-export"), list);
    fs::remove_file(env.path("site/.modelreg-export")).unwrap();
    std::os::unix::fs::symlink(env.path("victim"), env.path("site/.modelreg-export")).unwrap();
    assert!(env.run("reg", &["export", "../site"]).contains("is not a plain file"));
    assert_eq!(env.read("victim"), "");
}

#[test]
fn feeds_have_absolute_links_if_the_address_is_known() {
    let env = TestEnvironment::with_model();
    let feeds =
        |folder: &str| ["activity.atom", "models/iris/activity.atom"].map(|feed| env.read(&format!("{folder}/{feed}")));
    env.succeed("reg", &["export", "../plain"]);
    env.succeed("reg", &["export", "../site", "--url", "https://acme.example.com/registry"]);
    for (feed, own) in feeds("site").iter().zip(["activity.atom", "models/iris/activity.atom"]) {
        let mut links = feed.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        assert_eq!(links.next(), Some(&*format!("https://acme.example.com/registry/{own}")));
        assert!(links.all(|link| link.starts_with("https://acme.example.com/registry/")), "{feed}");
        assert!(feed.contains("\"https://acme.example.com/registry/models/iris/versions/2/\""), "{feed}");
    }
    let ids = |feed: &str| {
        feed.split("<id>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (plain, site) = (feeds("plain"), feeds("site"));
    // An entry has the same id wherever the site is published.
    assert!(plain.iter().zip(&site).all(|(plain, site)| ids(plain) == ids(site) && ids(site)[1].starts_with("urn:")));
    assert!(plain.iter().all(|feed| !feed.contains("href=\"http")));
    assert_eq!(env.read("plain/index.html"), env.read("site/index.html"), "pages have no use for it");
    for bad in ["ftp://acme.example.com/", "acme", "https://acme.example.com/?x", "https://user:pass@acme.example.com/"]
    {
        assert!(!env.run("reg", &["export", "../bad", "--url", bad]).ends_with("--- status 0\n"), "{bad}");
    }
}
