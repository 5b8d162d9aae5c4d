//! JUnit XML, which nearly every CI system shows as test results.
//!
//! The format has no single standard. This file uses the common part of Jenkins, GitLab and Azure: `testsuites`,
//! `testsuite` with its counts, `testcase`, at most one `failure` in each, and `system-out`. Each file with findings is
//! a test case. It fails if a finding is an error; if all are warnings, they are the output of a passed test.

use std::collections::BTreeMap;

use quick_xml::escape::escape;

use crate::diag::sanitize::{for_terminal, one_line};
use crate::diag::{Finding, Report, Severity};

/// Writes the report as a suite with one test case per file with findings. Without findings, the suite has one passed
/// test, because readers treat an empty suite as a run that failed to start.
pub fn render(report: &Report, prefix: &str) -> String {
    let mut by_path: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        by_path.entry(super::path(finding, prefix)).or_default().push(finding);
    }
    let failures = by_path.values().filter(|findings| errors(findings) > 0).count();
    let mut cases: String = by_path.iter().map(|(path, findings)| case(path, findings)).collect();
    if cases.is_empty() {
        let name = attribute(&super::summary::counts(report));
        cases = format!("    <testcase name=\"{name}\" classname=\"modelreg\"/>\n");
    }
    let tests = by_path.len().max(1);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"modelreg validate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n  \
         <testsuite name=\"modelreg validate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n\
         {cases}  </testsuite>\n</testsuites>\n"
    )
}

fn errors(findings: &[&Finding]) -> usize {
    findings.iter().filter(|f| f.code.severity == Severity::Error).count()
}

fn case(path: &str, findings: &[&Finding]) -> String {
    let open = format!("    <testcase name=\"{}\" classname=\"modelreg\">\n", attribute(path));
    let text: Vec<_> = findings.iter().map(|finding| line(path, finding)).collect();
    let text = content(&text.join("\n"));
    let first = findings.iter().find(|f| f.code.severity == Severity::Error);
    let body = match first {
        None => format!("      <system-out>{text}</system-out>\n"),
        Some(first) => {
            let rest = match errors(findings) - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            let message = attribute(&format!("{}{rest}", first.message));
            format!("      <failure message=\"{message}\" type=\"{}\">{text}</failure>\n", first.code.id)
        }
    };
    format!("{open}{body}    </testcase>\n")
}

fn line(path: &str, finding: &Finding) -> String {
    let place = finding.place.map(|p| format!(":{}:{}", p.line, p.column)).unwrap_or_default();
    let Finding { code, message, hint, .. } = finding;
    format!(
        "{}[{}]: {}\n  at {}{place}\n  hint: {}",
        code.severity,
        code.id,
        one_line(message),
        one_line(path),
        one_line(hint)
    )
}

/// Escapes workflow commands of CI systems (see [`super::ci`]).
fn disarm(text: String) -> String {
    text.replace("##", "#&#35;")
}

/// Text between tags. XML 1.0 (section 2.2, production 2) has no control characters and no U+FFFE and U+FFFF, even as
/// references; they have been made visible by now.
fn content(text: &str) -> String {
    disarm(escape(for_terminal(text)).into_owned())
}

/// The value of an attribute, on one line: XML readers turn a line end into a space (XML 1.0, section 3.3.3).
fn attribute(text: &str) -> String {
    disarm(escape(one_line(text)).into_owned())
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;
    use crate::diag::render::sample::{hostile, ordinary, warning};

    #[test]
    fn a_file_with_errors_is_a_test_that_failed() {
        insta::assert_snapshot!(render(&ordinary(), "registry/"));
    }

    #[test]
    fn nothing_found_is_a_test_that_passed() {
        insta::assert_snapshot!(render(&Report { files: 12, ..Report::default() }, ""));
    }

    #[test]
    fn a_warning_is_output_of_a_test_that_passed() {
        insta::assert_snapshot!(render(&warning(), ""));
    }

    #[test]
    fn hostile_texts_add_no_element() {
        let xml = render(&hostile(), "");
        insta::assert_snapshot!(xml);
        let mut reader = Reader::from_str(&xml);
        let mut names = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(tag) | Event::Empty(tag) => {
                    assert!(tag.attributes().all(|attribute| attribute.is_ok()));
                    names.push(tag.name().as_ref().to_owned());
                }
                Event::CData(_) | Event::Comment(_) | Event::DocType(_) | Event::PI(_) => panic!("{xml}"),
                _ => {}
            }
        }
        names.sort_unstable();
        assert_eq!(names, ["failure", "failure", "testcase", "testcase", "testsuite", "testsuites"]);
    }
}
