//! Misleading characters: those that control a terminal or a page, and invisible ones. The properties come from
//! Unicode's character database ([UAX 44](https://www.unicode.org/reports/tr44/)), so this module needs no list of its
//! own.

use icu_properties::CodePointSetData;
use icu_properties::props::{
    BinaryProperty, DefaultIgnorableCodePoint, Emoji, NoncharacterCodePoint, VariationSelector,
};

/// Whether a character could mislead a terminal, a browser or a reader. These are control characters, line and
/// paragraph separators, the controls of the bidirectional algorithm (UAX 9), noncharacters, and invisible characters
/// that no script needs. They are refused in every text, and escaped in all output.
pub fn is_unsafe(c: char) -> bool {
    // Nearly every text is plain ASCII.
    c.is_control()
        || !c.is_ascii()
            && (matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
                || has::<NoncharacterCodePoint>(c)
                || has::<DefaultIgnorableCodePoint>(c) && !is_needed(c) && !has::<VariationSelector>(c))
}

/// Whether a character is invisible by itself: those of [`is_unsafe`], those that prose needs, and blanks that Unicode
/// classifies as symbols or letters. Two names that differ only in such a character look the same, so names must not
/// contain them.
pub fn is_hidden(c: char) -> bool {
    !c.is_ascii() && (is_needed(c) || matches!(c, '\u{2800}' | '\u{16fe4}' | '\u{1d159}') || is_unsafe(c))
}

/// The first invisible character. A variation selector chooses between two shapes of the previous character, and is
/// invisible after a character with only one shape.
pub fn first_hidden(text: &str) -> Option<char> {
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let keycap = before.is_ascii() && chars.peek() == Some(&'\u{20e3}');
        if c.is_control() || is_hidden(c) || has::<VariationSelector>(c) && !keycap && !varies(before, c) {
            return Some(c);
        }
        before = c;
    }
    None
}

/// Whether a selector can change the shape of a character. The selectors for text and emoji style apply to emoji only;
/// the others apply to scripts and symbols beyond ASCII.
fn varies(c: char, selector: char) -> bool {
    match selector {
        _ if c.is_ascii() || c.is_whitespace() || has::<VariationSelector>(c) => false,
        '\u{fe0e}' | '\u{fe0f}' => has::<Emoji>(c),
        _ => true,
    }
}

/// Whether a character is invisible but needed: Persian, the scripts of India and composed emoji need joiners, pasted
/// text often contains soft hyphens and grapheme joiners, and Hangul and Khmer have fillers.
fn is_needed(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{200c}'
            | '\u{200d}'
            | '\u{3164}'
            | '\u{ffa0}'
    )
}

fn has<P: BinaryProperty>(c: char) -> bool {
    CodePointSetData::new::<P>().contains(c)
}

#[cfg(test)]
mod tests {
    use icu_properties::CodePointMapData;
    use icu_properties::props::{BidiControl, EnumeratedProperty as _, GeneralCategory, PrependedConcatenationMark};

    use super::*;

    #[test]
    fn safety_9_no_control_or_format_character_is_missed() {
        let mut visible = Vec::new();
        for c in '\0'..=char::MAX {
            let misleads = match GeneralCategory::for_char(c) {
                GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => true,
                GeneralCategory::Format => !is_needed(c),
                _ => has::<BidiControl>(c),
            };
            if misleads && !is_unsafe(c) && !has::<PrependedConcatenationMark>(c) {
                visible.push(c);
            }
            let ignorable = has::<DefaultIgnorableCodePoint>(c) && !has::<VariationSelector>(c);
            assert!(!ignorable || is_hidden(c), "{c:?}");
            assert!(!is_unsafe(c) || c.is_ascii() || is_hidden(c), "{c:?}");
        }
        // The controls of hieroglyphs, which place signs that show.
        let hieroglyphs: Vec<char> = ('\u{13430}'..='\u{1343f}').collect();
        visible.retain(|c| !hieroglyphs.contains(c));
        assert_eq!(visible, Vec::<char>::new());
        assert_eq!(CodePointMapData::<GeneralCategory>::new().get('\u{13430}'), GeneralCategory::Format);
    }

    #[test]
    fn safety_9_what_the_list_by_hand_had_and_what_was_missed_is_unsafe() {
        let list = "\u{61c}\u{180e}\u{200b}\u{200e}\u{200f}\u{2028}\u{202e}\u{2060}\u{2065}\u{206f}\u{feff}\u{fff9}\
                    \u{fffb}\u{e0000}\u{e007f}";
        let missed = "\u{1d173}\u{1d17a}\u{1bca0}\u{1bca3}\u{fff0}\u{fff8}\u{e0080}\u{e01f0}\u{e0fff}\u{fdd0}\u{fdef}\
                      \u{fffe}\u{ffff}\u{1fffe}\u{10ffff}";
        for c in list.chars().chain(missed.chars()) {
            assert!(is_unsafe(c) && is_hidden(c) && first_hidden(&format!("a{c}")) == Some(c), "{c:?}");
        }
        for c in
            "\u{600}\u{1d172}\u{1d17b}\u{1bc9f}\u{ffef}\u{fffc}\u{fffd}\u{fdcf}\u{fdf0}\u{e1000}\u{e000}\u{378}".chars()
        {
            assert!(!is_unsafe(c) && !is_hidden(c), "{c:?}");
        }
    }

    #[test]
    fn prose_keeps_what_writing_needs_and_names_do_not() {
        for c in
            "\u{ad}\u{34f}\u{115f}\u{1160}\u{17b4}\u{200c}\u{200d}\u{3164}\u{ffa0}\u{2800}\u{16fe4}\u{1d159}".chars()
        {
            assert!(!is_unsafe(c) && is_hidden(c), "{c:?}");
        }
    }

    #[test]
    fn a_variation_selector_is_seen_where_it_chooses_a_shape() {
        for shown in [
            "\u{2764}\u{fe0f}",
            "\u{2764}\u{fe0e}",
            "1\u{fe0f}\u{20e3}",
            "#\u{fe0f}\u{20e3}",
            "\u{845b}\u{e0100}",
            "\u{2229}\u{fe00}",
            "\u{1820}\u{180b}",
        ] {
            assert_eq!(first_hidden(shown), None, "{shown:?}");
        }
        for hidden in [
            "\u{fe0f}",
            "a\u{fe0f}",
            "1\u{fe0f}",
            "\u{e9}\u{fe0f}",
            "a\u{fe00}",
            "a\u{e0100}",
            "\u{2764}\u{fe0f}\u{fe0f}",
            "\u{845b}\u{e0100}\u{e0101}",
            "a \u{180b}",
        ] {
            assert!(first_hidden(hidden).is_some_and(has::<VariationSelector>), "{hidden:?}");
            assert!(hidden.chars().all(|c| !is_unsafe(c)), "{hidden:?}");
        }
    }
}
