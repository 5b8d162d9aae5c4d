//! Reports for the tests of the output formats.

use std::sync::Arc;

use crate::diag::codes::file;
use crate::diag::{Code, Finding, Gated, Place, Report, Severity};
use crate::model::gates::GateResult;

/// A finding at the first occurrence of `at` in the source.
pub fn finding(code: &'static Code, file: &str, source: &str, at: &str, message: &str, hint: &str) -> Finding {
    let start = source.find(at).unwrap();
    Finding {
        code,
        file: file.to_owned(),
        place: Some(Place::new(source, start..start + at.len())),
        message: message.to_owned(),
        hint: hint.to_owned(),
        source: Some(Arc::from(source)),
    }
}

/// A finding about a whole file, or about the registry if `file` is empty.
pub fn placeless(code: &'static Code, file: &str, message: &str, hint: &str) -> Finding {
    Finding {
        code,
        file: file.to_owned(),
        place: None,
        message: message.to_owned(),
        hint: hint.to_owned(),
        source: None,
    }
}

const MANIFEST: &str =
    "format = 1\nversion = \"10\"\n\n[metrics]\n\tacuracy = 0.9\n\n[[artifact.files]]\npath = \"a\nb\"\n";

/// A report with typical mistakes.
pub fn ordinary() -> Report {
    let manifest = "models/IRIS_pred_model/versions/10.toml";
    Report {
        files: 12,
        findings: vec![
            finding(
                &file::WRONG_TYPE,
                manifest,
                MANIFEST,
                "\"10\"",
                "`version` is text, and an integer is wanted",
                "write `version = 10`",
            ),
            finding(
                &file::UNKNOWN_KEY,
                manifest,
                MANIFEST,
                "acuracy",
                "`acuracy` is not a key of `metrics`",
                "did you mean `accuracy`?",
            ),
            finding(
                &file::TOML_SYNTAX,
                manifest,
                MANIFEST,
                "\"a\nb\"",
                "a line end stands in a one-line string",
                "use three quotes, or write `\\n`",
            ),
            placeless(
                &file::FILE_TOO_LARGE,
                "models/big/model.toml",
                "the file has 2,097,153 bytes",
                "keep data in the artifact store",
            ),
        ],
        ..Report::default()
    }
}

static WORTH_A_LOOK: Code = Code {
    id: "worth-a-look",
    severity: Severity::Warning,
    summary: "a thing is worth a look",
    explanation: "It is valid, but seldom meant.",
};

/// One warning and nothing else.
pub fn warning() -> Report {
    let finding = finding(&WORTH_A_LOOK, "registry.toml", "format = 1\n", "format", "this is odd", "look at it");
    Report { files: 1, findings: vec![finding], ..Report::default() }
}

/// A report with texts that attack the terminal, the log and the page.
pub fn hostile() -> Report {
    let source = "x = \"\u{1b}[2J\u{202e}é漢\" # ]]> ##[add-mask]a <script>\n::error::forged\n";
    let path = "models/a,b:c%0A::error::x ]]>\"'&<i>\u{202e}/é ü.toml";
    let message = "`x` holds \u{1b}[2J\u{202e}, %0A::error::100% ]]> <script>alert(1)</script> [a](http://evil.example) ##[set-output name=a]b\r\n::error::forged";
    Report {
        files: 1,
        findings: vec![
            finding(&file::UNSAFE_TEXT, path, source, "\u{1b}[2J\u{202e}é漢", message, "remove \u{9b}it\u{7}"),
            finding(&file::UNSAFE_TEXT, path, source, "# ", message, "remove \u{9b}it\u{7}"),
            placeless(&file::NOT_UTF8, path, "not\u{0}text \u{ffff}\u{fffe}", "save it\nas UTF-8"),
            placeless(&file::MISSING_KEY, "", "no\u{2028}registry", "##vso[task.complete]"),
        ],
        gates: vec![Gated {
            model: "iris".into(),
            stage: "Production".into(),
            version: 2,
            from: None,
            results: vec![GateResult {
                asked: "x\r\n::error::forged\n##[set-output name=a]b\u{202e} >= 1".into(),
                value: Some("1\u{1b}[2J".into()),
                compared: None,
                passed: false,
                required_key: false,
            }],
        }],
    }
}
