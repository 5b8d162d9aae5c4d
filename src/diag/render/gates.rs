//! The policy's requirements for versions that enter a stage, with their results: as a table for people, as Markdown
//! for a forge's job summary, and as JSON.

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::Colour;
use super::ci::disarm;
use crate::diag::sanitize::one_line;
use crate::diag::{Gated, Report};
use crate::model::gates::GateResult;

/// The tables for people; empty without requirements.
pub fn text(report: &Report, colour: Colour) -> String {
    report.gates.iter().map(|gated| format!("{}\n", table(gated, colour))).collect()
}

/// One table for people.
pub fn table(gated: &Gated, colour: Colour) -> String {
    let style = |colour_of: AnsiColor| match colour {
        Colour::On => colour_of.on_default().bold(),
        Colour::Off => Style::new(),
    };
    let rows: Vec<[String; 3]> = gated.results.iter().map(cells).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (asked_width, value_width) = (width(0), width(1));
    let mut text = format!("{}\n", title(gated));
    for (result, [asked, value, compared]) in gated.results.iter().zip(&rows) {
        let (mark, style) =
            if result.passed { ("✔", style(AnsiColor::Green)) } else { ("✘", style(AnsiColor::Red)) };
        let line = format!("{asked:<asked_width$}  {value:<value_width$}  {compared}");
        text.push_str(&format!("  {style}{mark}{style:#} {}\n", disarm(line).trim_end()));
    }
    text
}

/// The tables in GitHub's Markdown, for a job summary; none without requirements.
pub fn markdown(report: &Report) -> Option<String> {
    let one = |gated: &Gated| {
        let rows: String = gated
            .results
            .iter()
            .map(|result| {
                let [asked, value, compared] = cells(result).map(|cell| escaped(&cell));
                let mark = if result.passed { "✅" } else { "❌" };
                format!("| {mark} | {asked} | {value} | {compared} |\n")
            })
            .collect();
        format!("### {}\n\n| | required | value | compared with |\n|---|---|---|---|\n{rows}\n", escaped(&title(gated)))
    };
    (!report.gates.is_empty()).then(|| report.gates.iter().map(one).collect())
}

/// The tables as JSON values.
pub fn values(report: &Report) -> Vec<Value> {
    let one = |gated: &Gated| {
        let passed = gated.results.iter().all(|result| result.passed);
        json!({
            "model": gated.model, "stage": gated.stage, "version": gated.version, "from": gated.from,
            "passed": passed, "results": gated.results,
        })
    };
    report.gates.iter().map(one).collect()
}

fn title(gated: &Gated) -> String {
    let now = gated.from.map_or("now empty".to_owned(), |from| format!("now {from}"));
    format!("{} {} into {} ({now})", one_line(&gated.model), gated.version, one_line(&gated.stage))
}

fn cells(result: &GateResult) -> [String; 3] {
    let value = result.value.as_deref().unwrap_or("none");
    [&result.asked, value, result.compared.as_deref().unwrap_or_default()].map(one_line)
}

/// Escapes the text for Markdown and HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || " .,-=()".contains(c) || !c.is_ascii() => escaped.push(c),
            c => escaped.push_str(&format!("&#{};", u32::from(c))),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let result = |asked: &str, value: Option<&str>, compared: Option<&str>, passed| GateResult {
            asked: asked.into(),
            value: value.map(str::to_owned),
            compared: compared.map(str::to_owned),
            passed,
            required_key: false,
        };
        let results = vec![
            result("accuracy >= 0.9", Some("0.85"), None, false),
            result(
                "accuracy not worse than Production by more than 0.01",
                Some("0.85"),
                Some("version 1 in Production has 0.86"),
                true,
            ),
            result("a|b\n::error::`<img src=x>` >= 1", None, None, false),
        ];
        let gated = Gated { model: "iris".into(), stage: "Production".into(), version: 2, from: Some(1), results };
        Report { gates: vec![gated], ..Report::default() }
    }

    #[test]
    fn what_was_asked_stands_beside_what_is() {
        insta::assert_snapshot!(text(&report(), Colour::Off));
    }

    #[test]
    fn markdown_is_a_table_and_a_metric_adds_nothing_to_it() {
        insta::assert_snapshot!(markdown(&report()).unwrap());
        assert_eq!(markdown(&Report::default()), None);
    }
}
