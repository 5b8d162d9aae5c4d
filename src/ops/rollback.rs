//! Going back to the version that was in a stage before.

use anyhow::Result;

use super::commit::{Done, Plan};
use super::find;
use super::message::Message;
use super::refusal::Refusal;
use super::session::Session;
use super::transition::{self, How, Moved, Wanted, commit_move};
use crate::model::{Action, ModelName, ModelSnapshot, RequestId, Snapshot, Stage, Text};

/// What to roll back.
#[derive(Debug, Clone)]
pub struct Rollback {
    /// The model.
    pub model: ModelName,
    /// The stage; none means the last one of the registry, which serves.
    pub stage: Option<String>,
    /// The version to go back to; none means the prior one.
    pub to: Option<u64>,
    /// Why.
    pub reason: Text,
    /// Whether it lands at once, before its approval.
    pub emergency: bool,
}

/// Moves a stage's pointer back.
pub fn rollback(session: &Session, ask: &Rollback) -> Result<Done<Moved>> {
    let id = request_id(session, ask)?;
    let how = if ask.emergency { How::Emergency } else { How::AsThePolicySays };
    commit_move(session, &id, (Action::Rollback, how), Some(&ask.reason), |snapshot, asked| {
        let policy = transition::declared(snapshot, id.stage.as_str())?;
        let model = find::live_model(snapshot, &ask.model)?;
        let name = &model.file.name;
        let stage = transition::stage_of(&model, &policy.name);
        let version = destination(&model, &stage, ask.to)?;
        let wanted = Wanted {
            action: Action::Rollback,
            version,
            reason: Some(&ask.reason),
            keep: false,
            emergency: ask.emergency,
        };
        let (edits, moved) = transition::plan(snapshot, &model, &stage, &wanted, asked)?;
        let from = moved.from.map_or(String::new(), |from| format!(" from {from}"));
        let message = Message::new(format!("Roll back {name} in {}{from} to {version}", policy.name))
            .body(Some(ask.reason.as_str()))
            .trailer("Action", "rollback")
            .trailer("Model", name)
            .trailer("Version", version)
            .trailer("Stage", &policy.name)
            .trailer("Rolled-Back-From", moved.from.map_or("none".to_owned(), |from| from.to_string()));
        Ok(Plan { edits, message, value: moved })
    })
}

/// What would be asked for as a request: the stage and the version as they are found on the branch that it starts from.
fn request_id(session: &Session, ask: &Rollback) -> Result<RequestId> {
    let looked_at = session.for_moves()?;
    let snapshot = Snapshot::open(&looked_at)?;
    let stage = transition::declared(&snapshot, &stage_name(&snapshot, ask.stage.as_deref())?)?.clone();
    let snapshot = if stage.wants_request() { session.on_registry_branch()? } else { looked_at };
    let snapshot = Snapshot::open(&snapshot)?;
    let model = find::live_model(&snapshot, &ask.model)?;
    let version = destination(&model, &transition::stage_of(&model, &stage.name), ask.to)?;
    Ok(RequestId { model: model.file.name, stage: stage.name, version })
}

/// The stage that is meant when none is named: `Production` where there is one, else the last, for versions pass through
/// the stages in their order.
fn stage_name(snapshot: &Snapshot<'_>, named: Option<&str>) -> Result<String> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let stages = &snapshot.registry.stages;
    let stage = snapshot.registry.stage("Production").or(stages.last());
    let none = || Refusal::new("the registry has no stages", "declare them in registry.toml");
    Ok(stage.ok_or_else(none)?.name.to_string())
}

/// Where the rollback goes, or why it cannot.
fn destination(model: &ModelSnapshot, stage: &Stage, to: Option<u64>) -> Result<u64> {
    let (name, shown) = (&model.file.name, &stage.stage);
    let replay = stage.replay();
    let Some(current) = replay.current() else {
        return Err(Refusal::new(
            format!("no version of `{name}` is in {shown}, so there is nothing to roll back"),
            format!("`modelreg promote '{name}' VERSION --to '{shown}'` puts one there"),
        )
        .into());
    };
    let usable = |version: u64| {
        model.file.deleted.is_none()
            && model.versions.get(&version).is_some_and(|m| m.deleted.is_none() && m.archived != Some(true))
    };
    let choices: Vec<String> = {
        let mut held: Vec<u64> =
            stage.history.iter().filter(|m| m.action != Action::Withdraw).map(|m| m.version).collect();
        held.sort_unstable();
        held.dedup();
        held.retain(|&v| v != current && usable(v));
        held.iter().map(u64::to_string).collect()
    };
    let hint = || match choices.as_slice() {
        [] => format!(
            "`modelreg register` and `promote` a good version, or `modelreg withdraw '{name}' {current} --from '{shown}'`"
        ),
        _ => format!("name one that was in {shown} with `--to`: {}", choices.join(", ")),
    };
    let version = match to {
        Some(to) if to == current => {
            return Err(Refusal::new(format!("version {to} of `{name}` is in {shown} now"), hint()).into());
        }
        Some(to) if !stage.has_held(to) => {
            return Err(Refusal::new(format!("version {to} of `{name}` was never in {shown}"), hint()).into());
        }
        Some(to) => to,
        None => replay.prior().ok_or_else(|| {
            Refusal::new(
                format!("version {current} of `{name}` is the first in {shown}: there is no prior version"),
                hint(),
            )
        })?,
    };
    if usable(version) {
        return Ok(version);
    }
    find::live_version(model, version).map_err(|e| {
        let refusal = Refusal::new(format!("the prior version cannot be taken: {e}"), hint());
        anyhow::Error::from(refusal)
    })?;
    Err(Refusal::new(
        format!("version {version} of `{name}` is archived"),
        format!("`modelreg unarchive '{name}' {version}` first, or: {}", hint()),
    )
    .into())
}
