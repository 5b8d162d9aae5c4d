//! The moves of a registry, as the chart takes them.

use crate::model::{Action, Timestamp};
use crate::ops::Event;

/// When something moved, and how; none for an event that is no move.
pub(super) fn transition(event: &Event) -> Option<(Timestamp, Action)> {
    let action =
        [Action::Promote, Action::Rollback, Action::Withdraw].into_iter().find(|a| a.word() == event.action)?;
    Some((event.at, action))
}
