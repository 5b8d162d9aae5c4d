//! The manifests of two versions, line by line.

use anyhow::Result;
use similar::{ChangeTag, TextDiff};

use super::Asked;
use crate::model::ModelName;
use crate::ops::manifest_text;

/// The maximum size of a compared manifest, in bytes: the time grows with the product of lines and differences.
const LARGEST: usize = 64 * 1_024;
/// The number of unchanged lines around each difference.
const CONTEXT: usize = 3;

/// A line of the difference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// `add`, `remove`, `gap` between two differences, or empty for a line of both.
    pub class: &'static str,
    pub text: String,
}

/// The difference between the manifests of two versions; none for another number of versions, or if a manifest is too
/// large.
pub(super) fn manifest_diff(asked: &Asked<'_>, versions: &[(ModelName, u64)]) -> Result<Option<Vec<Line>>> {
    let [(one, first), (other, second)] = versions else { return Ok(None) };
    let text = |name, version| manifest_text(&asked.site.session, asked.view.catalog.commit, name, version);
    Ok(match (text(one, *first)?, text(other, *second)?) {
        (Some(old), Some(new)) if old.len().max(new.len()) <= LARGEST => Some(lines(&old, &new)),
        _ => None,
    })
}

fn lines(old: &str, new: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            lines.push(Line { class: "gap", text: "⋯".into() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (class, sign) = match change.tag() {
                ChangeTag::Insert => ("add", '+'),
                ChangeTag::Delete => ("remove", '-'),
                ChangeTag::Equal => ("", ' '),
            };
            lines.push(Line { class, text: format!("{sign} {}", change.value().trim_end_matches('\n')) });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_shown_with_a_few_lines_around_them() {
        let old: String = (0..30).map(|line| format!("{line}\n")).collect();
        let new = old.replace("\n2\n", "\ntwo\n").replace("\n25\n", "\n");
        let lines = lines(&old, &new);
        let of = |class: &str| {
            lines.iter().filter(|line| line.class == class).map(|line| line.text.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of("add"), ["+ two"]);
        assert_eq!(of("remove"), ["- 2", "- 25"]);
        assert_eq!((of("gap").len(), of("").len()), (1, 2 + 3 + 3 + 3));
        assert!(super::lines(&old, &old).is_empty());
    }
}
