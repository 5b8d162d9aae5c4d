//! The report for programs: `modelreg validate --format json`.
//!
//! | key        | meaning                                                                            |
//! |------------|------------------------------------------------------------------------------------|
//! | `format`   | 1; rises when a key is removed or changes its meaning; not for new keys            |
//! | `files`    | the number of files read                                                           |
//! | `errors`   | the number of errors; 0 if the registry is valid                                   |
//! | `warnings` | the number of warnings                                                             |
//! | `findings` | a list, in the order of files and places                                           |
//! | `gates`    | with `--base`, the requirements for each version that enters a stage: `{model, stage, version, from, passed, results}`, each result `{asked, value, compared, passed}` |
//!
//! Each finding:
//!
//! | key                     | meaning                                                               |
//! |-------------------------|-----------------------------------------------------------------------|
//! | `code`                  | the rule, as `modelreg explain` takes it                              |
//! | `severity`              | `error` or `warning`                                                  |
//! | `file`                  | the path; null for the registry as a whole                            |
//! | `line`, `column`        | of the first character, from 1; columns count characters; null for the whole file |
//! | `end_line`, `end_column`| one past the last character; null likewise                            |
//! | `message`               | what is wrong, with the actual values                                 |
//! | `hint`                  | what to do about it                                                   |
//! | `summary`               | the rule in one line                                                  |

use serde_json::{Value, json};

use crate::diag::{Finding, Report};

/// Writes the report as one JSON object.
pub fn render(report: &Report, prefix: &str) -> String {
    let findings: Vec<_> = report.findings.iter().map(|f| finding(f, prefix)).collect();
    super::json_text(&json!({
        "format": 1,
        "files": report.files,
        "errors": report.errors(),
        "warnings": report.warnings(),
        "findings": findings,
        "gates": super::gates::values(report),
    }))
}

fn finding(finding: &Finding, prefix: &str) -> Value {
    let file = (!finding.file.is_empty()).then(|| super::path(finding, prefix));
    json!({
        "code": finding.code.id,
        "severity": finding.code.severity.to_string(),
        "file": file,
        "line": finding.place.map(|p| p.line),
        "column": finding.place.map(|p| p.column),
        "end_line": finding.place.map(|p| p.end_line),
        "end_column": finding.place.map(|p| p.end_column),
        "message": finding.message,
        "hint": finding.hint,
        "summary": finding.code.summary,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::sample::{hostile, ordinary};

    #[test]
    fn the_keys_are_the_documented_ones() {
        insta::assert_snapshot!(render(&ordinary(), "registry/"));
    }

    #[test]
    fn texts_come_back_as_they_were() {
        let report = hostile();
        let value: Value = serde_json::from_str(&render(&report, "")).unwrap();
        for (read, finding) in value["findings"].as_array().unwrap().iter().zip(&report.findings) {
            assert_eq!(read["message"], finding.message);
            assert_eq!(read["hint"], finding.hint);
            assert_eq!(read["file"].as_str().unwrap_or(""), finding.file);
        }
    }
}
