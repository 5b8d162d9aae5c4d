//! The long text of a diagnostic, for `modelreg explain CODE`.

use anstyle::{AnsiColor, Style};
use textwrap::{Options, fill};

use super::render::Colour;
use super::sanitize::one_line;
use super::{Code, Severity, codes};

/// The minimum Jaro-Winkler similarity (0 to 1) of a suggested code.
const MIN_SIMILARITY: f64 = 0.8;
/// The maximum number of suggested codes.
const MAX_SUGGESTIONS: usize = 3;

/// A code's severity, summary and explanation, wrapped to `width` columns.
pub fn explain(code: &Code, width: usize, colour: Colour) -> String {
    let style = match (colour, code.severity) {
        (Colour::Off, _) => Style::new(),
        (Colour::On, Severity::Error) => AnsiColor::BrightRed.on_default().bold(),
        (Colour::On, Severity::Warning) => AnsiColor::Yellow.on_default().bold(),
    };
    let title = format!("{}[{}]: {}", code.severity, code.id, code.summary);
    // Each line is coloured after wrapping, so escape sequences do not count as width.
    let title: Vec<_> = fill(&title, width).lines().map(|line| format!("{style}{line}{style:#}")).collect();
    let means = match code.severity {
        Severity::Error => "This is an error: the registry is not valid, and a change that introduces it is refused.",
        Severity::Warning => "This is a warning: the registry is valid.",
    };
    let blocks = code.explanation.split("\n\n").map(|block| wrap(block, width));
    let blocks: Vec<_> = blocks.chain([fill(means, width)]).collect();
    format!("{}\n\n{}\n", title.join("\n"), blocks.join("\n\n"))
}

/// The message for an unknown id, with similar codes.
pub fn unknown(id: &str) -> String {
    let near: Vec<_> = near(id).into_iter().map(|code| format!("`{}`", code.id)).collect();
    let shown: String = one_line(id).chars().take(80).collect();
    let hint = match near.as_slice() {
        [] => String::from("`modelreg validate` prints codes in brackets, for example `error[unknown-key]`"),
        [one] => format!("did you mean {one}?"),
        [most @ .., last] => format!("did you mean {} or {last}?", most.join(", ")),
    };
    format!("unknown diagnostic code `{shown}`; {hint}")
}

/// The codes with the most similar ids, the nearest first.
pub fn near(id: &str) -> Vec<&'static Code> {
    let id: String = id.chars().take(80).flat_map(char::to_lowercase).collect();
    let id = id.trim().replace([' ', '_'], "-");
    let mut near: Vec<_> = codes::all()
        .map(|code| (strsim::jaro_winkler(&id, code.id), code))
        .filter(|(likeness, code)| *likeness > MIN_SIMILARITY || (id.len() > 2 && code.id.contains(&id)))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().map(|(_, code)| code).take(MAX_SUGGESTIONS).collect()
}

/// Wraps a block of Markdown. Code is unchanged, list items are indented under their mark, other text is a paragraph.
fn wrap(block: &str, width: usize) -> String {
    if block.starts_with("    ") || block.starts_with("```") {
        return block.to_owned();
    }
    let mut items: Vec<String> = Vec::new();
    for line in block.lines() {
        match items.last_mut() {
            Some(item) if !line.starts_with("- ") => {
                item.push(' ');
                item.push_str(line.trim());
            }
            _ => items.push(line.trim().to_owned()),
        }
    }
    let indented = |item: &String| fill(item, Options::new(width).subsequent_indent(indent(item)));
    items.iter().map(indented).collect::<Vec<_>>().join("\n")
}

fn indent(item: &str) -> &'static str {
    if item.starts_with("- ") { "  " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::codes::file;

    #[test]
    fn an_explanation_is_wrapped_to_the_width() {
        let text = explain(&file::UNKNOWN_KEY, 60, Colour::Off);
        insta::assert_snapshot!(text);
        assert!(text.lines().all(|line| line.chars().count() <= 60));
    }

    #[test]
    fn colour_is_in_the_title_alone() {
        let coloured = explain(&file::CRLF, 30, Colour::On);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), explain(&file::CRLF, 30, Colour::Off));
        assert!(!coloured.split_once("\n\n").unwrap().1.contains('\u{1b}'));
    }

    #[test]
    fn lists_and_code_keep_their_form() {
        assert_eq!(wrap("- one two\n  three\n- four", 9), "- one two\n  three\n- four");
        assert_eq!(wrap("    a = 1            # x", 9), "    a = 1            # x");
    }

    #[test]
    fn a_slip_leads_to_the_code_that_was_meant() {
        assert_eq!(near("unkown-key")[0].id, "unknown-key");
        assert_eq!(near("Unknown_Key")[0].id, "unknown-key");
        assert_eq!(near("utf8")[0].id, "not-utf8");
        assert!(near("zzzz").is_empty());
        assert_eq!(unknown("crfl"), "unknown diagnostic code `crfl`; did you mean `crlf`?");
        assert!(unknown("\u{1b}[2J").starts_with("unknown diagnostic code `\\u{1b}[2J`; `modelreg validate`"));
        assert!(unknown(&"x".repeat(100_000)).len() < 300);
    }
}
