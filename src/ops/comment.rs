//! Comments on a version.

use anyhow::Result;

use super::commit::{Done, Message, Plan, Precondition, commit, edit_version};
use super::find;
use super::session::Session;
use crate::model::{Comment, ModelName, Text};

/// Adds a comment to a version, deleted or not.
pub fn comment(session: &Session, name: &ModelName, version: u64, words: &Text) -> Result<Done<()>> {
    commit(session, &Precondition::None, |snapshot, attempt| {
        let name = &find::file(snapshot, name)?.name;
        let manifest = find::manifest(snapshot, name, version)?;
        // The times of comments never decrease, like those of a journal.
        let newest = manifest.comments.last().map_or(manifest.created_at, |last| last.at);
        let at = attempt.at.max(newest);
        let comment = Comment { at, by: attempt.by.clone(), text: words.clone() };
        let edits = edit_version(snapshot, name, version, attempt, |document| {
            document.comment(&comment);
        })?;
        let message = Message::new(format!("Comment on {name} {version}"))
            .body(Some(words.as_str()))
            .trailer("Model", name)
            .trailer("Version", version);
        Ok(Plan::new(edits, message, ()))
    })
}
