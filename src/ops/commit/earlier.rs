//! Finishing the work of a run that was stopped, from its note.

use anyhow::Result;

use crate::ops::refusal::Refusal;
use crate::store::{Behind, Note, Store};

/// Finishes the work of an earlier run, if one was stopped.
pub(in crate::ops) fn finish_earlier(store: &Store) -> Result<Behind> {
    let Some(note) = store.pending()? else { return Ok(Behind::default()) };
    let (note, behind) = resume(store, note)?;
    settle(store, &note, behind)
}

/// Moves the branch to a commit that only the remote has, and updates the checked-out files. Otherwise the paths of the
/// commit would look like the user's edits.
pub(super) fn resume(store: &Store, note: Note) -> Result<(Note, Behind)> {
    let note = store.finish_push(note)?;
    let behind = store.follow(&note);
    Ok((note, behind))
}

/// Removes the note, if no work is left.
pub(super) fn settle(store: &Store, note: &Note, behind: Behind) -> Result<Behind> {
    if let Some((why, hint)) = behind.failed {
        return Err(Refusal::new(format!("an earlier command made its commit, but {why}"), hint).into());
    }
    if !behind.again() {
        store.delete_noted(note)?;
        store.forget_pending()?;
    }
    Ok(behind)
}
