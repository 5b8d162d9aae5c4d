//! The example of `docs/review.md` equals the code's result, and the commands on that page verify its signature.

use std::fs;
use std::process::Command;

use modelreg::model::snapshot::read_text;
use modelreg::model::{Digest, Line, Manifest, Stage, StageName, Statement};
use sha2::{Digest as _, Sha256};

use super::read;

/// The fenced text that follows a marker on the page.
fn block<'p>(page: &'p str, after: &str) -> &'p str {
    let (_, rest) = page.split_once(after).unwrap_or_else(|| panic!("docs/review.md has no `{after}`"));
    let fenced = rest.split("```").nth(1).unwrap();
    fenced.split_once('\n').unwrap().1
}

#[test]
fn the_statement_of_the_example_is_the_codes_and_its_signature_is_valid() {
    let page = read("docs/review.md");
    let manifest_text = block(&page, "The manifest of version 2");
    let facts_text = block(&page, "Its facts as JSON").trim_end();
    let journal = block(&page, "The journal, ");
    let statement = block(&page, "\nThe statement:\n");
    let signers = block(&page, "The lines of `allowed_signers`:");
    let commands = block(&page, "## Check a signature by hand");

    let manifest: Manifest = read_text(manifest_text, "2.toml").unwrap();
    let facts = manifest.facts_digest();
    assert_eq!(Digest::from_bytes(&Sha256::digest(facts_text).into()), facts, "the JSON of the facts");

    let stage: Stage = read_text(journal, "production.toml").unwrap();
    let place = stage.history.len();
    let entry = stage.history.last().unwrap();
    let made = Statement {
        registry: &Line::new("acme").unwrap(),
        model: "iris",
        stage: &StageName::new("Production").unwrap(),
        place,
        entry,
        facts: &facts,
        approval: Some(&entry.approvals[0]),
    };
    assert_eq!(made.to_string(), statement);
    // The person who asks signs the same lines up to the facts.
    let asked = Statement { approval: None, ..made }.to_string();
    let lines: Vec<&str> = statement.lines().take(14).collect();
    assert_eq!(asked.trim_end(), lines.join("\n").replace("modelreg-approval@v1", "modelreg-request@v1"));

    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("facts.json", facts_text),
        ("statement.txt", statement),
        ("production.toml", journal),
        ("allowed_signers", signers),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let run = || {
        let output = Command::new("sh").args(["-e", "-c", commands]).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), said)
    };
    let (good, said) = run();
    assert!(good && said.contains("Good \"modelreg-approval@v1\" signature for lead@example.com"), "{said}");
    assert!(said.contains(facts.as_str().trim_start_matches("sha256:")), "{said}");
    fs::write(folder.path().join("statement.txt"), statement.replace("version: 2", "version: 1")).unwrap();
    let (good, said) = run();
    assert!(!good && said.contains("incorrect signature"), "{said}");
}

#[test]
fn the_table_of_the_statement_has_each_of_its_lines_in_order() {
    let page = read("docs/review.md");
    let (_, rest) = page.split_once("## The statement\n").unwrap();
    let rows = rest.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows: Vec<&str> =
        rows.take_while(|line| line.starts_with('|')).map(|line| super::backticked(line)[0]).collect();
    let lines: Vec<&str> =
        block(&page, "\nThe statement:\n").lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(rows, lines);
}
