//! The report for people: each finding in the style of a compiler, with an excerpt of the file and the hint.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};

use super::Colour;
use super::ci::disarm;
use super::excerpt::excerpt;
use crate::diag::sanitize::one_line;
use crate::diag::{Finding, Report, Severity};

/// The maximum length of a message, in characters. A message quotes values, and a value can be a megabyte.
const LONGEST: usize = 500;
/// Wider than any excerpt: [`excerpt`] cuts the lines, not the renderer.
const TERM_WIDTH: usize = 4_000;

/// Writes the findings, then their number and the next step.
///
/// All control characters from files are escaped. So with colour on, every escape sequence is from this program, and a
/// writer that strips them gives the text with colour off.
pub fn render(report: &Report, prefix: &str, colour: Colour) -> String {
    let renderer = match colour {
        Colour::On => Renderer::styled(),
        Colour::Off => Renderer::plain(),
    }
    .term_width(TERM_WIDTH);
    let mut text = String::new();
    for finding in &report.findings {
        text.push_str(&without_second_origin(&renderer.render(&[group(finding, prefix)])));
        text.push('\n');
    }
    text.push_str(&super::gates::text(report, colour));
    let style = match colour {
        Colour::On => summary_style(report),
        Colour::Off => Style::new(),
    };
    text.push_str(&format!("{style}{}{style:#}\n", super::summary::counts(report)));
    if let Some(next) = super::summary::next_step(report) {
        text.push_str(&next);
        text.push('\n');
    }
    text
}

fn group(finding: &Finding, prefix: &str) -> Group<'static> {
    let level = match finding.code.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let hint = Level::HELP.with_name("hint").message(sentence(&finding.hint));
    let group = Group::with_title(level.primary_title(sentence(&finding.message)).id(finding.code.id));
    if finding.file.is_empty() {
        return group.element(hint);
    }
    let origin = Origin::path(sentence(&super::path(finding, prefix)));
    let Some(place) = finding.place else { return group.element(origin).element(hint) };
    // The place is set here because the snippet knows only the shortened line.
    let group = group.element(origin.line(place.line).char_column(place.column));
    match finding.source.as_deref().and_then(|source| excerpt(source, &place)) {
        None => group.element(hint),
        Some(excerpt) => {
            let annotation = AnnotationKind::Primary.span(excerpt.span);
            group.element(Snippet::source(excerpt.text).line_start(place.line).annotation(annotation)).element(hint)
        }
    }
}

/// Removes the line `:::`, which the renderer prints before a snippet without a path. No other line is equal to it,
/// because lines of a file have a number in front.
fn without_second_origin(rendered: &str) -> String {
    let lines = rendered.lines().filter(|line| strip_str(line).to_string().trim() != ":::");
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

/// One line, escaped and shortened.
fn sentence(text: &str) -> String {
    disarm(match text.char_indices().nth(LONGEST) {
        None => one_line(text),
        Some((end, _)) => format!("{}…", one_line(&text[..end])),
    })
}

fn summary_style(report: &Report) -> Style {
    let colour = match (report.errors(), report.warnings()) {
        (0, 0) => AnsiColor::BrightGreen,
        (0, _) => AnsiColor::Yellow,
        _ => AnsiColor::BrightRed,
    };
    colour.on_default().bold()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::codes::file;
    use crate::diag::render::sample::{finding, hostile, ordinary, warning};

    #[test]
    fn findings_are_shown_with_their_place_and_hint() {
        insta::assert_snapshot!(render(&ordinary(), "registry/", Colour::Off));
    }

    #[test]
    fn hostile_texts_are_made_visible() {
        insta::assert_snapshot!(render(&hostile(), "", Colour::Off));
    }

    #[test]
    fn nothing_found_is_one_line() {
        let report = Report { files: 12, ..Report::default() };
        assert_eq!(render(&report, "", Colour::Off), "12 files, no problems\n");
    }

    #[test]
    fn colour_adds_nothing_but_escape_sequences() {
        for report in [ordinary(), hostile(), warning(), Report::default()] {
            let coloured = render(&report, "", Colour::On);
            assert!(coloured.contains('\u{1b}'));
            let stripped = strip_str(&coloured).to_string();
            assert_eq!(stripped, render(&report, "", Colour::Off));
        }
    }

    #[test]
    fn a_huge_line_or_message_does_not_blow_up_the_report() {
        let source = format!("x = \"{}\"\n", "a\t\u{1b}漢".repeat(50_000));
        let message = "m".repeat(100_000);
        let report = Report {
            files: 1,
            findings: vec![
                finding(&file::BAD_VALUE, "a.toml", &source, &source[4..source.len() - 1], &message, &message),
                finding(&file::BAD_VALUE, "a.toml", &source, "x", "short", "short"),
            ],
            ..Report::default()
        };
        assert!(render(&report, "", Colour::On).len() < 10_000);
    }
}
