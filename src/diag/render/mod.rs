//! The output formats of a report, one file each: for people in a terminal, for forges and for tools.
//!
//! Text from a registry is escaped as the format requires, and control characters (see [`super::sanitize`]) are made
//! visible. Only [`json`] keeps the text unchanged, because programs compare it.

pub mod gates;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
pub mod sarif;

mod ci;
mod excerpt;
mod fingerprint;
#[cfg(test)]
mod sample;
mod summary;

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::{Finding, Report};
use crate::model::invisible::is_unsafe;
use crate::model::layout::REGISTRY_FILE;

/// The output format of a report: the values of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people: each finding with an excerpt of its file.
    Human,
    /// For programs: documented in [`json`].
    Json,
    /// Annotations of a GitHub workflow's run.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for tools that show test results.
    Junit,
}

impl ReportFormat {
    /// Every format, in the order in which help lists them.
    pub const ALL: [Self; 6] = [Self::Human, Self::Json, Self::Github, Self::Gitlab, Self::Sarif, Self::Junit];

    /// The format's name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
        }
    }
}

impl fmt::Display for ReportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ReportFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("unknown report format `{}`; the formats are {names}", super::sanitize::one_line(name))
        })
    }
}

/// Whether text for people is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With escape sequences: for a terminal, or a writer that strips them.
    On,
    /// Plain text.
    Off,
}

/// Writes the report in this format. The text ends with a newline.
///
/// `prefix` is the path of the registry's folder in its repository: `""`, or for example `"registry/"`. Findings have
/// paths relative to the registry's folder; reports have paths relative to the repository. `colour` applies only to
/// [`ReportFormat::Human`].
pub fn render(report: &Report, format: ReportFormat, prefix: &str, colour: Colour) -> String {
    match format {
        ReportFormat::Human => human::render(report, prefix, colour),
        ReportFormat::Json => json::render(report, prefix),
        ReportFormat::Github => github::render(report, prefix),
        ReportFormat::Gitlab => gitlab::render(report, prefix),
        ReportFormat::Sarif => sarif::render(report, prefix),
        ReportFormat::Junit => junit::render(report, prefix),
    }
}

/// The path of a finding's file in the repository. A finding about the registry as a whole is shown at `registry.toml`,
/// because forges drop findings without a file.
fn path(finding: &Finding, prefix: &str) -> String {
    let file = if finding.file.is_empty() { REGISTRY_FILE } else { &finding.file };
    format!("{prefix}{file}")
}

/// JSON that is safe to print on a terminal and in the log of a CI job. Control and reordering characters and `##` (see
/// [`ci`]) occur only in strings, where a `\u` escape of each UTF-16 unit has the same meaning (RFC 8259, section 7).
fn json_text(value: &Value) -> String {
    let mut text = String::new();
    for c in format!("{value:#}\n").replace("##", "#\\u0023").chars() {
        if is_unsafe(c) && c != '\n' {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in ReportFormat::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert_eq!(
            "xml\u{1b}".parse::<ReportFormat>().unwrap_err(),
            "unknown report format `xml\\u{1b}`; the formats are human, json, github, gitlab, sarif, junit"
        );
    }

    #[test]
    fn no_format_lets_a_control_character_or_a_forged_line_through() {
        let report = sample::hostile();
        for format in ReportFormat::ALL {
            let text = render(&report, format, "registry/", Colour::Off);
            assert!(text.ends_with('\n'), "{format}");
            assert_eq!(text.chars().find(|&c| is_unsafe(c) && c != '\n'), None, "{format}");
            assert!(!ci::holds_command(&text), "{format}");
            if format != ReportFormat::Github {
                assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{format}");
            }
        }
    }

    #[test]
    fn every_format_writes_an_empty_report() {
        for format in ReportFormat::ALL {
            assert!(!render(&Report::default(), format, "", Colour::Off).is_empty(), "{format}");
        }
    }

    #[test]
    fn escaped_json_means_what_the_plain_one_means() {
        let value = serde_json::json!({ "a\u{9b}": "\u{e0061}\u{202e}\u{7f}\n\t\u{1b}###[x]" });
        let text = json_text(&value);
        assert!(text.contains(r"\u009b") && text.contains(r"\udb40\udc61\u202e\u007f\n\t\u001b"));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
