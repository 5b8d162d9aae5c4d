//! The requester of a move signs it where the review is `signed`. Otherwise one person could ask in another's name, and
//! approve.

use anyhow::Result;

use super::stage::StageChange;
use crate::check::sink::Sink;
use crate::diag::codes::change::REQUEST_NOT_SIGNED;
use crate::model::Review;

/// Judges the requesters' signatures of the new entries, emergencies included. Where the review does not ask for a
/// signature, one that is there has to be good, because a reader takes it for the requester's word. Where approvals are not
/// counted, nobody verifies signatures, so none comes in.
pub(super) fn check(change: &StageChange<'_>, sink: &mut Sink) -> Result<()> {
    let Some(policy) = change.policy() else { return Ok(()) };
    for (index, entry) in change.new_entries() {
        let why = match (&entry.signature, policy.review) {
            (None, Review::Recorded | Review::Forge | Review::None) => continue,
            (Some(_), Review::Forge | Review::None) => format!("{} asks for no signatures", policy.name),
            (_, Review::Signed | Review::Recorded) => match change.requester(index)? {
                Ok(()) => continue,
                Err(why) => why,
            },
        };
        let message = format!("the signature of `{}` does not count for this {}: {why}", entry.by, entry.action.word());
        let hint = "make the move again as the person who asks, with a key that `allowed_signers` lists; `modelreg doctor` shows your key";
        let key = if entry.signature.is_some() { "signature" } else { "by" };
        let key = ["history".into(), index.into(), key.into()];
        sink.key(&REQUEST_NOT_SIGNED, &change.after.source, &key, message, hint);
    }
    Ok(())
}
