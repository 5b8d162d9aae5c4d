//! The nesting depth of a TOML text, checked before parsing.
//!
//! The parser limits tables and arrays to 80 levels and dotted keys to 80 parts, but not the product: inline tables
//! under dotted keys can nest 80 times 80 levels deep, and dropping such a value overflows a thread's stack.

/// The maximum nesting depth. The parser's own limit per kind is 80; a header and a key below it may both be near that
/// limit.
const MAX_DEPTH: usize = 240;

/// The number of inline tables up to which the parser's own limits are sufficient. Ordinary files have fewer.
const FEW_BRACES: usize = 4;

/// The byte offset at which a text exceeds the maximum depth; none if it does not.
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
            // A comma or a line end finishes the value, so the dots of its key no longer count.
            b',' | b'\n' => dots = 0,
            b'{' | b'[' => {
                open.push((byte, dots + 1));
                depth += dots + 1;
                dots = 0;
                if depth > MAX_DEPTH {
                    return Some(at);
                }
            }
            // Only a matching bracket closes. With mismatched brackets the parser's recovery is unknown, and an
            // estimate that is too deep is safer.
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

/// The offset after the string that begins at `start`. An unclosed string ends with its line; an unclosed multi-line
/// string ends with the text.
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
                // Up to two quotation marks directly before the closing ones belong to the string.
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
