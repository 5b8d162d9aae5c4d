//! The commands in the documents exist, with the shown flags.

use std::collections::BTreeMap;
use std::process::Command;

use super::{files, root};

/// The lines of fenced text, with continued lines joined.
fn fenced(page: &str) -> Vec<String> {
    let blocks = page.split("\n```").skip(1).step_by(2);
    blocks.flat_map(|block| block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The help of a command, by its words: `hook install`.
fn help(words: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_modelreg")).args(words).arg("--help").output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
fn each_command_of_the_documents_exists_with_its_flags() {
    let mut helps: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let pages = ["README.md", "CONTRIBUTING.md"].map(|name| root().join(name)).into_iter();
    for page in pages.chain(files(&root().join("docs"), "md")) {
        for line in fenced(&std::fs::read_to_string(&page).unwrap()) {
            // With a person's prompt, or without one.
            let line = line.split_once("$ ").map_or(line.as_str(), |(_, command)| command);
            let Some(command) = line.strip_prefix("modelreg ") else { continue };
            let command = command.split(" # ").next().unwrap_or_default();
            let words: Vec<&str> = command.split_whitespace().collect();
            let words = if words[0] == "-C" { &words[2..] } else { &words[..] };
            let taken = if matches!(words[0], "hook" | "request") { 2 } else { 1 };
            let name = words[..taken].join(" ");
            let help = helps.entry(name).or_insert_with(|| help(&words[..taken]));
            let flags = words.iter().filter(|word| word.starts_with("--"));
            match help {
                None => wrong.push(format!("{}: {line}", page.display())),
                Some(help) => wrong.extend(
                    flags
                        .filter(|flag| !help.contains(**flag))
                        .map(|flag| format!("{}: {line}: {flag}", page.display())),
                ),
            }
        }
    }
    assert!(helps.len() > 10, "the commands are not found any more: {:?}", helps.keys());
    assert!(wrong.is_empty(), "{wrong:#?}");
}
