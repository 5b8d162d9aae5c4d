//! The managed part of a file, between two marker lines. All other bytes are kept.

use super::super::refusal::Refusal;

/// The first line of the part. Existing files contain this line: a change would orphan their parts.
const BEGIN: &str = "# modelreg: begin. `modelreg codeowners` writes what stands between these two lines anew.";
/// The last line of the part.
const END: &str = "# modelreg: end.";

/// Replaces the managed part by these lines, or appends the part if the file has none. Keeps the line ends of the
/// marker lines.
pub(super) fn replaced(text: &str, lines: &str) -> Result<String, Refusal> {
    let part = format!("{BEGIN}\n{lines}{END}\n");
    let Some((start, end)) = place(text)? else {
        let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let gap = if text.is_empty() { "" } else { "\n" };
        return Ok(format!("{text}{newline}{gap}{part}"));
    };
    let old = &text[start..end];
    let part = if old.contains("\r\n") { part.replace('\n', "\r\n") } else { part };
    let part = if old.ends_with('\n') { &part[..] } else { part.trim_end() };
    Ok(format!("{}{part}{}", &text[..start], &text[end..]))
}

/// Whether rules follow the part: on forges where the last matching line counts, they override the part.
pub(super) fn overruled(text: &str) -> Result<bool, Refusal> {
    let Some((_, end)) = place(text)? else { return Ok(false) };
    Ok(text[end..].lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')))
}

/// The byte range of the part; none if the file has no part.
fn place(text: &str) -> Result<Option<(usize, usize)>, Refusal> {
    let (mut begins, mut ends) = (Vec::new(), Vec::new());
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        match line.trim_end() {
            BEGIN => begins.push(at),
            END => ends.push(at + line.len()),
            _ => {}
        }
        at += line.len();
    }
    match (&begins[..], &ends[..]) {
        ([], []) => Ok(None),
        (&[begin], &[end]) if begin < end => Ok(Some((begin, end))),
        _ => Err(Refusal::new(
            "the marker lines of modelreg's part of CODEOWNERS are no longer one pair",
            format!("keep one line `{BEGIN}` and one line `{END}` after it, or neither"),
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn bytes_outside_the_managed_part_are_kept() {
        let first = replaced("* @all \t\n\u{e9}", "a @x\n").unwrap();
        assert_eq!(first, format!("* @all \t\n\u{e9}\n\n{BEGIN}\na @x\n{END}\n"));
        let text = format!("{first}\r\n# after");
        assert_eq!(replaced(&text, "b @y\n").unwrap(), text.replace("a @x", "b @y"));
        assert_eq!(replaced(&first, "a @x\n").unwrap(), first);
        assert_eq!(replaced("", "").unwrap(), format!("{BEGIN}\n{END}\n"));
    }

    #[test]
    fn windows_line_ends_and_a_missing_last_one_stay() {
        let text = format!("* @all\r\n{BEGIN}\r\na\r\n{END}");
        assert_eq!(replaced(&text, "b\n").unwrap(), text.replace("\r\na\r\n", "\r\nb\r\n"));
    }

    #[test]
    fn markers_that_are_not_a_pair_are_refused() {
        for text in
            [BEGIN.to_owned(), END.to_owned(), format!("{END}\n{BEGIN}\n"), format!("{BEGIN}\n{BEGIN}\n{END}\n")]
        {
            assert!(replaced(&text, "").is_err(), "{text}");
        }
    }

    #[test]
    fn lines_after_the_part_overrule_it_unless_they_are_remarks() {
        let text = replaced("* @all\n", "").unwrap();
        assert!(!overruled(&text).unwrap());
        assert!(!overruled(&format!("{text}\n# remark\n")).unwrap());
        assert!(overruled(&format!("{text}*.py @all\n")).unwrap());
    }
}
