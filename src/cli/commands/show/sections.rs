//! The sections that the output for a model and for a version share.

use crate::cli::commands::requests::{approvals, state};
use crate::cli::output::{BAD, BOLD, DIM, styled};
use crate::cli::table::{Columns, line};
use crate::diag::sanitize::for_log;
use crate::model::Tombstone;
use crate::ops::RequestSummary;

/// The maximum number of lines of a description.
const LINES: usize = 10;

/// The first lines of a text, indented.
pub(super) fn excerpt(text: &str) -> String {
    let mut lines = text.trim().lines();
    let mut shown: String =
        lines.by_ref().take(LINES).map(|line| indented("  ", &styled(DIM, for_log(line.trim_end())))).collect();
    if lines.next().is_some() {
        shown.push_str(&format!("  {}\n", styled(DIM, "...")));
    }
    shown
}

/// A whole text, indented below its event.
pub(super) fn comment_text(text: &str) -> String {
    text.trim().lines().map(|line| indented("    ", &for_log(line))).collect()
}

fn indented(indent: &str, line: &str) -> String {
    format!("{}\n", format!("{indent}{line}").trim_end())
}

/// The banner of a deleted model or version.
pub(super) fn deleted(tombstone: Option<&Tombstone>) -> String {
    tombstone.map_or(String::new(), |gone| {
        let why = gone.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
        let when = line(&format!("{} by {}{why}", gone.at.human(), gone.by));
        format!("{} {when}\n", styled(BAD, "deleted"))
    })
}

/// The open requests.
pub(super) fn requests(requests: &[RequestSummary]) -> String {
    if requests.is_empty() {
        return String::new();
    }
    let mut table = Columns::without_head();
    table.keep_whole([0]);
    for request in requests {
        table.row([
            styled(BOLD, line(&request.id)),
            format!("{} by {}", request.action.word(), line(request.by.as_str())),
            format!("since {}", request.at.human()),
            approvals(request.approvals_counted, request.approvals_needed),
            state(request.state),
        ]);
    }
    format!("\n{}\n{}", styled(BOLD, "Requests"), table.indented("  "))
}

/// A line with a label; empty without a value.
pub(super) fn fact(label: &str, value: Option<impl ToString>) -> String {
    let value = value.map(|value| line(&value.to_string())).filter(|value| !value.is_empty());
    value.map_or(String::new(), |value| format!("{} {value}\n", styled(DIM, format!("{label:<13}"))))
}

/// Several texts on one line; none without texts.
pub(super) fn listed<T: ToString>(items: impl IntoIterator<Item = T>) -> Option<String> {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    (!items.is_empty()).then(|| items.join(", "))
}

/// Rows of cells under a title; empty without rows.
pub(super) fn section<const N: usize>(title: &str, rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Columns::without_head();
    let mut empty = true;
    for row in rows {
        table.row(row);
        empty = false;
    }
    if empty { String::new() } else { format!("\n{}\n{}", styled(BOLD, title), table.indented("  ")) }
}

/// Keys and values under a title; empty without keys.
pub(super) fn pairs<K: ToString, V: ToString>(title: &str, pairs: impl IntoIterator<Item = (K, V)>) -> String {
    section(title, pairs.into_iter().map(|(key, value)| [line(&key.to_string()), line(&value.to_string())]))
}

/// The suggested next command.
pub(super) fn next(command: &str, what_for: &str) -> String {
    format!("\n{}\n", styled(DIM, format!("`{command}` {what_for}")))
}
