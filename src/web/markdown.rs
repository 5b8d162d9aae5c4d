//! The rendering of descriptions: untrusted Markdown.

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

use crate::diag::sanitize::for_terminal;

/// The allowed schemes of links.
const SCHEMES: [&str; 3] = ["https", "http", "mailto"];

/// A description as HTML. Raw HTML is removed; images and links with other schemes are replaced by their text.
pub(super) fn markdown(text: &str) -> String {
    let safe = for_terminal(text);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    // For each open link, whether it is kept.
    let mut links: Vec<bool> = Vec::new();
    let events = Parser::new_ext(&safe, options).filter_map(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => None,
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
            let dest_url = address(link_type, dest_url);
            links.push(dest_url.is_some());
            let title = CowStr::Borrowed("");
            Some(Event::Start(Tag::Link { link_type, dest_url: dest_url?, title, id }))
        }
        Event::End(TagEnd::Link) => links.pop().unwrap_or(false).then_some(Event::End(TagEnd::Link)),
        Event::Start(Tag::Heading { level, .. }) => {
            Some(Event::Start(Tag::Heading { level: below(level), id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(below(level)))),
        event => Some(event),
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    page
}

/// A link's address, if its scheme is allowed.
fn address(kind: LinkType, address: CowStr<'_>) -> Option<CowStr<'_>> {
    if kind == LinkType::Email {
        return Some(address);
    }
    let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase())?;
    SCHEMES.contains(&scheme.as_str()).then_some(address)
}

/// A heading's level below the headings of the page.
fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

/// The first line of a description as plain text, for a row of a table.
pub(super) fn first_line(text: &str) -> String {
    let mut line = String::new();
    for event in Parser::new(text) {
        match event {
            Event::Text(part) | Event::Code(part) => line.push_str(&part),
            Event::SoftBreak | Event::HardBreak => line.push(' '),
            Event::End(_) if !line.trim().is_empty() => {
                // Emphasis ends inside of a line; a paragraph and a heading end the line.
                if matches!(event, Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item)) {
                    break;
                }
            }
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_and_raw_html_is_removed() {
        assert_eq!(
            markdown("# A\n\n**b** <script>alert(1)</script>"),
            "<h3>A</h3>\n<p><strong>b</strong> alert(1)</p>\n"
        );
        assert_eq!(markdown("<div onclick=x>\n\nc"), "<p>c</p>\n");
        assert_eq!(markdown("a < b & c"), "<p>a &lt; b &amp; c</p>\n");
    }

    #[test]
    fn only_allowed_schemes_become_links() {
        let link = "<p><a href=\"https://example.com/x\">x</a></p>\n";
        assert_eq!(markdown("[x](https://example.com/x)"), link);
        for bad in [
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,1)",
            "[x](//evil.example)",
            "[x](../x)",
            "[x](vbscript:x)",
        ] {
            assert_eq!(markdown(bad), "<p>x</p>\n", "{bad}");
        }
        assert_eq!(markdown("![alt](https://example.com/pixel.png)"), "<p>alt</p>\n");
        assert!(!markdown("[x](java&#10;script:alert(1))").contains("href"));
    }

    #[test]
    fn reordering_characters_are_shown_as_escapes() {
        assert_eq!(markdown("a\u{202e}b"), "<p>a\\u{202e}b</p>\n");
    }

    #[test]
    fn the_first_line_is_plain_text() {
        assert_eq!(first_line("# Head *of* it\n\nrest"), "Head of it");
        assert_eq!(first_line("one\ntwo **three**\n\nfour"), "one two three");
    }
}
