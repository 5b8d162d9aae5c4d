//! The last lines of a report for people: the number of findings and the next step.

use crate::diag::Report;

/// For example `3 errors and 1 warning in 12 files`, or `12 files, no problems`.
pub(super) fn counts(report: &Report) -> String {
    let files = count(report.files, "file");
    match (report.errors(), report.warnings()) {
        (0, 0) => format!("{files}, no problems"),
        (errors, 0) => format!("{} in {files}", count(errors, "error")),
        (0, warnings) => format!("{} in {files}", count(warnings, "warning")),
        (errors, warnings) => format!("{} and {} in {files}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// The next step: how to see the explanations of the codes. None without findings.
pub(super) fn next_step(report: &Report) -> Option<String> {
    let mut ids: Vec<_> = report.findings.iter().map(|finding| finding.code.id).collect();
    ids.sort_unstable();
    ids.dedup();
    match ids.as_slice() {
        [] => None,
        [id] => Some(format!("`modelreg explain {id}` explains the rule and the fix")),
        _ => Some(format!("`modelreg explain CODE` explains each rule and its fix; codes: {}", ids.join(", "))),
    }
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::codes::file;
    use crate::diag::render::sample::{ordinary, placeless, warning};

    #[test]
    fn counts_are_in_good_english() {
        let mut report = Report { files: 12, ..Report::default() };
        assert_eq!(counts(&report), "12 files, no problems");
        assert_eq!(next_step(&report), None);
        report.findings.push(placeless(&file::CRLF, "a", "m", "d"));
        report.files = 1;
        assert_eq!(counts(&report), "1 error in 1 file");
        assert_eq!(next_step(&report).unwrap(), "`modelreg explain crlf` explains the rule and the fix");
        assert_eq!(counts(&warning()), "1 warning in 1 file");
        report.merge(ordinary());
        report.merge(warning());
        assert_eq!(counts(&report), "5 errors and 1 warning in 14 files");
    }
}
