//! The report formats against their published schemas and real readers, by way of `check_formats.py`.
//!
//! Runs where the environment variable `MODELREG_FORMATS_PYTHON` names a Python that has the packages of
//! `requirements.txt`; elsewhere it writes the files for a look and checks nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
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

#[test]
fn every_format_is_as_published() {
    let reports = [("hostile", hostile()), ("empty", Report { files: 12, ..Report::default() })];
    for (name, report) in reports {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut arguments: Vec<PathBuf> = Vec::new();
        for format in ReportFormat::ALL {
            let path = folder.join(format.name());
            std::fs::write(&path, render(&report, format, "registry/", Colour::Off)).unwrap();
            if format != ReportFormat::Human {
                arguments.extend([PathBuf::from(format!("--{format}")), path]);
            }
        }
        let Some(python) = std::env::var_os("MODELREG_FORMATS_PYTHON") else { continue };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/check_formats.py");
        let done = Command::new(python).arg(script).args(arguments).output().unwrap();
        assert!(done.status.success(), "{name}:\n{}", String::from_utf8_lossy(&done.stderr));
    }
}
