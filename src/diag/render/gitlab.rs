//! GitLab's code quality report, shown in a merge request's widget and beside its changed lines.
//!
//! Source: GitLab's documentation, "Code Quality", section "Code Quality report format": a JSON array (without a byte
//! order mark) of objects with these keys, a subset of the Code Climate format.

use serde_json::{Value, json};

use crate::diag::sanitize::{for_terminal, one_line};
use crate::diag::{Finding, Report, Severity};

/// Writes the report as a JSON array.
pub fn render(report: &Report, prefix: &str) -> String {
    let fingerprints = super::fingerprint::of(report, prefix);
    let issues = report.findings.iter().zip(fingerprints).map(|(f, fingerprint)| issue(f, fingerprint, prefix));
    super::json_text(&Value::Array(issues.collect()))
}

fn issue(finding: &Finding, fingerprint: String, prefix: &str) -> Value {
    json!({
        "description": format!("{} ({})", one_line(&finding.message), one_line(&finding.hint)),
        "check_name": finding.code.id,
        "fingerprint": fingerprint,
        "severity": severity(finding.code.severity),
        "location": {
            "path": for_terminal(&super::path(finding, prefix)),
            // GitLab requires a line; findings about the whole file are at line 1.
            "lines": { "begin": finding.place.map_or(1, |place| place.line) },
        },
    })
}

/// An error keeps the change from landing, which is what GitLab's second gravest level is for; the gravest, `blocker`,
/// says that what runs now is broken.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "minor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::sample::{hostile, ordinary};

    #[test]
    fn an_issue_has_the_keys_that_gitlab_reads() {
        insta::assert_snapshot!(render(&ordinary(), "registry/"));
    }

    #[test]
    fn hostile_texts_are_made_visible() {
        insta::assert_snapshot!(render(&hostile(), ""));
    }

    #[test]
    fn nothing_found_is_an_empty_array() {
        assert_eq!(render(&Report::default(), ""), "[]\n");
    }
}
