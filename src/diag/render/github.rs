//! Annotations of a GitHub workflow's run, shown at the changed lines of a pull request.
//!
//! Source: GitHub's documentation, "Workflow commands for GitHub Actions"; the escapes are those that the runner
//! decodes (`ActionCommand` in `actions/runner`). GitHub shows ten errors and ten warnings of a step as annotations;
//! all others are only in the step's log.

use super::ci::disarm;
use crate::diag::sanitize::for_terminal;
use crate::diag::{Finding, Report};

/// Writes one workflow command per finding, then the counts.
pub fn render(report: &Report, prefix: &str) -> String {
    let mut text: String = report.findings.iter().map(|f| command(f, prefix)).collect();
    text.push_str(&super::gates::text(report, super::Colour::Off));
    text.push_str(&super::summary::counts(report));
    text.push('\n');
    text
}

fn command(finding: &Finding, prefix: &str) -> String {
    let mut properties = format!("file={}", property(&super::path(finding, prefix)));
    if let Some(place) = finding.place {
        properties.push_str(&format!(",line={},endLine={}", place.line, place.end_line));
        // GitHub accepts columns only for a range on one line.
        if place.line == place.end_line {
            properties.push_str(&format!(",col={},endColumn={}", place.column, place.end_column));
        }
    }
    let Finding { code, message, hint, .. } = finding;
    let title = property(code.id);
    format!("::{} {properties},title={title}::{}\n", code.severity, data(&format!("{message}\nhint: {hint}")))
}

/// Escapes a message: `%` first, because the other escapes contain it.
fn data(text: &str) -> String {
    disarm(for_terminal(text).into_owned()).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property's value, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::sample::{hostile, ordinary};

    #[test]
    fn a_finding_is_one_command() {
        insta::assert_snapshot!(render(&ordinary(), "registry/"));
    }

    #[test]
    fn a_text_cannot_add_a_command_or_a_property() {
        let text = render(&hostile(), "");
        insta::assert_snapshot!(text);
        assert_eq!(text.lines().filter(|line| line.starts_with("::")).count(), hostile().findings.len());
        for line in text.lines().filter(|line| line.starts_with("::")) {
            // `::command properties::message`: the message begins at the second pair of colons.
            let properties = line[2..].split("::").next().unwrap();
            let names: Vec<_> = properties.split(',').map(|pair| pair.split('=').next().unwrap()).collect();
            assert!(
                names[0] == "error file" && names[1..].iter().all(|n| n.chars().all(char::is_alphabetic)),
                "{line}"
            );
        }
    }

    #[test]
    fn nothing_found_is_said_in_the_log() {
        assert_eq!(render(&Report { files: 3, ..Report::default() }, ""), "3 files, no problems\n");
    }
}
