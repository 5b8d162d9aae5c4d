//! How deep a TOML text nests, judged before it is parsed.
//!
//! The parser counts tables and arrays up to 80 deep, and the parts of a dotted key up to 80, but each by itself: inline
//! tables under dotted keys nest 80 times 80 deep, and merely dropping such a value overruns a thread's stack.

/// The deepest nesting that is parsed. The parser's own limit on each kind is 80; a header and one key below it may
/// both come near.
const MAX_DEPTH: usize = 240;

/// Inline tables that an ordinary file does not exceed. Below, the parser's own limits keep the whole shallow enough.
const FEW_BRACES: usize = 4;

/// The place where a text nests too deep to be parsed.
pub fn too_deep(text: &str) -> Option<usize> {
    text.bytes().filter(|&b| b == b'{').nth(FEW_BRACES)?;
    let bytes = text.as_bytes();
    let mut open: Vec<(u8, usize)> = Vec::new();
    let (mut depth, mut dots, mut at) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                at = after_string(bytes, at);
                continue;
            }
            b'#' => {
                at += bytes[at..].iter().position(|&b| b == b'\n').unwrap_or(bytes.len() - at);
                continue;
            }
            b'.' => dots += 1,
            // What stood before is a key's dots while its value follows, and something else after a comma or a line.
            b',' | b'\n' => dots = 0,
            b'{' | b'[' => {
                open.push((byte, dots + 1));
                depth += dots + 1;
                dots = 0;
                if depth > MAX_DEPTH {
                    return Some(at);
                }
            }
            // Only what matches closes: where the two do not, the parser recovers in ways of its own, and it is
            // better to think a broken file too deep than not deep enough.
            b'}' | b']' => {
                let opening = if byte == b'}' { b'{' } else { b'[' };
                if open.last().is_some_and(|(last, _)| *last == opening)
                    && let Some((_, weight)) = open.pop()
                {
                    depth -= weight;
                }
                dots = 0;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The place after the string that begins here. One that is not closed ends with its line, or with the text if it may
/// have many.
fn after_string(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let many = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if many { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            b'\n' if !many => return at,
            _ if byte == quote && !many => return at + 1,
            _ if byte == quote && bytes[at..].starts_with(&[quote; 3]) => {
                // Up to two more quotation marks before the closing ones belong to the text.
                return at + bytes[at..].iter().take(5).take_while(|&&b| b == quote).count();
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_keys_within_inline_tables_multiply() {
        let deep = |times: usize| format!("{}x = 1{}", "a.b.c = { ".repeat(times), " }".repeat(times));
        assert_eq!(too_deep(&deep(80)), None);
        assert!(too_deep(&deep(81)).is_some());
    }

    #[test]
    fn braces_in_texts_and_comments_and_closed_ones_nest_nothing() {
        for text in [
            format!("a = \"{}\"", "{ \\\" ".repeat(999)),
            format!("a = '{}'", "{".repeat(999)),
            format!("a = \"\"\"{}\"\" \"\"\"\"\"", "{\n".repeat(999)),
            format!("# {}", "{".repeat(999)),
            "a.b.c = { d = [1.5, { e = 1 }] }\n".repeat(999),
        ] {
            assert_eq!(too_deep(&text), None);
        }
    }
}
