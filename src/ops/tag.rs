//! Tags of a model or a version.

use anyhow::Result;

use super::commit::{Done, Message, Plan, Precondition, commit, edit, label, select};
use super::find::Target;
use super::refusal::Refusal;
use super::session::Session;
use crate::model::{Key, Text};

/// Tags to set and to remove.
#[derive(Debug, Clone, Default)]
pub struct TagChange {
    /// Keys and their new values.
    pub set: Vec<(Key, Text)>,
    /// Keys to remove.
    pub remove: Vec<Key>,
}

/// Sets and removes tags.
pub fn tag(session: &Session, target: &Target, change: &TagChange, precondition: &Precondition) -> Result<Done<()>> {
    commit(session, precondition, |snapshot, attempt| {
        let (model, manifest) = select(snapshot, target)?;
        let (name, version) = (&model.name, manifest.as_ref().map(|manifest| manifest.version));
        let tags = manifest.as_ref().map_or(&model.tags, |manifest| &manifest.tags);
        if let Some(key) = change.remove.iter().find(|key| !tags.contains_key(*key)) {
            let there: Vec<&str> = tags.keys().map(Key::as_str).collect();
            let hint =
                if there.is_empty() { "no tags are set".into() } else { format!("the tags are {}", there.join(", ")) };
            return Err(Refusal::new(format!("{} has no tag `{key}`", label(name, version)), hint).into());
        }
        let edits = edit(snapshot, name, version, attempt, |document| {
            for (key, value) in &change.set {
                document.set_in("tags", key.as_str(), Some(value.as_str()));
            }
            for key in &change.remove {
                document.set_in("tags", key.as_str(), None::<&str>);
            }
        })?;
        let set = change.set.iter().map(|(key, value)| format!("{key}={value}"));
        let what: Vec<String> = set.chain(change.remove.iter().map(|key| format!("-{key}"))).collect();
        let message = Message::new(format!("Tag {}", label(name, version)))
            .body(Some(&what.join("\n")))
            .trailer("Model", name)
            .version(version);
        Ok(Plan::new(edits, message, ()))
    })
}
