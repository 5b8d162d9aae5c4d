//! A diagnostic code: the name, severity and explanation of a rule.

use std::fmt;

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The registry is valid, but probably not as intended.
    Warning,
    /// The registry is not valid.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A rule, as `modelreg explain` and the report formats present it.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The rule's name, as in `unknown-key`.
    pub id: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub summary: &'static str,
    /// The rule, the damage without it, and the fix, in Markdown.
    pub explanation: &'static str,
}

/// Declares the codes of one family of rules, and a list of them.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $severity:ident $id:literal, $summary:literal, $explanation:literal;)+) => {
        $(
            #[doc = $summary]
            pub static $name: $crate::diag::Code = $crate::diag::Code {
                id: $id,
                severity: $crate::diag::Severity::$severity,
                summary: $summary,
                explanation: $explanation,
            };
        )+
        /// The codes of this family.
        pub(crate) static FAMILY: &[&$crate::diag::Code] = &[$(&$name),+];
    };
}
pub(super) use codes;
