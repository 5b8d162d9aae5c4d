//! `docs/json.md` equals the descriptions of JSON in the commands' sources. `UPDATE_DOCS=1` updates the page.

use std::fs;

use super::root;

const HEAD: &str = "# JSON output

Every query and every command that writes takes `--format json`. The keys are stable: a new version of modelreg may add keys, but never removes one or changes its meaning.
Keys that the files have too are named as in the files: see [format.md](format.md). Times are RFC 3339 in UTC. A metric that
is `nan` or an infinity is the string \"NaN\", \"Infinity\" or \"-Infinity\", because JSON has no such numbers. This page is made from the sources of the commands.
";

#[test]
fn the_page_of_the_json_equals_the_sources() {
    let root = root();
    let mut sources: Vec<_> =
        fs::read_dir(root.join("src/cli/commands")).unwrap().map(|entry| entry.unwrap().path()).collect();
    sources.retain(|path| path.extension().is_some_and(|end| end == "rs"));
    sources.sort();
    let mut page = HEAD.to_owned();
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        let doc: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let doc: Vec<&str> = doc.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        if doc.iter().any(|line| line.contains("JSON")) {
            let name = match path.file_stem().unwrap().to_string_lossy().replace('_', " ").as_str() {
                "outcome" => "Commands that write".to_owned(),
                name => name.to_owned(),
            };
            page.push_str(&format!("\n## {name}\n\n{}\n", doc.join("\n").trim()));
        }
    }
    let file = root.join("docs/json.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(root.join("docs")).unwrap();
        fs::write(&file, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), page, "UPDATE_DOCS=1 cargo test --test docs writes it anew");
}
