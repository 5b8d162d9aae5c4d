//! New events of a registry: on its branch, and in open requests.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::catalog::{Catalog, CatalogEvent, CatalogModel, CatalogRequests, catalog_requests, model_at};
use super::event::{Event, EventKind};
use super::model_diff::{ModelEdit, model_edits};
use super::registry_branch::RegistryBranch;
use super::review::Request;
use super::session::Session;
use crate::model::{ModelName, Text, Unreadable, UserId};
use crate::store::{FolderWatch, RefWatch, StoreError};

/// The maximum number of commits to read one by one. If the branch has more new commits, only the newest is read.
const MOST_STEPS: usize = 200;

/// Watches the registry's branch. Events before the first look are not reported.
pub struct Watcher<'s> {
    session: &'s Session,
    seen: Arc<Catalog>,
    open: Arc<CatalogRequests>,
}

impl<'s> Watcher<'s> {
    /// Takes the first look.
    pub fn new(session: &'s Session) -> Result<Self> {
        let seen = newest(session, None)?;
        let open = catalog_requests(session, &seen, None)?;
        Ok(Self { session, seen, open })
    }

    /// Fetches from the remote of the registry's branch. Returns false if there is no remote.
    pub fn fetch(&self) -> Result<bool> {
        let Some(remote) = self.session.registry_branch()?.remote else { return Ok(false) };
        self.session.store.fetch(&remote)?;
        Ok(true)
    }

    /// The events since the last look, oldest first. The cost grows with the number of changes.
    pub fn news(&mut self) -> Result<Vec<Event>> {
        let (mut news, mut seen) = (Vec::new(), Arc::clone(&self.seen));
        let tip = self.session.registry_branch()?.tip;
        // Commit by commit, so that edits without an entry in a file are attributed to the right author.
        for commit in self.session.store.steps(seen.commit, tip, MOST_STEPS)? {
            let tree = self.session.store.tree(Some(commit))?;
            let next = match Catalog::of(&tree, Some(commit), Some(&seen)) {
                // A later commit has fixed this one.
                Err(error) if error.is::<Unreadable>() && commit != tip => continue,
                next => Arc::new(next?),
            };
            for model in next.models().filter(|model| !is_among(&seen, model)) {
                news.extend(happened(self.session, &seen, &next, model)?);
            }
            seen = next;
        }
        let open = catalog_requests(self.session, &seen, Some(&self.open))?;
        if !Arc::ptr_eq(&open, &self.open) {
            let before: HashSet<String> = asked(&self.open).map(|(key, _)| key).collect();
            news.extend(asked(&open).filter(|(key, _)| !before.contains(key)).map(|(_, event)| event));
        }
        news.sort_by_key(|event| event.at);
        (self.seen, self.open) = (seen, open);
        Ok(news)
    }
}

/// The catalog at the newest known commit of the registry's branch: in this clone, or on the remote at the last fetch.
/// `before` is the catalog of an earlier commit, if there is one.
pub fn newest(session: &Session, before: Option<&Arc<Catalog>>) -> Result<Arc<Catalog>> {
    let tip = session.registry_branch()?.tip;
    match before {
        Some(before) if before.commit == Some(tip) => Ok(Arc::clone(before)),
        _ => {
            let tree = session.store.tree(Some(tip))?;
            Ok(Arc::new(Catalog::of(&tree, Some(tip), before.map(Arc::as_ref))?))
        }
    }
}

/// Whether the registry's branch has a remote.
pub fn has_remote(session: &Session) -> Result<bool> {
    Ok(session.registry_branch()?.remote.is_some())
}

/// Fetches from the remote of the registry's branch, without prompts for passwords. Returns false if there is no
/// remote.
///
/// # Errors
/// If the fetch fails, or the branch and the remote's branch have diverged.
pub fn follow_remote(session: &Session, limit: Duration) -> Result<bool> {
    let store = &session.store;
    let RegistryBranch { branch, remote: Some(remote), .. } = session.registry_branch()? else { return Ok(false) };
    store.fetch_unattended(&remote, limit)?;
    let theirs = store.tip(&store.remote_branch(&remote, branch.name()))?;
    if let (Some(ours), Some(theirs)) = (store.tip(&branch)?, theirs)
        && !store.stems_from(theirs, ours)?
        && !store.stems_from(ours, theirs)?
    {
        let message = format!("`{0}` and `{remote}/{0}` have diverged", branch.name());
        return Err(StoreError::Diverged { message, branch: branch.name().to_owned(), remote }.into());
    }
    Ok(true)
}

fn is_among(seen: &Catalog, model: &Arc<CatalogModel>) -> bool {
    seen.model(&model.listed.name).is_some_and(|known| Arc::ptr_eq(known, model))
}

/// The events of a model since the earlier catalog, under its present or a former name.
fn happened(session: &Session, seen: &Catalog, next: &Catalog, model: &CatalogModel) -> Result<Vec<Event>> {
    let names = std::iter::once(&model.listed.name).chain(&model.former_names);
    let known = names.into_iter().find_map(|name| seen.model(name));
    let events = known.into_iter().flat_map(|known| known.events());
    let before: HashSet<String> = events.map(|event| key(&event.event())).collect();
    let mut news: Vec<Event> =
        model.events().map(CatalogEvent::event).filter(|event| !before.contains(&key(event))).collect();
    if let Some(known) = known {
        let edits = edited(session, (seen, known), (next, model))?;
        // The difference replaces the file's event `edit`, which does not say what was edited.
        let is_replaced = |event: &Event| edits.iter().any(|edit| edit.file == event.version);
        news.retain(|event| event.action != EventKind::Edit || !is_replaced(event));
        news.extend(edits.into_iter().map(|edit| edit.event));
    }
    Ok(news)
}

/// The edits of a model between two catalogs.
fn edited(
    session: &Session,
    (seen, known): (&Catalog, &CatalogModel),
    (next, model): (&Catalog, &CatalogModel),
) -> Result<Vec<ModelEdit>> {
    let read = |catalog: &Catalog, model: &CatalogModel| match ModelName::new(model.listed.name.as_str()) {
        Ok(name) => model_at(session, catalog.commit, &name),
        Err(_) => Ok(None),
    };
    let (Some(before), Some(after), Some(commit)) = (read(seen, known)?, read(next, model)?, next.commit) else {
        return Ok(Vec::new());
    };
    Ok(model_edits(&before, &after, &session.store.author(commit)?))
}

/// The identity of an event, independent of the model's present name and of later approvals.
fn key(event: &Event) -> String {
    let Event { at, by, action, version, stage, from, text, emergency, .. } = event;
    format!("{at} {by} {action:?} {version:?} {stage:?} {from:?} {text:?} {emergency}")
}

/// The open requests and their approvals as events, each with its identity.
fn asked(open: &CatalogRequests) -> impl Iterator<Item = (String, Event)> {
    // A landed emergency is an event of the journal already.
    open.open.iter().map(|review| &review.request).filter(|request| !request.has_landed()).flat_map(of_request)
}

fn of_request(request: &Request) -> Vec<(String, Event)> {
    let (id, entry) = (&request.id, &request.entry);
    let event = |kind, at, by: &UserId, text: Option<&Text>| Event {
        version: Some(id.version),
        stage: Some(id.stage.to_string()),
        from: entry.from,
        text: text.map(ToString::to_string),
        request: entry.request.as_ref().map(ToString::to_string),
        ..Event::new(kind, at, by, id.model.as_str())
    };
    let asked = event(EventKind::Request, entry.at, &entry.by, entry.reason.as_ref());
    let approvals = entry
        .approvals
        .iter()
        .map(|approval| event(EventKind::Approve, approval.at, &approval.by, approval.comment.as_ref()));
    std::iter::once(asked).chain(approvals).map(|event| (format!("{id} {}", key(&event)), event)).collect()
}

/// Watches the files of the registry's folder; none in a bare repository.
pub fn watch_files(session: &Session) -> Result<Option<FolderWatch>, StoreError> {
    session.store.folder_on_disk()?.map(|folder| FolderWatch::new(&folder)).transpose()
}

/// Watches the refs of the registry's repository. `tell` is called when a ref has moved.
pub fn watch_refs(session: &Session, tell: impl Fn() + Send + 'static) -> Result<RefWatch, StoreError> {
    RefWatch::new(&session.store, tell)
}
