//! Patterns of LIKE: `%` matches any run of characters, `_` one character.

/// A compiled pattern. Matching a text of n characters takes O(n) time, or O(n * pattern length) if `_` follows `%`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    fold: bool,
    /// The pieces between the `%`, as characters, folded for ILIKE.
    pieces: Vec<Vec<char>>,
}

impl Pattern {
    /// The pattern as written, and whether letters match in either case.
    pub fn new(text: &str, fold: bool) -> Self {
        let pieces = text.split('%').map(|piece| folded(piece, fold)).collect();
        Self { text: text.to_owned(), fold, pieces }
    }

    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether letters match in either case.
    pub fn folds(&self) -> bool {
        self.fold
    }

    /// Whether the pattern matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        let text = folded(text, self.fold);
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else { return text.is_empty() };
        if self.pieces.len() == 1 {
            return text.len() == first.len() && fits(first, &text);
        }
        if text.len() < first.len() + last.len() || !fits(first, &text) || !fits(last, &text[text.len() - last.len()..])
        {
            return false;
        }
        // The first match of each inner piece leaves the most text for the pieces after it, so backtracking is not
        // needed.
        let mut rest = &text[first.len()..text.len() - last.len()];
        for piece in &self.pieces[1..self.pieces.len() - 1] {
            match find(piece, rest) {
                Some(at) => rest = &rest[at + piece.len()..],
                None => return false,
            }
        }
        true
    }
}

/// Whether the piece matches at the start of the text.
fn fits(piece: &[char], text: &[char]) -> bool {
    piece.len() <= text.len() && piece.iter().zip(text).all(|(&p, &c)| p == '_' || p == c)
}

/// The first position at which the piece matches.
fn find(piece: &[char], text: &[char]) -> Option<usize> {
    if piece.contains(&'_') {
        return (0..=text.len().checked_sub(piece.len())?).find(|&at| fits(piece, &text[at..]));
    }
    // Knuth-Morris-Pratt: `back[i]` is the number of the first i characters of the piece that stay matched after a
    // mismatch.
    let mut back = vec![0; piece.len() + 1];
    let mut kept = 0;
    for i in 1..piece.len() {
        while kept > 0 && piece[i] != piece[kept] {
            kept = back[kept];
        }
        kept += usize::from(piece[i] == piece[kept]);
        back[i + 1] = kept;
    }
    let mut matched = 0;
    for (at, c) in text.iter().enumerate() {
        if matched == piece.len() {
            return Some(at - matched);
        }
        while matched > 0 && piece[matched] != *c {
            matched = back[matched];
        }
        matched += usize::from(piece[matched] == *c);
    }
    (matched == piece.len()).then(|| text.len() - matched)
}

/// The characters, in lower case for ILIKE. Each character maps to one character, so that `_` has the same meaning.
fn folded(text: &str, fold: bool) -> Vec<char> {
    let lower = |c: char| {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(one), None) => one,
            _ => c,
        }
    };
    if fold { text.chars().map(lower).collect() } else { text.chars().collect() }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        Pattern::new(pattern, false).matches(text)
    }

    #[test]
    fn percent_is_any_run_and_underscore_one_character() {
        for (text, pattern) in [
            ("iris", "iris"),
            ("iris", "%"),
            ("", "%"),
            ("", ""),
            ("iris", "ir%"),
            ("iris", "%is"),
            ("iris", "%r%"),
            ("iris", "i_is"),
            ("iris", "____"),
            ("ïrís", "____"),
            ("aXbXc", "a%X%c"),
            ("aab", "%ab"),
            ("abcabd", "%abd%"),
            ("iris", "%%i%%s%%"),
            ("ababac", "%abac%"),
            ("a_b", "a_b"),
        ] {
            assert!(like(text, pattern), "{text} LIKE {pattern}");
        }
    }

    #[test]
    fn a_pattern_is_anchored_at_both_ends() {
        for (text, pattern) in [
            ("iris", "iri"),
            ("iris", "ris"),
            ("iris", ""),
            ("iris", "Iris"),
            ("iris", "___"),
            ("iris", "_____"),
            ("aba", "ab%ba"),
            ("iris", "%x%"),
            ("iris", "%_____%"),
        ] {
            assert!(!like(text, pattern), "{text} LIKE {pattern}");
        }
    }

    #[test]
    fn folding_ignores_case_and_keeps_the_count_of_characters() {
        assert!(Pattern::new("IRIS_É%", true).matches("iris_éa"));
        assert!(Pattern::new("_", true).matches("İ"));
        assert!(!Pattern::new("iris", true).matches("irish"));
    }

    #[test]
    fn a_hostile_pattern_takes_no_exponential_time() {
        let text = "a".repeat(100_000);
        let started = Instant::now();
        assert!(!Pattern::new(&format!("{}b", "%a".repeat(4_000)), false).matches(&text));
        assert!(!Pattern::new(&format!("%{}b%", "a".repeat(9_000)), false).matches(&text));
        assert!(!Pattern::new(&format!("%{}_b%", "a".repeat(200)), false).matches(&text));
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }

    /// The definition itself, exponential and obviously right.
    fn defined(text: &[char], pattern: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((&'%', rest)), _) => (0..=text.len()).any(|at| defined(&text[at..], rest)),
            (Some((p, rest)), Some((c, more))) => (*p == '_' || p == c) && defined(more, rest),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matching_is_as_defined(text in "[ab]{0,10}", pattern in "[ab_%]{0,8}") {
            let chars = |s: &str| s.chars().collect::<Vec<_>>();
            prop_assert_eq!(like(&text, &pattern), defined(&chars(&text), &chars(&pattern)));
        }
    }
}
