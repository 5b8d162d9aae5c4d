//! The report formats, checked against their published schemas and with real readers by `check_formats.py`.
//!
//! The environment variable `MODELREG_FORMATS_PYTHON` names a Python that has the packages of `requirements.txt`. Without
//! it the test is ignored. The files stay in `target/tmp/formats`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

#[path = "../common/needs.rs"]
mod needs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use modelreg::diag::codes::file;
use modelreg::diag::render::{Colour, ReportFormat, render};
use modelreg::diag::{Code, Finding, Place, Report};

fn finding(code: &'static Code, file: &str, source: Option<&str>, message: &str) -> Finding {
    Finding {
        code,
        file: file.to_owned(),
        place: source.map(|text| Place::new(text, 4..text.len())),
        message: message.to_owned(),
        hint: String::from("fix it\nat once"),
        source: source.map(Arc::from),
    }
}

fn hostile() -> Report {
    let path = "models/a,b:c=%0A::error::x \u{202e}\u{1b}]]>\"'&<i>#?é 漢.toml";
    let message = "it holds \u{1b}[2J\u{202e}\u{0}\u{ffff}, 100%0A::error::x ]]> <script> [a](http://evil.example) \
                   ##[set-output name=a]b\r\n::error file=x::forged\n##vso[task.complete]";
    Report {
        files: 3,
        findings: vec![
            finding(&file::UNSAFE_TEXT, path, Some("x = \"\u{1b}é漢😀\" # ]]>"), message),
            finding(&file::UNSAFE_TEXT, path, Some("x = \"\u{1b}é漢😀\" # ]]>"), message),
            finding(&file::TOML_SYNTAX, "registry.toml", Some("a = [\n1,\n"), "an array is not closed"),
            finding(&file::TOML_SYNTAX, "registry.toml", Some("a ="), "a value is missing"),
            finding(&file::NOT_UTF8, "models/x/model.toml", None, "the file is not text"),
            finding(&file::MISSING_KEY, "", None, "there is no registry"),
        ],
        ..Report::default()
    }
}

const PYTHON: &str = "MODELREG_FORMATS_PYTHON";

/// Two reports in each format.
fn rendered() -> Vec<(&'static str, ReportFormat, String)> {
    let reports = [("hostile", hostile()), ("empty", Report { files: 12, ..Report::default() })];
    let each = |(name, report): &(&'static str, Report)| {
        ReportFormat::ALL.map(|format| (*name, format, render(report, format, "registry/", Colour::Off)))
    };
    reports.iter().flat_map(each).collect()
}

fn every_format_is_written() {
    for (name, format, text) in rendered() {
        assert!(text.ends_with('\n'), "{name} {format}: {text:?}");
    }
}

fn every_format_is_as_published() {
    let mut arguments: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    for (name, format, text) in rendered() {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format.name());
        std::fs::write(&path, text).unwrap();
        if format != ReportFormat::Human {
            arguments.entry(name).or_default().extend([PathBuf::from(format!("--{format}")), path]);
        }
    }
    for (name, arguments) in arguments {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/check_formats.py");
        let done = Command::new(std::env::var_os(PYTHON).unwrap()).arg(script).args(arguments).output().unwrap();
        assert!(done.status.success(), "{name}:\n{}", String::from_utf8_lossy(&done.stderr));
    }
}

fn main() -> ExitCode {
    let missing = || std::env::var_os(PYTHON).is_none().then(|| format!("{PYTHON}, see tests/formats"));
    needs::run(vec![
        needs::trial("every_format_is_written", || None, every_format_is_written),
        needs::trial("every_format_is_as_published", missing, every_format_is_as_published),
    ])
}
