//! Renaming a model. The old name still resolves.

use anyhow::Result;

use super::commit::{Done, Edits, Message, Plan, Precondition, commit};
use super::find;
use super::refusal::Refusal;
use super::session::Session;
use crate::model::layout::MODEL_FILE;
use crate::model::snapshot::text;
use crate::model::write::Document;
use crate::model::{Entry, ModelName, Snapshot, Tree};

/// Moves a model's files to the folder of its new name, and adds the old name to the former names.
pub fn rename(session: &Session, old: &ModelName, new: &ModelName) -> Result<Done<()>> {
    commit(session, &Precondition::None, |snapshot, attempt| {
        let model = find::live_file(snapshot, old)?;
        let old = &model.name;
        if old == new {
            return Err(Refusal::new(format!("the model is already named `{new}`"), "choose another name").into());
        }
        refuse_taken(snapshot, old, new)?;
        let (from, to) = (snapshot.layout().model_folder(old), snapshot.layout().model_folder(new));
        let mut edits = Edits::new();
        let mut paths = Vec::new();
        if let Some(folder) = snapshot.tree.find(&from)? {
            collect(snapshot.tree, &folder, &mut paths)?;
        }
        for entry in paths {
            let rest = &entry.path[from.len()..];
            let target = format!("{to}{rest}");
            let mut content = text(snapshot.tree, &entry)?;
            if rest.strip_prefix('/') == Some(MODEL_FILE) {
                let mut document = Document::parse(&content)?;
                let former = model.former_names.iter().map(ModelName::as_str).filter(|n| *n != new.as_str());
                let former: toml_edit::Array = former.chain([old.as_str()]).collect();
                document
                    .set("name", Some(new.as_str()))
                    .set("former_names", Some(former))
                    .touch(attempt.at, attempt.by.as_str());
                content = document.text();
            }
            edits.insert(entry.path.clone(), None);
            edits.insert(target, Some(content.into_bytes()));
        }
        let message = Message::new(format!("Rename {old} to {new}"))
            .trailer("Action", "rename")
            .trailer("Model", new)
            .trailer("Former-Name", old);
        Ok(Plan::new(edits, message, ()))
    })
}

fn refuse_taken(snapshot: &Snapshot<'_>, old: &ModelName, new: &ModelName) -> Result<()> {
    let folders = snapshot.model_folders()?;
    let taken =
        folders.iter().map(Entry::name).find(|name| name.eq_ignore_ascii_case(new.as_str()) && *name != old.as_str());
    match taken {
        Some(name) => Err(Refusal::new(format!("a model named `{name}` already exists"), "choose another name").into()),
        // Otherwise the other model would no longer be found by its former name.
        None => match snapshot.renamed_from(new.as_str())? {
            Some(other) if other != *old => {
                let why = format!("the model `{other}` was named `{new}` before and is still found by that name");
                Err(Refusal::new(why, "choose another name").into())
            }
            _ => Ok(()),
        },
    }
}

fn collect(tree: &dyn Tree, folder: &Entry, files: &mut Vec<Entry>) -> Result<()> {
    for entry in tree.list(folder)? {
        if entry.is_folder() {
            collect(tree, &entry, files)?;
        } else {
            files.push(entry);
        }
    }
    Ok(())
}
