//! The history of models, and the version in each stage at a point in time.

use anyhow::Result;

use super::event::{Event, EventKind};
use super::find;
use super::list::{Answer, all};
use super::session::Session;
use crate::model::{ModelName, ModelSnapshot, Replay, Snapshot, StageName, Timestamp, Tombstone, Unreadable, UserId};

/// The version in a stage at a point in time.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StageVersion {
    /// The model.
    pub model: String,
    /// The stage.
    pub stage: String,
    /// The version.
    pub version: Option<u64>,
    /// The time at which the version entered the stage.
    pub since: Option<Timestamp>,
}

/// The answer to `history`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct History {
    /// The events, oldest first.
    pub events: Vec<Event>,
    /// The version in each stage at the requested time.
    pub stages: Vec<StageVersion>,
    /// The files that cannot be read. Their models are left out.
    pub unreadable: Vec<Unreadable>,
}

/// The events of one model or of all, up to `as_of` if it is given; with a `stage`, only the stage's events. Refused if
/// the registry has no such model or stage.
pub fn history(
    session: &Session,
    name: Option<&ModelName>,
    stage: Option<&StageName>,
    as_of: Option<Timestamp>,
) -> Result<History> {
    let reading = session.read()?;
    let snapshot = Snapshot::open(&reading.tree)?;
    if let Some(stage) = stage {
        find::stage_policy(&snapshot, stage.as_str())?;
    }
    let is_meant = |name: &str| stage.is_none_or(|stage| stage.is(name));
    let until = |at: Timestamp| as_of.is_none_or(|limit| at <= limit);
    let of = |model: ModelSnapshot| {
        let mut events = events(&model);
        events.retain(|event| until(event.at) && event.stage.as_deref().map_or(stage.is_none(), is_meant));
        let mut stage_versions = stage_versions(&model, &until);
        stage_versions.retain(|in_stage| is_meant(&in_stage.stage));
        Some((events, stage_versions))
    };
    let Answer { found, unreadable } = match name {
        Some(name) => Answer { found: of(find::model(&snapshot, name)?).into_iter().collect(), unreadable: Vec::new() },
        None => all(&snapshot, of)?,
    };
    let (events, stages): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut events = events.concat();
    // The sort is stable: events with the same time stay in the order of their journal.
    events.sort_by_key(|event| event.at);
    let mut stages = stages.concat();
    stages.sort_by(|a, b| a.model.cmp(&b.model));
    Ok(History { events, stages, unreadable })
}

fn stage_versions(model: &ModelSnapshot, until: &dyn Fn(Timestamp) -> bool) -> Vec<StageVersion> {
    let of = |stage: &crate::model::Stage| {
        let (mut replay, mut since) = (Replay::default(), None);
        for entry in stage.history.iter().filter(|entry| until(entry.at)) {
            let before = replay.current();
            replay.apply(entry);
            if replay.current() != before {
                since = replay.current().map(|_| entry.at);
            }
        }
        StageVersion {
            model: model.file.name.to_string(),
            stage: stage.stage.to_string(),
            version: replay.current(),
            since,
        }
    };
    model.stages.iter().map(of).filter(|in_stage| in_stage.version.is_some()).collect()
}

/// The events in a model's files, oldest first.
pub(super) fn events(model: &ModelSnapshot) -> Vec<Event> {
    let (file, name) = (&model.file, model.file.name.as_str());
    let event = |kind, at, by: &UserId, version| Event { version, ..Event::new(kind, at, by, name) };
    let mut events = vec![event(EventKind::Create, file.created_at, &file.created_by, None)];
    for manifest in model.versions.values() {
        let number = Some(manifest.version);
        events.push(Event {
            text: manifest.description.as_ref().map(ToString::to_string),
            ..event(EventKind::Register, manifest.created_at, &manifest.created_by, number)
        });
        for comment in &manifest.comments {
            let text = Some(comment.text.to_string());
            events.push(Event { text, ..event(EventKind::Comment, comment.at, &comment.by, number) });
        }
        for closed in &manifest.closed_requests {
            events.push(Event {
                stage: Some(closed.stage.to_string()),
                from: closed.from,
                text: closed.reason.as_ref().map(ToString::to_string),
                requested_by: Some(closed.requested_by.clone()),
                requested_action: Some(closed.action),
                ..event(closed.outcome.into(), closed.at, &closed.by, number)
            });
        }
        let comments = manifest.comments.iter().map(|comment| comment.at);
        let closed = manifest.closed_requests.iter().map(|request| request.at);
        let known: Vec<Timestamp> = comments.chain(closed).chain(manifest.deleted.iter().map(|gone| gone.at)).collect();
        events.extend(deletion(manifest.deleted.as_ref(), |at, by| event(EventKind::Delete, at, by, number)));
        let edited = last_edit(manifest.updated_at, manifest.updated_by.as_ref(), &known);
        events.extend(edited.map(|(at, by)| event(EventKind::Edit, at, by, number)));
    }
    for stage in &model.stages {
        for entry in &stage.history {
            events.push(Event {
                stage: Some(stage.stage.to_string()),
                from: entry.from,
                text: entry.reason.as_ref().map(ToString::to_string),
                emergency: entry.emergency,
                approved_by: entry.approvals.iter().map(|a| a.by.clone()).collect(),
                request: entry.request.as_ref().map(ToString::to_string),
                ..event(entry.action.into(), entry.at, &entry.by, Some(entry.version))
            });
        }
    }
    let known: Vec<Timestamp> = file.deleted.iter().map(|gone| gone.at).collect();
    events.extend(deletion(file.deleted.as_ref(), |at, by| event(EventKind::Delete, at, by, None)));
    let edited = last_edit(file.updated_at, file.updated_by.as_ref(), &known);
    events.extend(edited.map(|(at, by)| event(EventKind::Edit, at, by, None)));
    events.sort_by_key(|event| event.at);
    events
}

fn deletion(gone: Option<&Tombstone>, event: impl Fn(Timestamp, &UserId) -> Event) -> Option<Event> {
    let gone = gone?;
    Some(Event { text: gone.reason.as_ref().map(ToString::to_string), ..event(gone.at, &gone.by) })
}

/// The time and the user of a file's last edit; none if that time is the time of a known event.
fn last_edit<'a>(
    at: Option<Timestamp>,
    by: Option<&'a UserId>,
    known: &[Timestamp],
) -> Option<(Timestamp, &'a UserId)> {
    at.zip(by).filter(|(at, _)| !known.contains(at))
}
