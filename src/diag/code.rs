//! A diagnostic code: a rule's name, its gravity and its explanation.

use std::fmt;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look; the registry is valid.
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
    /// How grave its findings are.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub summary: &'static str,
    /// Why it is wrong, an example and the hint: Markdown.
    pub explanation: &'static str,
}

/// Declares the codes of one family of rules, and the family's list of them.
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
