//! Fingerprints: each identifies a finding, and does not change when lines are added above it.

use std::collections::HashMap;

use base16ct::lower::encode_string;
use sha2::{Digest, Sha256};

use crate::diag::Report;

/// The fingerprint of each finding, in the report's order: SHA-256 in hexadecimal over the code, the file's path and
/// the message. Findings that agree in all three are numbered, so each fingerprint is unique in the report.
pub(super) fn of(report: &Report, prefix: &str) -> Vec<String> {
    let mut seen = HashMap::new();
    let one = |finding: &crate::diag::Finding| {
        let path = super::path(finding, prefix);
        let nth = seen.entry((finding.code.id, path.clone(), finding.message.clone())).or_insert(0usize);
        *nth += 1;
        let mut hash = Sha256::new();
        for part in [finding.code.id, &path, &finding.message, &nth.to_string()] {
            // The length separates adjacent parts.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        encode_string(&hash.finalize())
    };
    report.findings.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::sample::{hostile, ordinary};

    #[test]
    fn a_fingerprint_does_not_depend_on_the_place_and_is_unique() {
        let mut report = ordinary();
        report.merge(ordinary());
        report.merge(hostile());
        let before = of(&report, "");
        for finding in &mut report.findings {
            finding.place = None;
        }
        assert_eq!(of(&report, ""), before);
        let mut unique = before.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), before.len());
    }
}
