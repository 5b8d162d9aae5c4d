//! An event as a line of a list, or as the title of a feed's entry.

use crate::model::{Registry, Timestamp};
use crate::ops::{Event, EventKind};
use crate::web::format::stage_class;

/// An event as a line of a list.
pub(super) struct EventLine<'a> {
    /// The class in the style sheet.
    pub kind: &'static str,
    pub model: &'a str,
    pub version: Option<&'a u64>,
    /// The words between the version and the stage.
    pub words: &'static str,
    pub stage: Option<&'a str>,
    pub class: &'static str,
    pub from: String,
    pub emergency: bool,
    pub text: Option<String>,
    pub by: &'a str,
    pub at: &'a Timestamp,
    pub approved_by: String,
    /// The address of the pull request.
    pub request: Option<&'a str>,
}

/// The maximum length of a text in a list, in characters.
const MOST: usize = 400;

impl<'a> EventLine<'a> {
    pub fn of(event: &'a Event, registry: &Registry) -> Self {
        let (kind, words) = words(event.action);
        let stage = event.stage.as_deref();
        let approved: Vec<&str> = event.approved_by.iter().map(|by| by.as_str()).collect();
        Self {
            kind,
            model: &event.model,
            version: event.version.as_ref(),
            words,
            stage,
            class: stage.map_or("", |stage| stage_class(registry, stage)),
            from: before(event),
            emergency: event.emergency,
            text: event.text.as_deref().map(shortened),
            by: event.by.as_str(),
            at: &event.at,
            approved_by: approved.join(", "),
            request: event.request.as_deref(),
        }
    }
}

/// A text of at most [`MOST`] characters.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The class of an event in the style sheet, and the words between the version and the stage.
fn words(kind: EventKind) -> (&'static str, &'static str) {
    match kind {
        EventKind::Create => ("create", "created"),
        EventKind::Register => ("register", "registered"),
        EventKind::Promote => ("promote", "promoted to"),
        EventKind::Rollback => ("rollback", "back in"),
        EventKind::Withdraw => ("withdraw", "withdrawn from"),
        EventKind::Request => ("request", "requested for"),
        EventKind::Approve => ("approve", "approved for"),
        EventKind::Reject => ("reject", "had a request rejected for"),
        EventKind::WithdrawRequest => ("withdraw", "had a request withdrawn for"),
        EventKind::Comment => ("comment", "commented on"),
        EventKind::Edit => ("edit", "edited"),
        EventKind::Delete => ("delete", "deleted"),
        EventKind::Restore => ("edit", "restored"),
        EventKind::Rename => ("edit", "renamed"),
        EventKind::Describe => ("edit", "described"),
        EventKind::Tag => ("edit", "tagged"),
        EventKind::Alias => ("edit", "given an alias"),
        EventKind::Archive => ("edit", "archived"),
        EventKind::Unarchive => ("edit", "unarchived"),
    }
}

/// The kinds of events in the filter, with their names.
pub(super) const KINDS: [(EventKind, &str); 12] = [
    (EventKind::Create, "New models"),
    (EventKind::Register, "Registrations"),
    (EventKind::Promote, "Promotions"),
    (EventKind::Rollback, "Rollbacks"),
    (EventKind::Withdraw, "Withdrawals"),
    (EventKind::Request, "Open requests"),
    (EventKind::Approve, "Approvals"),
    (EventKind::Reject, "Rejected requests"),
    (EventKind::WithdrawRequest, "Withdrawn requests"),
    (EventKind::Comment, "Comments"),
    (EventKind::Edit, "Last edits"),
    (EventKind::Delete, "Deletions"),
];

/// A sentence for the title of a feed's entry.
pub(super) fn sentence(event: &Event) -> String {
    let (_, words) = words(event.action);
    let version = event.version.map_or(String::new(), |version| format!(" version {version}"));
    let stage = event.stage.as_ref().map_or(String::new(), |stage| format!(" {stage}"));
    let emergency = if event.emergency { " (emergency)" } else { "" };
    format!("{}{version} {words}{stage}{from}{emergency}", event.model, from = before(event))
}

/// The previous version in the stage, in brackets.
fn before(event: &Event) -> String {
    match (event.from.filter(|from| Some(*from) != event.version), event.action) {
        (Some(from), EventKind::Rollback) => format!(" (rolled back from {from})"),
        (Some(from), EventKind::Promote | EventKind::Request | EventKind::Reject | EventKind::WithdrawRequest) => {
            format!(" (was {from})")
        }
        _ => String::new(),
    }
}
